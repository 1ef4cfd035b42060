//! Where a run's files go.

use clap::Args;
use clearway_loadgen::Error;
use clearway_loadgen::html::run_page;
use clearway_loadgen::output::{write_folder, write_json, write_page};
use clearway_loadgen::run::Driven;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct OutputArguments {
    /// Write the run's record to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the run's page to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write every file of the run into this folder: record, page, slices as CSV, HdrHistogram log and distributions.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl OutputArguments {
    /// Writes what was asked for.
    pub(crate) fn write(&self, driven: &Driven) -> Result<(), Error> {
        if let Some(path) = &self.json {
            write_json(path, &driven.record)?;
        }
        if let Some(path) = &self.html {
            write_page(path, &run_page(&driven.record))?;
        }
        if let Some(folder) = &self.out {
            write_folder(folder, &driven.record, &driven.recording)?;
            println!("files of the run in {}", folder.display());
        }
        Ok(())
    }
}
