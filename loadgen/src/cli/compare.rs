//! `clearway-loadgen compare`.

use super::Ending;
use clap::Args;
use clearway_loadgen::Error;
use clearway_loadgen::compare::Comparison;
use clearway_loadgen::html::comparison_page;
use clearway_loadgen::output::{read_record, write_json, write_page};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// Records of runs, as `run --json` writes them; the first one is what the others are measured against.
    #[arg(required = true, num_args = 2.., value_name = "RECORD")]
    records: Vec<PathBuf>,
    /// Write the comparison to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page that lays the runs over each other to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Compare {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let records = self.records.iter().map(|path| read_record(path)).collect::<Result<Vec<_>, _>>()?;
        let names: Vec<String> = self.records.iter().map(|path| path.display().to_string()).collect();
        let comparison = Comparison::of(names.iter().map(String::as_str).zip(&records));
        print!("{comparison}");
        if let Some(path) = &self.json {
            write_json(path, &comparison)?;
        }
        if let Some(path) = &self.html {
            let runs: Vec<_> = names.into_iter().zip(records).collect();
            write_page(path, &comparison_page(&runs))?;
        }
        Ok(Ending::Good)
    }
}
