//! The lines of an archived batch.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use clearway_codec::value::TrxStatus;
use parquet::column::reader::ColumnReader;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use super::digested::digest_of;
use super::layout::{self, COLUMNS};
use super::writer::path_of;
use crate::books::{LineSource, Progress};
use crate::domain::business::Business;
use crate::domain::clearing::BatchName;
use crate::domain::statement::{Line, Particulars};
use crate::error::{Error, Fault};

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 4096;

/// The archive under a folder.
#[derive(Clone, Debug)]
pub struct Archive {
    dir: PathBuf,
}

impl Archive {
    /// The archive with its root at `dir`: `archive` in the folder of the books.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Where the file of a batch is, or would be.
    #[must_use]
    pub fn path(&self, batch: BatchName) -> PathBuf {
        path_of(&self.dir, batch)
    }

    /// Whether the batch is archived.
    #[must_use]
    pub fn has(&self, batch: BatchName) -> bool {
        self.path(batch).is_file()
    }

    /// Reads the whole file of a batch and looks whether it is still what was written. Parquet by itself does not notice every damage.
    ///
    /// # Errors
    /// It has another digest, or it cannot be read.
    pub fn check(&self, batch: BatchName, digest: &str) -> Result<(), Error> {
        let path = self.path(batch);
        let found = File::open(&path).and_then(digest_of).map_err(|error| Error::file("read", &path, error))?;
        if found == digest { Ok(()) } else { Err(damaged(&path, "the archive is not what was written")) }
    }
}

impl LineSource for Archive {
    fn for_each(
        &self,
        batch: BatchName,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Line<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let path = self.path(batch);
        let file = File::open(&path).map_err(|error| Error::file("open", &path, error))?;
        let reader = guarded(&path, || SerializedFileReader::new(file))?;
        let metadata = reader.metadata().file_metadata();
        layout::check(metadata.key_value_metadata(), batch).map_err(|error| error.at(path.display().to_string()))?;
        let all = u64::try_from(metadata.num_rows()).unwrap_or_default();
        let mut done = 0;
        for group in 0..reader.num_row_groups() {
            let group = guarded(&path, || reader.get_row_group(group))?;
            done += read_group(&*group, batch, &path, &mut |line| each(line))?;
            progress.at(done, all);
        }
        Ok(())
    }
}

/// What the library makes of the file. It panics over some damage; nothing that it was building is used then.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, Error> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(error)) => Err(damaged(path, "the archive is damaged").caused_by(error)),
        Err(_) => Err(damaged(path, "the archive is damaged")),
    }
}

/// Some rows of one column.
enum Values {
    Texts(Vec<ByteArray>),
    Numbers(Vec<i32>),
    Longs(Vec<i64>),
    Flags(Vec<bool>),
}

/// Shows the lines of a row group; gives their number.
fn read_group(
    group: &dyn RowGroupReader,
    batch: BatchName,
    path: &Path,
    each: &mut dyn FnMut(&Line<'_>) -> Result<(), Error>,
) -> Result<u64, Error> {
    if group.num_columns() != COLUMNS.len() {
        return Err(damaged(path, "the archive has other columns"));
    }
    let mut readers =
        guarded(path, || (0..COLUMNS.len()).map(|at| group.get_column_reader(at)).collect::<Result<Vec<_>, _>>())?;
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
    let mut done = 0;
    while done < rows {
        let wanted = (rows - done).min(ROWS_AT_ONCE);
        let read = || readers.iter_mut().map(|reader| read_values(reader, wanted)).collect::<Result<Vec<_>, _>>();
        let columns = guarded(path, read)?;
        for row in 0..wanted {
            each(
                &line_at(&columns, row, batch)
                    .ok_or_else(|| damaged(path, "the archive holds a row that is no line"))?,
            )?;
        }
        done += wanted;
    }
    Ok(rows as u64)
}

fn read_values(reader: &mut ColumnReader, rows: usize) -> Result<Values, ParquetError> {
    macro_rules! values {
        ($reader:expr, $kind:ident) => {{
            let mut values = Vec::with_capacity(rows);
            let (read, _, _) = $reader.read_records(rows, None, None, &mut values)?;
            if read != rows {
                return Err(ParquetError::EOF("a column ends early".to_owned()));
            }
            Ok(Values::$kind(values))
        }};
    }
    match reader {
        ColumnReader::ByteArrayColumnReader(reader) => values!(reader, Texts),
        ColumnReader::Int32ColumnReader(reader) => values!(reader, Numbers),
        ColumnReader::Int64ColumnReader(reader) => values!(reader, Longs),
        ColumnReader::BoolColumnReader(reader) => values!(reader, Flags),
        _ => Err(ParquetError::General("a column has another type".to_owned())),
    }
}

/// The line of a row; nothing when the values can be no line.
fn line_at(columns: &[Values], row: usize, batch: BatchName) -> Option<Line<'_>> {
    let text = |at: usize| match columns.get(at)? {
        Values::Texts(values) => values.get(row).map(ByteArray::data),
        _ => None,
    };
    let index = |at: usize| match columns.get(at)? {
        Values::Numbers(values) => values.get(row).and_then(|number| u16::try_from(*number).ok()),
        _ => None,
    };
    let long = |at: usize| match columns.get(at)? {
        Values::Longs(values) => values.get(row).map(|number| number.cast_unsigned()),
        _ => None,
    };
    let flag = |at: usize| match columns.get(at)? {
        Values::Flags(values) => values.get(row).copied(),
        _ => None,
    };
    let (code, particulars) = match text(21)? {
        b"" => {
            let serials = [text(19)?, text(20)?];
            let particulars = Particulars { biz_tp: text(16)?, trx_time: text(17)?, sgn_no: text(18)?, serials };
            (text(14)?.try_into().ok()?, particulars)
        }
        raw => {
            let (code, particulars) = raw.split_first_chunk::<8>()?;
            (*code, Particulars::decode(particulars).ok()?)
        }
    };
    Some(Line {
        trx_id: id(text(0)?)?,
        batch,
        business: Business::from_name(std::str::from_utf8(text(2)?).ok()?)?,
        status: status(text(3)?)?,
        amount_fen: long(4)?,
        institution: index(6)?,
        banks: [index(8)?, index(10)?],
        original: if text(11)?.is_empty() { 0 } else { id(text(11)?)? },
        accepted_at_us: long(12)?,
        finished_at_us: long(13)?,
        code,
        has_reserve: flag(15)?,
        particulars,
    })
}

fn id(digits: &[u8]) -> Option<u128> {
    let number = |part: &[u8]| {
        part.iter()
            .try_fold(0_u64, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0')))
    };
    let (high, low) = digits.split_at_checked(15)?;
    if low.len() != 16 {
        return None;
    }
    Some(u128::from(number(high)?) * 10_u128.pow(16) + u128::from(number(low)?))
}

fn status(code: &[u8]) -> Option<TrxStatus> {
    TrxStatus::ALL.into_iter().find(|status| status.code().as_bytes() == code)
}

fn damaged(path: &Path, what: &str) -> Error {
    Error::new(Fault::Data, what).at(path.display().to_string()).remedy("archive the batch again")
}
