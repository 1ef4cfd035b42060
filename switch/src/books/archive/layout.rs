//! The columns of an archive file. All are required: what is not there is an empty text.
//!
//! ```text
//!  trx_id          string                31 digits
//!  batch_id        string                B or D, yyyyMMdd, number
//!  business        string                agreement-payment, refund, payout, ...: the names of the configuration
//!  trx_status      string                00, 01, 03, 04
//!  amount          decimal(18,2)         yuan; the INT64 under it is fen
//!  institution     string                who asked for it, and its number in this switch
//!  institution_no  int32
//!  debit_bank      string                whom leg 1 took the money from
//!  debit_bank_no   int32
//!  credit_bank     string                whom leg 2 gave the money to
//!  credit_bank_no  int32
//!  ori_trx_id      string                of a refund or an adjustment: 31 digits
//!  accepted_at     timestamp(us, UTC)
//!  finished_at     timestamp(us, UTC)    when its status became final
//!  biz_sts_cd      string
//!  has_reserve     boolean               whether one of its legs is booked on the institution's reserve account
//!  biz_tp          string                BizTp, TrxDtTm and SgnNo of the request
//!  trx_dt_tm       string
//!  sgn_no          string
//!  dbtr_bank_id    string                the banks' serials
//!  cdtr_bank_id    string
//!  raw             binary                biz_sts_cd and particulars byte for byte, where a text of them is no UTF-8; else empty
//! ```
//!
//! The metadata of the file says `clearway.layout` (1), `clearway.batch`, and `clearway.provisional` (`true` when the batch was not
//! sealed).

use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr, WriterVersion};
use parquet::schema::types::{ColumnPath, Type, TypePtr};

use crate::domain::clearing::BatchName;
use crate::error::{Error, Fault};

/// Rows of a row group. DuckDB reads row groups in parallel and likes this size.
pub const GROUP_ROWS: usize = 131_072;
/// Digits of an amount; more fen than the wire can carry.
const AMOUNT_DIGITS: i32 = 18;
/// Largest amount that fits, fen.
pub const AMOUNT_FEN_MAX: u64 = 10_u64.pow(AMOUNT_DIGITS as u32) - 1;
/// The fastest: most of these bytes are digits drawn at random, of which a higher level makes little more.
const ZSTD_LEVEL: i32 = 1;
const LAYOUT: &str = "1";

const LAYOUT_KEY: &str = "clearway.layout";
const BATCH_KEY: &str = "clearway.batch";
const PROVISIONAL_KEY: &str = "clearway.provisional";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text with few different values.
    Word,
    /// Text.
    Text,
    Binary,
    Number,
    Fen,
    Micros,
    Flag,
}

/// The columns in order; [`super::rows`] fills and reads them in the same order.
pub(super) const COLUMNS: [(&str, Kind); 22] = [
    ("trx_id", Kind::Text),
    ("batch_id", Kind::Word),
    ("business", Kind::Word),
    ("trx_status", Kind::Word),
    ("amount", Kind::Fen),
    ("institution", Kind::Word),
    ("institution_no", Kind::Number),
    ("debit_bank", Kind::Word),
    ("debit_bank_no", Kind::Number),
    ("credit_bank", Kind::Word),
    ("credit_bank_no", Kind::Number),
    ("ori_trx_id", Kind::Text),
    ("accepted_at", Kind::Micros),
    ("finished_at", Kind::Micros),
    ("biz_sts_cd", Kind::Word),
    ("has_reserve", Kind::Flag),
    ("biz_tp", Kind::Word),
    ("trx_dt_tm", Kind::Text),
    ("sgn_no", Kind::Text),
    ("dbtr_bank_id", Kind::Text),
    ("cdtr_bank_id", Kind::Text),
    ("raw", Kind::Binary),
];

/// The schema of every file.
///
/// # Errors
/// None that this program can do anything about: the columns are constants.
pub(super) fn schema() -> Result<TypePtr, parquet::errors::ParquetError> {
    let fields = COLUMNS.iter().map(|(name, kind)| field(name, *kind).map(Arc::new)).collect::<Result<_, _>>()?;
    Type::group_type_builder("clearway").with_fields(fields).build().map(Arc::new)
}

fn field(name: &str, kind: Kind) -> Result<Type, parquet::errors::ParquetError> {
    let (physical, logical) = match kind {
        Kind::Word | Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Binary => (Physical::BYTE_ARRAY, None),
        Kind::Number => (Physical::INT32, None),
        Kind::Fen => (Physical::INT64, Some(LogicalType::decimal(2, AMOUNT_DIGITS))),
        Kind::Micros => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        Kind::Flag => (Physical::BOOLEAN, None),
    };
    let field =
        Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED).with_logical_type(logical);
    if kind == Kind::Fen { field.with_precision(AMOUNT_DIGITS).with_scale(2).build() } else { field.build() }
}

/// How files are written. The same for the same batch, so that the same lines make the same bytes.
pub(super) fn properties(batch: BatchName, provisional: bool) -> Result<WriterPropertiesPtr, Error> {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).map_err(|error| failed("the archive cannot be written", error))?;
    let pair = |key: &str, value: String| KeyValue::new(key.to_owned(), value);
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by("clearway".to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(vec![
            pair(LAYOUT_KEY, LAYOUT.to_owned()),
            pair(BATCH_KEY, batch.to_string()),
            pair(PROVISIONAL_KEY, provisional.to_string()),
        ]));
    for (name, kind) in COLUMNS {
        if matches!(kind, Kind::Word | Kind::Number) {
            properties = properties.set_column_dictionary_enabled(ColumnPath::from(name), true);
        }
        // Least and greatest of these tell a reader nothing.
        if matches!(kind, Kind::Text | Kind::Binary) && name != "trx_id" {
            properties = properties.set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::None);
        }
    }
    Ok(Arc::new(properties.build()))
}

/// Whether the metadata of a file says that it is of this layout and of this batch.
pub(super) fn check(metadata: Option<&Vec<KeyValue>>, batch: BatchName) -> Result<(), Error> {
    let said = |key: &str| metadata?.iter().find(|pair| pair.key == key)?.value.clone();
    match said(LAYOUT_KEY).as_deref() {
        Some(LAYOUT) => {}
        other => return Err(Error::new(Fault::Data, format!("the layout is {other:?}, not {LAYOUT:?}"))),
    }
    match said(BATCH_KEY) {
        Some(name) if name == batch.to_string() => Ok(()),
        other => Err(Error::new(Fault::Data, format!("the file is of batch {other:?}, not {batch}"))),
    }
}

pub(super) fn failed(what: &str, error: parquet::errors::ParquetError) -> Error {
    Error::new(Fault::Environment, what).caused_by(error)
}
