//! The rows that a whole node gives: its sustained rate, what a payment costs it, how long a payment stays in it.

use std::time::Duration;

use clearway_crypto::Suite;
use clearway_loadgen::Mix;
use clearway_loadgen::constants::{BACKLOG_MAX, CONNECTIONS_MAX};

use super::row::Goal;
use super::search::{Depth, Found, search};
use super::{Bench, Row};
use crate::demo::floors;
use crate::error::Error;
use crate::probe::{CryptoFloor, ExchangeFloor};
use crate::rig::{Load, Rig, Setup, Trial, modest_rate};

/// The figures of a data centre of 2017: payments a second, and average time in the platform in microseconds (business.md 10).
const DATA_CENTRE_PER_S: f64 = 5_300.0;
const DATA_CENTRE_US: f64 = 71_000.0;
/// The bare exchange is a floor only when its server was as busy as this.
const EXCHANGE_BUSY_MIN: f64 = 0.8;
/// Load at which costs and latencies are taken, as a share of the sustained rate.
const WORKING_LOAD: f64 = 0.7;

/// A load of new payments alone: a rate in requests is then a rate in payments.
pub(crate) fn payments(label: &str, rate: f64, warm_up_s: f64, measured_s: f64, seed: u64) -> Load {
    Load {
        label: format!("{label} at {rate:.0}/s"),
        rate_per_s: rate,
        warm_up: Duration::from_secs_f64(warm_up_s),
        measured: Duration::from_secs_f64(measured_s),
        mix: Mix::payments_only(),
        seed,
        connections_max: CONNECTIONS_MAX,
        backlog_max: BACKLOG_MAX,
        signed_before: false,
        apart: Vec::new(),
    }
}

/// A broken rule meets no goal. A run that was disturbed from outside, or whose load was saturated, decides nothing.
pub(super) fn judge(row: Row, trials: &[Trial]) -> Row {
    let is_disturbed = |trial: &Trial| trial.is_saturated() || !trial.disturbances().is_empty();
    match (trials.iter().all(|trial| trial.verdict.is_safe()), trials.iter().any(is_disturbed)) {
        (false, _) => row.missed(),
        (true, true) => row.undecided(),
        (true, false) => row,
    }
}

/// The highest rate that one core holds with P-256: what held for seconds has held for longer as well, and that is what is reported.
pub(super) fn sustained(bench: &Bench) -> Result<Vec<Row>, Error> {
    let suite = Suite::EcdsaP256Sha256;
    let mut rig = Rig::start(&Setup::of(suite), &bench.scratch, &bench.cores)?;
    let (warm_up_s, probe_s, hold_s) = bench.depth((2.0, 6.0, 15.0), (1.0, 2.0, 3.0));
    let depth = Depth { warm_up_s, probe_s, hold_s };
    let found = search(&mut rig, 2.0 * modest_rate(suite), &depth, bench.arguments.seed)?;
    let reached = found.held.report.payments_per_second;
    let row = Row::new("sustained_rate", "payments/s", reached, Some(DATA_CENTRE_PER_S), Goal::ValueAtLeast(3_500.0));
    Ok(vec![judge(row.with_note(describe(&found)), std::slice::from_ref(&found.held))])
}

/// The highest rate that the node of `rig` holds, in payments a second; takes some minutes.
///
/// # Errors
/// No rate holds, or a rule was broken.
pub(crate) fn find_capacity(rig: &mut Rig, suite: Suite, seed: u64) -> Result<f64, Error> {
    let depth = Depth { warm_up_s: 2.0, probe_s: 6.0, hold_s: 6.0 };
    Ok(search(rig, 2.0 * modest_rate(suite), &depth, seed)?.rate_per_s())
}

fn describe(found: &Found) -> String {
    let Trial { window, report, .. } = &found.held;
    format!(
        "{} by {}, one core, {}, {}; held for {:.0} s: {}{}",
        report.suite,
        window.status.backends.get(&report.suite).map_or("?", String::as_str),
        window.status.journal.durability,
        window.status.journal.driver,
        window.seconds,
        found.held.describe(),
        found.limit()
    )
}

