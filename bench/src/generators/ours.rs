//! Our own generator, in this process: the same run as `clearway-loadgen http`.

use std::time::Duration;

use clearway_loadgen::known::KnownServer;
use clearway_loadgen::run::{Conduct, HttpRequest, Progress, Watcher};
use clearway_loadgen::{Plan, Profile, Report, Run, Target};

use super::outcome::{Cost, Hold, Percentiles, Sight};
use super::report::{LOAD, REASON_OURS};
use crate::error::Error;
use crate::interrupt;

/// Name of ours in reports.
pub(super) const NAME: &str = "clearway-loadgen";
/// Room for everything that falls due during a stall.
const CONNECTIONS_MAX: usize = 4_096;
/// Rates at which the cost is looked at; the highest that is valid counts.
const COST_RATES: [f64; 5] = [5_000.0, 10_000.0, 20_000.0, 40_000.0, 80_000.0];
/// Left out at the start: connections are made, caches are filled.
const WARM_UP: Duration = Duration::from_millis(500);

/// Stops a run on Ctrl-C.
struct Interruptible;

impl Watcher for Interruptible {
    fn look(&mut self, _seen: &Progress) -> Conduct {
        if interrupt::check().is_err() { Conduct::Stop } else { Conduct::Continue }
    }
}

/// What is asked of ours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub(super) rate_per_s: f64,
    pub(super) warm_up: Duration,
    pub(super) length: Duration,
    pub(super) seed: u64,
    pub(super) core: Option<usize>,
}

/// Runs it against `server`.
pub(super) fn run(server: &KnownServer, ask: &Ask) -> Result<Report, Error> {
    let plan = Plan {
        profile: Profile::constant(ask.rate_per_s),
        duration: ask.warm_up + ask.length,
        warm_up: ask.warm_up,
        seed: ask.seed,
        connections_max: CONNECTIONS_MAX,
        pin_core: ask.core,
        ..Plan::default()
    };
    let target: Target = format!("http://{}/", server.address()).parse()?;
    let nothing: [&str; 0] = [];
    let request = HttpRequest::new("GET", &nothing, Vec::new().into())?;
    let driven = Run::start_bare(&plan, request, &target)?.drive(&mut Interruptible)?;
    interrupt::check()?;
    Ok(driven.record.report)
}

/// As a row of a scenario.
pub(super) fn sight(report: &Report) -> Sight {
    let seen = report.response_us;
    Sight {
        generator: NAME.to_owned(),
        call: format!("open loop, {:.0}/s", report.offered_per_s),
        rate_per_s: report.achieved_per_s,
        percentiles: Percentiles {
            p50_us: seen.p50 as f64,
            p90_us: seen.p90 as f64,
            p99_us: seen.p99 as f64,
            p999_us: seen.p999 as f64,
        },
        doubts: doubts(report),
    }
}

/// As the row of a held rate.
pub(super) fn hold(report: &Report) -> Hold {
    Hold {
        offered_per_s: report.offered_per_s,
        achieved_per_s: report.achieved_per_s,
        lateness_p50_us: report.lateness_us.p50,
        lateness_p99_us: report.lateness_us.p99,
        lateness_max_us: report.lateness_us.max,
        doubts: doubts(report),
    }
}

fn doubts(report: &Report) -> Vec<String> {
    let unknown = (report.unknown > 0).then(|| format!("{} requests without an answer", report.unknown));
    report.invalid.iter().map(|reason| format!("INVALID: {reason}")).chain(unknown).collect()
}

/// The cost of a request at the highest rate that is valid, or at the lowest tried.
pub(super) fn cost(server: &KnownServer, length: Duration, seed: u64, core: Option<usize>) -> Result<Cost, Error> {
    let mut best: Option<Report> = None;
    for rate_per_s in COST_RATES {
        let report = run(server, &Ask { rate_per_s, warm_up: WARM_UP, length, seed, core })?;
        let is_valid = report.invalid.is_empty();
        if is_valid || best.is_none() {
            best = Some(report);
        }
        if !is_valid {
            break;
        }
    }
    best.map(|report| of_cost(&report)).ok_or_else(|| Error::Unsuited("no rate was tried".to_owned()))
}

fn of_cost(report: &Report) -> Cost {
    let cpu_us_per_request = report.sender_cpu_us_per_request;
    Cost {
        generator: NAME.to_owned(),
        call: format!("open loop, {:.0}/s, {LOAD}", report.offered_per_s),
        rate_per_s: report.achieved_per_s,
        cpu_us_per_request,
        requests_per_core_second: 1e6 / cpu_us_per_request.max(f64::MIN_POSITIVE),
        reason: REASON_OURS.to_owned(),
        doubts: doubts(report),
    }
}
