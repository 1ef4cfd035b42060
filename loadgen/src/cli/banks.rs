//! `clearway-loadgen banks`.

use super::Ending;
use super::until::wait;
use clap::Args;
use clearway_loadgen::mix::MixFile;
use clearway_loadgen::output::write_json;
use clearway_loadgen::page::LedgerPage;
use clearway_loadgen::{Behaviours, Config, Counterparties, Error, Placement};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
pub(crate) struct Banks {
    /// counterparties/loadgen.toml, as `clearway init` writes it.
    #[arg(long)]
    config: PathBuf,
    /// TOML file with the banks' behaviours; healthy banks without it.
    #[arg(long)]
    behaviour: Option<PathBuf>,
    /// TOML file that says how banks behave, the same that `run` sends by; in place of --behaviour.
    #[arg(long, value_name = "FILE", value_parser = super::mix::load, conflicts_with = "behaviour")]
    mix_file: Option<Box<MixFile>>,
    /// Stop after this many seconds; run until SIGINT or SIGTERM without it.
    #[arg(long)]
    seconds: Option<f64>,
    /// Loopback address of the ledger page (GET /ledger, /counts, /links, PUT /behaviour/BANK, /link/PARTICIPANT/NAME).
    #[arg(long)]
    admin: Option<SocketAddr>,
    /// Write the ledgers to this file at the end.
    #[arg(long)]
    ledgers_out: Option<PathBuf>,
    /// Threads that share the banks and institutions.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Cores to pin the threads to, in turn.
    #[arg(long, value_delimiter = ',')]
    pin_cores: Vec<usize>,
    /// Share of the switch's messages whose signature is checked, 0 to 1.
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    verify_share: f64,
}

impl Banks {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let config = Config::load(&self.config)?;
        let behaviours = match &self.mix_file {
            Some(file) => file.behaviours(&config)?,
            None => self.behaviour.as_deref().map(read_behaviours).transpose()?.unwrap_or_default(),
        };
        let placement =
            Placement { threads: self.threads, pin_cores: self.pin_cores.clone(), verify_share: self.verify_share };
        let parties = Arc::new(Counterparties::start_at(&config, &behaviours, &placement)?);
        let page = self.admin.map(|address| LedgerPage::start(Arc::clone(&parties), address)).transpose()?;
        announce(&config, &parties, page.as_ref());
        wait(self.seconds)?;
        drop(page);
        for (bank, counts) in parties.bank_counts() {
            println!("{bank}: {counts:?}");
        }
        if let Some(path) = &self.ledgers_out {
            write_json(path, &parties.ledgers())?;
        }
        Ok(Ending::Good)
    }
}

fn read_behaviours(path: &Path) -> Result<Behaviours, Error> {
    let text = std::fs::read_to_string(path).map_err(|source| Error::File { path: path.into(), source })?;
    toml::from_str(&text).map_err(|error| Error::Config { path: path.into(), message: error.to_string() })
}

fn announce(config: &Config, parties: &Counterparties, page: Option<&LedgerPage>) {
    let banks = config.banks.iter().map(|bank| (&bank.identity, &bank.name));
    let institutions = config.institutions.iter().map(|institution| (&institution.identity, &institution.name));
    for (identity, name) in banks.chain(institutions) {
        for link in parties.links().filter(|link| link.participant() == identity.id) {
            println!("{} {name} {} listens on {}", identity.id, link.name(), link.address());
        }
    }
    if let Some(page) = page {
        println!("ledgers on http://{}/ledger", page.address());
    }
}
