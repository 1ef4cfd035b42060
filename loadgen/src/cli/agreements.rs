//! `clearway-loadgen agreements`.

use super::Ending;
use clap::Args;
use clearway_loadgen::{Config, Error, write_agreements_csv};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct Agreements {
    /// counterparties/loadgen.toml, as `clearway init` writes it.
    #[arg(long)]
    config: PathBuf,
    /// Agreements of each pair of institution and bank. Default: as many as a run draws from.
    #[arg(long)]
    count: Option<u32>,
    /// The file to write.
    #[arg(long)]
    out: PathBuf,
}

impl Agreements {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let config = Config::load(&self.config)?;
        let fault = |source| Error::Write { path: self.out.clone(), source };
        let mut out = BufWriter::new(File::create(&self.out).map_err(fault)?);
        let lines = write_agreements_csv(&config, self.count.unwrap_or(config.agreements), &mut out).map_err(fault)?;
        out.flush().map_err(fault)?;
        println!("{lines} agreements in {}", self.out.display());
        Ok(Ending::Good)
    }
}