/// Cost of a payment with RSA-2048 and P-256, overhead, and time in the platform, at a working load.
pub(super) fn costs(bench: &Bench, sustained: f64, [cost, overhead, internal]: [bool; 3]) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    let p256 = Costs::measure(bench, Suite::EcdsaP256Sha256, |_| sustained * WORKING_LOAD)?;
    if cost {
        // A core's worth of signatures, with what the goal allows beside them.
        let rsa =
            Costs::measure(bench, Suite::Rsa2048Sha256, |crypto| 1e6 / (crypto.payment_us() * 1.25) * WORKING_LOAD)?;
        rows.push(rsa.row("cpu_us_per_payment_rsa_2048", 1.25));
        rows.push(p256.row("cpu_us_per_payment_p256", 1.7));
    }
    if overhead {
        rows.push(p256.overhead());
    }
    if internal {
        rows.extend(p256.internal());
    }
    Ok(rows)
}

/// One suite at a working load, repeated.
struct Costs {
    crypto: CryptoFloor,
    exchange: ExchangeFloor,
    /// By CPU per payment, the median first.
    trials: Vec<Trial>,
}

impl Costs {
    fn measure(bench: &Bench, suite: Suite, rate: impl Fn(&CryptoFloor) -> f64) -> Result<Self, Error> {
        let (crypto, exchange) = floors(suite, &bench.cores)?;
        let rate = rate(&crypto);
        let mut rig = Rig::start(&Setup::of(suite), &bench.scratch, &bench.cores)?;
        let (warm_up, measured, repeats) = bench.depth((3.0, 10.0, 3), (1.0, 3.0, 1));
        let mut trials = Vec::new();
        for _ in 0..repeats {
            trials.push(rig.run(&payments(&suite.to_string(), rate, warm_up, measured, bench.arguments.seed))?);
        }
        trials.sort_by(|one, other| one.window.cpu_us_per_payment().total_cmp(&other.window.cpu_us_per_payment()));
        let median = (trials.len() - 1) / 2;
        trials.swap(0, median);
        Ok(Self { crypto, exchange, trials })
    }

    fn cpu_us(&self) -> f64 {
        self.trials.first().map_or(f64::NAN, |trial| trial.window.cpu_us_per_payment())
    }

    fn row(&self, name: &str, most: f64) -> Row {
        let row = Row::new(name, "us", self.cpu_us(), Some(self.crypto.payment_us()), Goal::RatioAtMost(most));
        let CryptoFloor { backend, sign_us, verify_us } = self.crypto;
        self.explain(row, &format!("floor: 3 x sign {sign_us:.1} us + 3 x verify {verify_us:.1} us, {backend}"))
    }

    fn overhead(&self) -> Row {
        let (beyond, exchanges) = (self.cpu_us() - self.crypto.payment_us(), 3.0 * self.exchange.server_cpu_us);
        let row = Row::new("overhead", "us", beyond, Some(exchanges), Goal::RatioAtMost(3.0));
        let ExchangeFloor { server_cpu_us, exchanges_per_s, server_busy } = self.exchange;
        let floor = format!(
            "floor: 3 x {server_cpu_us:.2} us, hyper served {exchanges_per_s:.0}/s at {:.0} % of a core",
            server_busy * 100.0
        );
        // A server that waits for its driver sleeps and wakes for each exchange, and looks dearer than it is.
        let row = if server_busy < EXCHANGE_BUSY_MIN { row.undecided() } else { row };
        self.explain(row, &floor)
    }

    fn internal(&self) -> Option<Row> {
        let trial = self.trials.first()?;
        let row = Row::new(
            "internal_us_p99",
            "us",
            trial.window.internal_us.p99 as f64,
            Some(DATA_CENTRE_US),
            Goal::ValueAtMost(10_000.0),
        );
        let all: Vec<String> = self.trials.iter().map(|trial| trial.window.internal_us.p99.to_string()).collect();
        Some(self.explain(row, &format!("p99 of all runs {}", all.join(" "))))
    }

    /// Adds load, spread and doubts.
    fn explain(&self, row: Row, note: &str) -> Row {
        let Some(trial) = self.trials.first() else { return row.undecided() };
        let spread: Vec<String> =
            self.trials.iter().map(|trial| format!("{:.0}", trial.window.cpu_us_per_payment())).collect();
        let doubts: String = trial.doubts().iter().map(|doubt| format!("; INVALID: {doubt}")).collect();
        let row = row.with_note(format!(
            "{} at {:.0}/s, CPU of {} runs (median first) {} us; {note}; {}{doubts}",
            trial.report.suite,
            trial.load.rate_per_s,
            self.trials.len(),
            spread.join(" "),
            trial.describe()
        ));
        judge(row, &self.trials)
    }
}
