//! What a command that makes several runs leaves.

use clap::Args;
use clearway_loadgen::Error;
use clearway_loadgen::output::{write_json, write_page};
use serde::Serialize;
use std::fmt::Display;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct ResultArguments {
    /// Write the record to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write its page to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl ResultArguments {
    /// Tells stdout the record, and writes it and what `page` draws of it where that was asked for.
    pub(crate) fn tell<R: Display + Serialize>(&self, record: &R, page: fn(&R) -> String) -> Result<(), Error> {
        println!("{record}");
        if let Some(path) = &self.json {
            write_json(path, record)?;
        }
        if let Some(path) = &self.html {
            write_page(path, &page(record))?;
        }
        Ok(())
    }
}
