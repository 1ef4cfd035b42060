//! The files of a report, derived from its raw ones: what measuring writes and verifying compares.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::model::{Answer, derive};
use super::page::page;
use super::raw::Raw;
use crate::cli::to_json;
use crate::error::Error;

/// Names of the files beside the raw ones.
pub(super) const MEASUREMENTS: &str = "measurements.json";
/// The answer: every number of the page.
pub(super) const REPORT: &str = "report.json";
/// The page.
pub(super) const PAGE: &str = "report.html";

/// A report as its raw files have it.
#[derive(Debug)]
pub(super) struct Report {
    /// What it says.
    pub(super) answer: Answer,
    /// Whether no run of it broke a rule.
    pub(super) is_right: bool,
    /// Names and contents, to the byte.
    pub(super) files: [(&'static str, String); 3],
}

impl Report {
    /// Derives everything from the raw files in `folder`.
    ///
    /// # Errors
    /// A raw file is missing, or says something else than it should.
    pub(super) fn derive(folder: &Path) -> Result<Self, Error> {
        let raw = Raw::read(folder)?;
        let measurements = raw.measurements()?;
        let written = to_json(&measurements)? + "\n";
        let answer = derive(measurements, raw.request.clone())?;
        let files = [(MEASUREMENTS, written), (REPORT, to_json(&answer)? + "\n"), (PAGE, page(&answer))];
        Ok(Self { answer, is_right: raw.runs.iter().all(|(_, run)| run.is_right()), files })
    }

    /// Removes the files of an earlier report from `folder`, so that none stands beside raw files of another course.
    ///
    /// # Errors
    /// One is there and cannot be removed.
    pub(super) fn discard(folder: &Path) -> Result<(), Error> {
        for path in [MEASUREMENTS, REPORT, PAGE].map(|name| folder.join(name)) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Error::machine(format!("remove {}", path.display()))(error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Writes the files into `folder`.
    ///
    /// # Errors
    /// One cannot be written.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Error> {
        for (name, text) in &self.files {
            let path = folder.join(name);
            fs::write(&path, text).map_err(Error::machine(format!("write {}", path.display())))?;
        }
        Ok(())
    }
}
