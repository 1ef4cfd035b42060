//! Against whom a load goes, what it sends, and how it is settled and judged: what `run`, `find-max` and `overload`
//! share.

use super::mix::MixArguments;
use super::schedule::seconds;
use super::signatures::SignatureArguments;
use super::valve::ValveArguments;
use clap::Args;
use clearway_crypto::{Digester, FileDigest};
use clearway_loadgen::manifest::Manifest;
use clearway_loadgen::page::{fetch_cpu, fetch_ledgers};
use clearway_loadgen::record::RunRecord;
use clearway_loadgen::run::Driven;
use clearway_loadgen::{Config, Error, Plan, Settlement, Target};
use std::path::PathBuf;
use std::time::Duration;

/// How long the books may take to agree once nothing is open any more: terminal notices are on their way.
const AGREEMENT_LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub(crate) struct LoadArguments {
    /// counterparties/loadgen.toml, as `clearway init` writes it.
    #[arg(long)]
    config: PathBuf,
    /// Where the switch is, in place of the configuration's target.
    #[arg(long)]
    target: Option<String>,
    #[command(flatten)]
    mix: MixArguments,
    /// Seed of schedule, mix and contents.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Most connections to the switch. Default: 1024; 4000 for overload.
    #[arg(long)]
    connections: Option<usize>,
    #[command(flatten)]
    valve: ValveArguments,
    #[command(flatten)]
    signatures: SignatureArguments,
    /// Core to pin the sending thread to.
    #[arg(long)]
    pin_core: Option<usize>,
    /// Query what is still open for so many seconds at most.
    #[arg(long, default_value_t = 60.0)]
    settle_seconds: f64,
    /// Ledger pages of `clearway-loadgen banks`, for the oracle.
    #[arg(long)]
    ledgers: Vec<String>,
}

impl LoadArguments {
    /// The counterparties, and where the switch is.
    pub(crate) fn load(&self) -> Result<(Config, Target), Error> {
        let config = Config::load(&self.config)?;
        let target: Target = self.target.as_deref().unwrap_or(&config.target).parse()?;
        config.check_target(&target)?;
        Ok((config, target))
    }

    /// Program, machine and what was given to it, for the record.
    pub(crate) fn manifest(&self, target: &Target) -> Result<Manifest, Error> {
        let text = std::fs::read(&self.config).map_err(|source| Error::File { path: self.config.clone(), source })?;
        let mut digester = Digester::new(FileDigest::Sha256);
        digester.update(&text);
        Ok(Manifest::inspect(self.seed, target.url(), Some(digester.finish())))
    }

    /// A plan without a schedule of its own.
    pub(crate) fn plan(&self) -> Plan {
        self.plan_like(Plan::default())
    }

    /// The same where `usual` says what is not given.
    pub(crate) fn plan_like(&self, usual: Plan) -> Plan {
        self.signatures.apply(Plan {
            mix: self.mix.mix(),
            seed: self.seed,
            connections_max: self.connections.unwrap_or(usual.connections_max),
            pin_core: self.pin_core,
            valve: self.valve.valve(),
            ..usual
        })
    }

    /// CPU time that the banks have used so far; `None` without ledger pages, or where they do not tell.
    pub(crate) fn banks_cpu(&self) -> Option<Duration> {
        let known = fetch_cpu(&self.ledgers).inspect_err(|error| eprintln!("no cost of banks: {error}"));
        known.ok().filter(|_| !self.ledgers.is_empty())
    }

    /// Asks for what is open, and judges by the ledger pages where any were given.
    pub(crate) fn close(&self, driven: &mut Driven, config: &Config, target: &Target) -> Result<(), Error> {
        let limit = seconds("settle-seconds", self.settle_seconds)?;
        driven.settle(&Settlement { limit, ..Settlement::default() }, config, target)?;
        if !self.ledgers.is_empty() {
            driven.judge(|| fetch_ledgers(&self.ledgers), limit.min(AGREEMENT_LIMIT))?;
        }
        Ok(())
    }
}

/// Tells stdout what came of settling and judging.
pub(crate) fn tell_close(record: &RunRecord) {
    if let Some(settled) = &record.settled {
        println!(
            "settled {} open transactions with {} queries in {:.1} s; {} remain",
            settled.open, settled.queries, settled.seconds, settled.remaining
        );
    }
    match &record.verdict {
        Some(verdict) => println!("{verdict}"),
        None => println!("no --ledgers: nothing to judge by"),
    }
}
