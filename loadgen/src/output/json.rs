//! Records as JSON.

use crate::error::Error;
use crate::record::{FORMAT, RunRecord};
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// Largest record read, in bytes: a run of two days has a tenth of it.
const RECORD_BYTES_MAX: u64 = 256 << 20;

/// Writes `value` as readable JSON with a final line end.
///
/// # Errors
/// [`Error::Write`].
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let fault = |source| Error::Write { path: path.into(), source };
    let mut writer = BufWriter::new(File::create(path).map_err(fault)?);
    serde_json::to_writer_pretty(&mut writer, value).map_err(|error| fault(error.into()))?;
    writeln!(writer).and_then(|()| writer.flush()).map_err(fault)
}

/// Reads the record of a run.
///
/// # Errors
/// [`Error::File`] when it cannot be read; [`Error::Config`] when it is no record, or one of another format.
pub fn read_record(path: &Path) -> Result<RunRecord, Error> {
    let mut text = String::new();
    let file = File::open(path).map_err(|source| Error::File { path: path.into(), source })?;
    file.take(RECORD_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|source| Error::File { path: path.into(), source })?;
    let fault = |message: String| Error::Config { path: path.into(), message };
    let record: RunRecord =
        serde_json::from_str(&text).map_err(|error| fault(format!("no record of a run: {error}")))?;
    if record.format != FORMAT {
        return Err(fault(format!("format {}: this program reads {FORMAT}", record.format)));
    }
    Ok(record)
}
