//! The figures of one run, under the names that the project's reports share.

mod text;
mod validity;

use crate::histogram::Quantiles;
use crate::kind::Kind;
use crate::manifest::rfc_3339;
use crate::plan::Plan;
use crate::run::{Abort, Tally};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A finished run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    /// What was asked for.
    pub plan: Plan,
    /// First instant of the schedule, `2026-11-20T19:35:46.123Z`.
    pub started_at: String,
    /// Number within the transaction ids.
    pub run_number: u32,
    /// Signature suites of the institutions; `none` for bare HTTP.
    pub suite: String,
    /// Begin of the measured window, in seconds from the first instant: the end of the warm-up.
    pub window_start_s: f64,
    /// Measured window: the schedule without its warm-up, in seconds. Latencies are of requests due in it; rates are of
    /// what happened in it.
    pub window_seconds: f64,
    /// From the end of the schedule to the last answer, in seconds; not part of the window.
    pub drain_seconds: f64,
    /// Requests due in the window, per second.
    pub offered_per_s: f64,
    /// Requests that left in the window, per second.
    pub achieved_per_s: f64,
    /// Final receipts of payments and refunds within the window, per second; with bare HTTP answers of 200 to 299, as
    /// wherever payments are spoken of.
    pub payments_per_second: f64,
    /// Of those, the ones that met the deadline: goodput.
    pub goodput_per_s: f64,
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
    /// Of those, refusals that the mix did not ask for.
    pub refused_unasked: u64,
    /// Refusals that the mix asked for and that did not come.
    pub unrefused: u64,
    /// Payments and refunds due in the window without a success by their deadline.
    pub affected: u64,
    /// Requests without a usable answer: their outcome is unknown to the institution.
    pub unknown: u64,
    /// Requests that went wrong: dropped, unknown, refused without being asked for, not refused although asked for.
    pub errors: u64,
    /// By kind of request.
    pub kinds: BTreeMap<String, OfKind>,
    /// Connections opened.
    pub connections: usize,
    /// CPU time of the sending thread per request, in microseconds: composing, signing, sending, and reading the answer,
    /// what was done before the first instant included.
    pub sender_cpu_us_per_request: f64,
    /// Share of a core that the sending thread used from the first instant on.
    pub sender_busy: f64,
    /// Why the run ended itself before its schedule did; `None` = it did not.
    pub aborted: Option<Abort>,
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
#[derive(Debug, Clone, Default)]
pub(crate) struct Measured {
    pub(crate) run_number: u32,
    /// First instant of the schedule, in milliseconds since 1970-01-01 UTC.
    pub(crate) started_unix_millis: u64,
    /// None for bare HTTP.
    pub(crate) suites: Option<String>,
    pub(crate) connections: usize,
    /// CPU time of the sending thread, in all.
    pub(crate) cpu: Duration,
    /// Of that, what was used before the first instant.
    pub(crate) cpu_before: Duration,
    pub(crate) abort: Option<Abort>,
}

impl Report {
    pub(crate) fn new(plan: &Plan, measured: &Measured, tally: &Tally) -> Self {
        let window = tally.window();
        let window_seconds = window.length.as_secs_f64();
        // A run that was stopped in its warm-up has no window, and no rates.
        let per_second = |count: u64| if window.length.is_zero() { 0.0 } else { count as f64 / window_seconds };
        let seen = &tally.seen;
        let mut report = Self {
            plan: plan.clone(),
            started_at: rfc_3339(measured.started_unix_millis),
            run_number: measured.run_number,
            suite: measured.suites.clone().unwrap_or_else(|| "none".into()),
            window_start_s: window.start.as_secs_f64(),
            window_seconds,
            drain_seconds: seen.elapsed.saturating_sub(window.start + window.length).as_secs_f64(),
            offered_per_s: per_second(tally.due_in_window),
            achieved_per_s: per_second(tally.sent_in_window),
            payments_per_second: per_second(tally.finals_in_window),
            goodput_per_s: per_second(tally.in_time_in_window),
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
            refused_unasked: tally.refused_unasked,
            unrefused: tally.unrefused,
            errors: seen.dropped + seen.failed + tally.refused_unasked + tally.unrefused,
            affected: tally.affected,
            unknown: seen.failed,
            kinds: kinds(measured).iter().map(|kind| (kind.name().into(), of_kind(tally, *kind))).collect(),
            connections: measured.connections,
            sender_cpu_us_per_request: measured.cpu.as_secs_f64() * 1e6 / seen.sent.max(1) as f64,
            sender_busy: measured.cpu.saturating_sub(measured.cpu_before).as_secs_f64()
                / seen.elapsed.as_secs_f64().max(1e-9),
            aborted: measured.abort.clone(),
            invalid: Vec::new(),
        };
        report.invalid = validity::doubts(&report);
        report
    }

    /// Whether nothing that was due got a usable answer: the target is down, or no target.
    pub fn is_unanswered(&self) -> bool {
        self.scheduled > 0 && self.unknown + self.dropped == self.scheduled
    }

    /// Whether the sending thread had no time to spare.
    pub fn is_sender_busy(&self) -> bool {
        validity::is_busy(self)
    }
}

fn kinds(measured: &Measured) -> &'static [Kind] {
    if measured.suites.is_some() { &Kind::ALL } else { &[Kind::Bare] }
}

fn of_kind(tally: &Tally, kind: Kind) -> OfKind {
    let of_kind = &tally.by_kind[kind.index()];
    OfKind {
        sent: of_kind.sent,
        outcomes: of_kind.outcomes.iter().map(|(label, count)| (label.to_string(), *count)).collect(),
        response_us: of_kind.response.quantiles(),
    }
}
