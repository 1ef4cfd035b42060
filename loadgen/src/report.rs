//! The figures of one run, under the names that the project's reports share.

use crate::histogram::Quantiles;
use crate::kind::Kind;
use crate::plan::Plan;
use crate::run::Tally;
use clearway_crypto::Suite;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// A run is not to be trusted when 1 in 100 requests left later than this after its instant, in microseconds.
const LATENESS_P99_MAX_US: u64 = 1_000;
/// Nor when the sending thread used more than this share of a core.
const BUSY_MAX: f64 = 0.8;

/// A finished run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    /// What was asked for.
    pub plan: Plan,
    /// Number within the transaction ids.
    pub run_number: u32,
    /// Signature suite.
    pub suite: String,
    /// Measured window: the schedule without its warm-up, in seconds.
    pub window_seconds: f64,
    /// Final receipts of payments and refunds within the window, per second.
    pub payments_per_second: f64,
    /// From the intended instant to the last byte of the answer, payments and refunds, in microseconds.
    pub response_us: Quantiles,
    /// From the actual sending to the last byte of the answer, in microseconds.
    pub service_us: Quantiles,
    /// The node's own account of its time on them, from its response header, in microseconds.
    pub internal_us: Quantiles,
    /// From the intended instant to the actual sending, all requests, in microseconds.
    pub lateness_us: Quantiles,
    /// Requests whose instant came.
    pub scheduled: u64,
    /// Requests handed to the network.
    pub sent: u64,
    /// Requests that never left: no connection free, backlog full.
    pub dropped: u64,
    /// Requests that left more than a millisecond late.
    pub late: u64,
    /// Final receipts.
    pub finals: u64,
    /// Signed refusals.
    pub refused: u64,
    /// Payments and refunds due in the window without a success within a second of their instant.
    pub affected: u64,
    /// Requests without a usable answer: their outcome is unknown to the institution.
    pub unknown: u64,
    /// By kind of request.
    pub kinds: BTreeMap<String, OfKind>,
    /// Connections opened.
    pub connections: usize,
    /// CPU time of the sending thread per request, in microseconds.
    pub sender_cpu_us_per_request: f64,
    /// Reasons not to trust the latencies of this run; empty = none.
    pub invalid: Vec<String>,
}

/// One kind of request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfKind {
    /// Requests sent.
    pub sent: u64,
    /// What came of them: wire states, return codes, `http_...`, names of faults.
    pub outcomes: BTreeMap<String, u64>,
    /// From the intended instant to the answer, in microseconds.
    pub response_us: Quantiles,
}

/// What a run knows beside its tally.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) run_number: u32,
    pub(crate) suite: Suite,
    pub(crate) connections: usize,
    pub(crate) cpu: Duration,
}

impl Report {
    pub(crate) fn new(plan: &Plan, measured: &Measured, tally: &Tally) -> Self {
        let window_seconds = (plan.duration - plan.warm_up).as_secs_f64();
        let seen = &tally.seen;
        let mut report = Self {
            plan: plan.clone(),
            run_number: measured.run_number,
            suite: measured.suite.to_string(),
            window_seconds,
            payments_per_second: tally.finals_in_window as f64 / window_seconds,
            response_us: tally.measured.response.quantiles(),
            service_us: tally.measured.service.quantiles(),
            internal_us: tally.measured.internal.quantiles(),
            lateness_us: tally.lateness.quantiles(),
            scheduled: seen.scheduled,
            sent: seen.sent,
            dropped: seen.dropped,
            late: seen.late,
            finals: seen.finals,
            refused: seen.refused,
            affected: tally.affected,
            unknown: seen.failed,
            kinds: Kind::ALL.into_iter().map(|kind| (kind.name().into(), of_kind(tally, kind))).collect(),
            connections: measured.connections,
            sender_cpu_us_per_request: measured.cpu.as_secs_f64() * 1e6 / seen.sent.max(1) as f64,
            invalid: Vec::new(),
        };
        report.invalid = report.doubts(measured, seen.elapsed);
        report
    }

    fn doubts(&self, measured: &Measured, elapsed: Duration) -> Vec<String> {
        let busy = measured.cpu.as_secs_f64() / elapsed.as_secs_f64().max(1e-9);
        let late = self.lateness_us.p99;
        [
            (late > LATENESS_P99_MAX_US).then(|| {
                format!("generator late: p99 lateness {late} us; corrected latency includes queueing in the generator")
            }),
            (busy > BUSY_MAX).then(|| format!("generator busy: sending thread used {:.0} % of a core", busy * 100.0)),
            (self.dropped > 0).then(|| format!("{} requests dropped: target rate not sustained", self.dropped)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn of_kind(tally: &Tally, kind: Kind) -> OfKind {
    let of_kind = &tally.by_kind[kind.index()];
    OfKind {
        sent: of_kind.sent,
        outcomes: of_kind.outcomes.iter().map(|(label, count)| (label.to_string(), *count)).collect(),
        response_us: of_kind.response.quantiles(),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |f: &mut fmt::Formatter<'_>, name: &str, quantiles: &Quantiles| {
            let Quantiles { p50, p90, p99, p999, max, .. } = quantiles;
            writeln!(f, "{name:>14}  p50 {p50:>8}  p90 {p90:>8}  p99 {p99:>8}  p999 {p999:>8}  max {max:>8}")
        };
        writeln!(
            f,
            "{:.1} payments/s over {:.1} s of {:.1}/s asked, {}; scheduled {}, sent {}, late {}, dropped {}, refused {}, unknown {}",
            self.payments_per_second,
            self.window_seconds,
            self.plan.profile.mean_per_s(self.plan.duration),
            self.suite,
            self.scheduled,
            self.sent,
            self.late,
            self.dropped,
            self.refused,
            self.unknown
        )?;
        line(f, "response_us", &self.response_us)?;
        line(f, "service_us", &self.service_us)?;
        line(f, "internal_us", &self.internal_us)?;
        line(f, "lateness_us", &self.lateness_us)?;
        for (kind, of_kind) in self.kinds.iter().filter(|(_, of_kind)| of_kind.sent > 0) {
            writeln!(f, "{kind:>14}  sent {}, outcomes {:?}", of_kind.sent, of_kind.outcomes)?;
        }
        self.invalid.iter().try_for_each(|reason| writeln!(f, "       INVALID  {reason}"))
    }
}
