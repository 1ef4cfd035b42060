//! `clearway-loadgen page`.

use super::Ending;
use clap::Args;
use clearway_loadgen::Error;
use clearway_loadgen::html::page_of;
use clearway_loadgen::output::write_page;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Page {
    /// A record that `run`, `find-max` or `overload` wrote with --json.
    record: PathBuf,
    /// The page to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Page {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let unreadable = |source| Error::File { path: self.record.clone(), source };
        let json = std::fs::read_to_string(&self.record).map_err(unreadable)?;
        let page = page_of(&json).map_err(|message| Error::Config { path: self.record.clone(), message })?;
        write_page(&self.out, &page)?;
        Ok(Ending::Good)
    }
}
