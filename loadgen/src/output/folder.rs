//! All files of a run in one folder.

use super::csv::write_slices_csv;
use super::hgrm::write_hgrm;
use super::hlog::write_hlog;
use super::json::write_json;
use crate::error::Error;
use crate::html::run_page;
use crate::record::{Recording, RunRecord};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The record.
pub const RUN_FILE: &str = "run.json";
/// Figures and plots of the run, a page that stands alone.
pub const PAGE_FILE: &str = "run.html";
/// Second by second.
pub const SLICES_FILE: &str = "slices.csv";
/// Latencies, value by value.
pub const HLOG_FILE: &str = "latency.hlog";
/// Percentile distributions.
pub const HGRM_FILES: [&str; 3] = ["response.hgrm", "service.hgrm", "internal.hgrm"];

/// Writes every file of a run into `folder`, making it if need be. Files of the same names are replaced.
///
/// # Errors
/// [`Error::Write`], naming the file.
pub fn write_folder(folder: &Path, record: &RunRecord, recording: &Recording) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::Write { path: folder.into(), source })?;
    write_json(&folder.join(RUN_FILE), record)?;
    write_page(&folder.join(PAGE_FILE), &run_page(record))?;
    write_file(&folder.join(SLICES_FILE), |out| write_slices_csv(out, &record.slices))?;
    write_file(&folder.join(HLOG_FILE), |out| write_hlog(out, &record.report.started_at, &recording.intervals))?;
    let measured = &recording.measured;
    let series = [&measured.response, &measured.service, &measured.internal];
    for (name, latencies) in HGRM_FILES.into_iter().zip(series) {
        write_file(&folder.join(name), |out| write_hgrm(out, latencies))?;
    }
    Ok(())
}

/// Writes a page.
///
/// # Errors
/// [`Error::Write`].
pub fn write_page(path: &Path, page: &str) -> Result<(), Error> {
    write_file(path, |out| out.write_all(page.as_bytes()))
}

fn write_file(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> Result<(), Error> {
    let fault = |source| Error::Write { path: path.into(), source };
    let mut out = BufWriter::new(File::create(path).map_err(fault)?);
    write(&mut out).and_then(|()| out.flush()).map_err(fault)
}
