//! `clearway-loadgen run`.

use super::{Ending, write_json};
use clap::Args;
use clearway_loadgen::page::fetch_ledgers;
use clearway_loadgen::run::Progress;
use clearway_loadgen::{
    Arrival, Config, Error, Finished, Mix, Oracle, Plan, Profile, Report, Settled, Settlement, Target, Verdict, settle,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

/// How long the books may take to agree once nothing is open any more: terminal notices are on their way.
const AGREEMENT_LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// counterparties/loadgen.toml, as `clearway init` writes it.
    #[arg(long)]
    config: PathBuf,
    /// Requests a second, over all institutions and kinds.
    #[arg(long, default_value_t = 100.0)]
    rate: f64,
    /// How long requests are scheduled.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Leave so many seconds at the start out of latencies and rates.
    #[arg(long, default_value_t = 0.0)]
    warm_up_seconds: f64,
    /// Spread of arrivals.
    #[arg(long, value_enum, default_value_t)]
    arrival: Arrival,
    /// What is sent: `all`, or weights such as payments=90,refunds=5,queries=5,duplicates=0,skew=0,excess-refunds=0; also
    /// payouts, certified, entrusted, gateway, signs, ends, mandates, mandate-ends, order-queries, details, closes,
    /// control-numbers, disputes, cancels
    #[arg(long, default_value = "")]
    mix: Mix,
    /// Seed of schedule, mix and contents.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Most connections to the switch.
    #[arg(long, default_value_t = clearway_loadgen::constants::CONNECTIONS_MAX)]
    connections: usize,
    /// Where the switch is, in place of the configuration's target.
    #[arg(long)]
    target: Option<String>,
    /// Query what is still open for so many seconds at most.
    #[arg(long, default_value_t = 60.0)]
    settle_seconds: f64,
    /// Ledger pages of `clearway-loadgen banks`, for the oracle.
    #[arg(long)]
    ledgers: Vec<String>,
    /// Core to pin the sending thread to.
    #[arg(long)]
    pin_core: Option<usize>,
    /// Write report, settlement and verdict to this file.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// What the JSON file holds.
#[derive(Debug, Serialize)]
struct Document {
    report: Report,
    settled: Settled,
    /// None without ledgers to judge by.
    verdict: Option<Verdict>,
}

impl Run {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let config = Config::load(&self.config)?;
        let target: Target = self.target.as_deref().unwrap_or(&config.target).parse()?;
        if target.is_https() != config.is_tls() {
            let why = "https:// goes with [tls] in the configuration, http:// without it";
            return Err(Error::Target(target.address().to_string(), why.into()));
        }
        let mut finished = self.send(&config, &target)?;
        println!("{}", finished.report);
        if finished.report.unknown == finished.report.sent {
            println!("no answer from {}", target.address());
            return Ok(Ending::TargetDown);
        }
        let limit = seconds("settle-seconds", self.settle_seconds)?;
        let settlement = Settlement { limit, ..Settlement::default() };
        let settled = settle(&settlement, &config, &target, &mut finished.tracker)?;
        println!(
            "settled {} open transactions with {} queries in {:.1} s; {} remain",
            settled.open, settled.queries, settled.seconds, settled.remaining
        );
        let verdict = self.judge(&finished, limit)?;
        let ending = if verdict.as_ref().map_or(settled.remaining == 0, |verdict| verdict.ok) {
            Ending::Good
        } else {
            Ending::Bad
        };
        if let Some(path) = &self.json {
            write_json(path, &Document { report: finished.report, settled, verdict })?;
        }
        Ok(ending)
    }

    fn plan(&self) -> Result<Plan, Error> {
        Ok(Plan {
            profile: Profile::constant(self.rate),
            duration: seconds("seconds", self.seconds)?,
            warm_up: seconds("warm-up-seconds", self.warm_up_seconds)?,
            arrival: self.arrival,
            mix: self.mix.clone(),
            seed: self.seed,
            connections_max: self.connections,
            pin_core: self.pin_core,
            ..Plan::default()
        })
    }

    fn send(&self, config: &Config, target: &Target) -> Result<Finished, Error> {
        const TICK: Duration = Duration::from_millis(200);
        let run = clearway_loadgen::Run::start(&self.plan()?, config, target)?;
        let bar = ProgressBar::new((self.seconds * 1_000.0) as u64);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {msg}") {
            bar.set_style(style);
        }
        while !run.is_finished() {
            let seen = run.progress();
            bar.set_position(u64::try_from(seen.elapsed.as_millis()).unwrap_or(u64::MAX));
            bar.set_message(describe(&seen));
            std::thread::sleep(TICK);
        }
        bar.finish_and_clear();
        run.wait()
    }

    fn judge(&self, finished: &Finished, limit: Duration) -> Result<Option<Verdict>, Error> {
        if self.ledgers.is_empty() {
            println!("no --ledgers: nothing to judge by");
            return Ok(None);
        }
        let limit = limit.min(AGREEMENT_LIMIT);
        let verdict = Oracle::await_agreement(|| fetch_ledgers(&self.ledgers), &finished.tracker, limit)?;
        println!("{verdict}");
        Ok(Some(verdict))
    }
}

fn describe(seen: &Progress) -> String {
    format!(
        "{:.0} s: sent {}, final {}, refused {}, failed {}, late {}, dropped {}",
        seen.elapsed.as_secs_f64(),
        seen.sent,
        seen.finals,
        seen.refused,
        seen.failed,
        seen.late,
        seen.dropped
    )
}

fn seconds(name: &str, value: f64) -> Result<Duration, Error> {
    Duration::try_from_secs_f64(value).map_err(|_| Error::Plan(format!("{name} = {value}: not a length of time")))
}
