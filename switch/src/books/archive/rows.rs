//! Lines as columns: a group of rows on its way into a file.

use bytes::Bytes;
use parquet::column::writer::{ColumnCloseResult, get_column_writer, get_typed_column_writer};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterPropertiesPtr;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::layout::{AMOUNT_FEN_MAX, COLUMNS, GROUP_ROWS};
use crate::domain::business::rules;
use crate::domain::statement::Line;
use crate::error::{Error, Fault};

/// The ids of participants, each asked for once.
pub(super) struct Names<'n> {
    name_of: &'n dyn Fn(u16) -> String,
    known: Vec<Option<ByteArray>>,
}

impl<'n> Names<'n> {
    pub(super) const fn new(name_of: &'n dyn Fn(u16) -> String) -> Self {
        Self { name_of, known: Vec::new() }
    }

    fn get(&mut self, participant: u16) -> ByteArray {
        let at = usize::from(participant);
        if at >= self.known.len() {
            self.known.resize(at + 1, None);
        }
        self.known[at].get_or_insert_with(|| ByteArray::from((self.name_of)(participant).into_bytes())).clone()
    }
}

/// Texts one behind the other.
#[derive(Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Texts {
    /// A group holds fewer than 2^32 bytes of a column: 131,072 rows of 1,288 bytes at most.
    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len() as u32);
    }

    /// 31 digits, or nothing for 0.
    fn push_id(&mut self, id: u128) {
        if id == 0 {
            return self.push(b"");
        }
        let mut digits = [b'0'; 31];
        // Two halves that fit into machine words.
        let (high, low) = (id / 10_u128.pow(16), id % 10_u128.pow(16));
        let (mut high, mut low) = (high as u64, low as u64);
        for digit in digits[15..].iter_mut().rev() {
            *digit += (low % 10) as u8;
            low /= 10;
        }
        for digit in digits[..15].iter_mut().rev() {
            *digit += (high % 10) as u8;
            high /= 10;
        }
        self.push(&digits);
    }

    fn into_values(self) -> Vec<ByteArray> {
        let bytes = Bytes::from(self.bytes);
        let mut start = 0;
        let value = |end: u32| {
            let range = start..end as usize;
            start = end as usize;
            ByteArray::from(bytes.slice(range))
        };
        self.ends.into_iter().map(value).collect()
    }
}

/// One column of a group.
pub(super) enum Column {
    Texts(Texts),
    Words(Vec<ByteArray>),
    Numbers(Vec<i32>),
    Longs(Vec<i64>),
    Flags(Vec<bool>),
}

/// A group of rows.
#[derive(Default)]
pub(super) struct Rows {
    trx_id: Texts,
    batch_id: Vec<ByteArray>,
    business: Vec<ByteArray>,
    trx_status: Vec<ByteArray>,
    amount: Vec<i64>,
    institution: Vec<ByteArray>,
    institution_no: Vec<i32>,
    banks: [Vec<ByteArray>; 2],
    bank_nos: [Vec<i32>; 2],
    ori_trx_id: Texts,
    accepted_at: Vec<i64>,
    finished_at: Vec<i64>,
    biz_sts_cd: Texts,
    has_reserve: Vec<bool>,
    biz_tp: Texts,
    trx_dt_tm: Texts,
    sgn_no: Texts,
    serials: [Texts; 2],
    raw: Texts,
}

impl Rows {
    pub(super) fn is_full(&self) -> bool {
        self.amount.len() >= GROUP_ROWS
    }

    pub(super) fn is_empty(&self) -> bool {
        self.amount.is_empty()
    }

    /// Adds a line of the batch with this name.
    pub(super) fn push(&mut self, line: &Line<'_>, batch: &ByteArray, names: &mut Names<'_>) -> Result<(), Error> {
        if line.amount_fen > AMOUNT_FEN_MAX {
            return Err(too_large(line));
        }
        self.trx_id.push_id(line.trx_id);
        self.batch_id.push(batch.clone());
        self.business.push(static_text(rules(line.business).name));
        self.trx_status.push(static_text(line.status.code()));
        self.amount.push(line.amount_fen as i64);
        self.institution.push(names.get(line.institution));
        self.institution_no.push(i32::from(line.institution));
        for (leg, bank) in line.banks.into_iter().enumerate() {
            self.banks[leg].push(names.get(bank));
            self.bank_nos[leg].push(i32::from(bank));
        }
        self.ori_trx_id.push_id(line.original);
        self.accepted_at.push(line.accepted_at_us.cast_signed());
        self.finished_at.push(line.finished_at_us.cast_signed());
        self.has_reserve.push(line.has_reserve);
        self.push_texts(line);
        Ok(())
    }

    /// What came from messages. Their checks let only UTF-8 through; a value that was cut within a character is none any more.
    fn push_texts(&mut self, line: &Line<'_>) {
        let particulars = &line.particulars;
        let [debtor, creditor] = particulars.serials;
        let texts = [&line.code, particulars.biz_tp, particulars.trx_time, particulars.sgn_no, debtor, creditor];
        let [debtors, creditors] = &mut self.serials;
        let columns =
            [&mut self.biz_sts_cd, &mut self.biz_tp, &mut self.trx_dt_tm, &mut self.sgn_no, debtors, creditors];
        let mut is_text = true;
        for (column, text) in columns.into_iter().zip(texts) {
            match std::str::from_utf8(text) {
                Ok(text) => column.push(text.as_bytes()),
                Err(_) => {
                    is_text = false;
                    column.push(String::from_utf8_lossy(text).as_bytes());
                }
            }
        }
        if is_text {
            self.raw.push(b"");
        } else {
            let mut raw = line.code.to_vec();
            particulars.encode(&mut raw);
            self.raw.push(&raw);
        }
    }

    /// The columns, in the order of [`COLUMNS`].
    pub(super) fn into_columns(self) -> [Column; COLUMNS.len()] {
        let ([debit, credit], [debit_no, credit_no], [debtor, creditor]) = (self.banks, self.bank_nos, self.serials);
        [
            Column::Texts(self.trx_id),
            Column::Words(self.batch_id),
            Column::Words(self.business),
            Column::Words(self.trx_status),
            Column::Longs(self.amount),
            Column::Words(self.institution),
            Column::Numbers(self.institution_no),
            Column::Words(debit),
            Column::Numbers(debit_no),
            Column::Words(credit),
            Column::Numbers(credit_no),
            Column::Texts(self.ori_trx_id),
            Column::Longs(self.accepted_at),
            Column::Longs(self.finished_at),
            Column::Texts(self.biz_sts_cd),
            Column::Flags(self.has_reserve),
            Column::Texts(self.biz_tp),
            Column::Texts(self.trx_dt_tm),
            Column::Texts(self.sgn_no),
            Column::Texts(debtor),
            Column::Texts(creditor),
            Column::Texts(self.raw),
        ]
    }
}

fn static_text(text: &'static str) -> ByteArray {
    ByteArray::from(Bytes::from_static(text.as_bytes()))
}

fn too_large(line: &Line<'_>) -> Error {
    Error::new(Fault::Data, format!("payment {:031} has more fen than an archive can hold", line.trx_id))
}

/// A column as it stands in a file, but for its place there.
pub(super) type Encoded = (Bytes, ColumnCloseResult);

impl Column {
    /// Encodes and compresses it.
    pub(super) fn encode(
        self,
        column: ColumnDescPtr,
        properties: WriterPropertiesPtr,
    ) -> Result<Encoded, ParquetError> {
        match self {
            Self::Texts(texts) => encode::<ByteArrayType>(&texts.into_values(), column, properties),
            Self::Words(words) => encode::<ByteArrayType>(&words, column, properties),
            Self::Numbers(numbers) => encode::<Int32Type>(&numbers, column, properties),
            Self::Longs(longs) => encode::<Int64Type>(&longs, column, properties),
            Self::Flags(flags) => encode::<BoolType>(&flags, column, properties),
        }
    }
}

fn encode<T: DataType>(
    values: &[T::T],
    column: ColumnDescPtr,
    properties: WriterPropertiesPtr,
) -> Result<Encoded, ParquetError> {
    let mut sink = TrackedWrite::new(Vec::new());
    let pages = Box::new(SerializedPageWriter::new(&mut sink));
    let mut writer = get_typed_column_writer::<T>(get_column_writer(column, properties, pages));
    writer.write_batch(values, None, None)?;
    let closed = writer.close()?;
    Ok((Bytes::from(sink.into_inner()?), closed))
}
