//! What a run adds up: outcomes by kind, latencies from the intended and from the actual instant, lateness.
//!
//! Invariant: every scheduled request is counted exactly once as sent or dropped, and every sent one exactly once as an
//! outcome. Latencies hold only requests whose instant lies after the warm-up and that were answered with a receipt or
//! a reply: refusals are fast and failures are slow, and neither says how long a payment takes.

use super::outcome::{Label, Outcome};
use super::progress::Progress;
use super::slicer::{Counts, Cut, Latency, Slicer};
use crate::constants::{DEADLINE, LATE_AFTER_US};
use crate::histogram::Latencies;
use crate::kind::Kind;
use crate::record::Trio;
use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::time::Duration;

/// When one request was due, left, and ended, in nanoseconds from the start of the run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) due_ns: u64,
    pub(crate) sent_ns: u64,
    pub(crate) done_ns: u64,
    /// Whether it counts in the latencies of a run that looks at some banks apart.
    pub(crate) is_timed: bool,
    /// Whether the mix asks for its refusal.
    pub(crate) is_forbidden: bool,
}

/// A stretch of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) start: Duration,
    pub(crate) length: Duration,
}

/// Counts and latencies of one kind of request.
#[derive(Debug, Default, Clone)]
pub(crate) struct OfKind {
    pub(crate) sent: u64,
    /// By what came of them.
    pub(crate) outcomes: BTreeMap<Label, u64>,
    pub(crate) response: Latencies,
}

/// Everything a run adds up.
#[derive(Debug)]
pub(crate) struct Tally {
    warm_up_ns: u64,
    end_ns: u64,
    deadline_ns: u64,
    pub(crate) seen: Progress,
    pub(crate) by_kind: [OfKind; Kind::COUNT],
    /// Payments of all kinds whose final receipt came within the measured window.
    pub(crate) finals_in_window: u64,
    /// Of those, the ones that met the deadline.
    pub(crate) in_time_in_window: u64,
    /// Requests due in the measured window.
    pub(crate) due_in_window: u64,
    /// Requests that left in the measured window.
    pub(crate) sent_in_window: u64,
    /// Refusals that the mix did not ask for.
    pub(crate) refused_unasked: u64,
    /// Refusals that the mix asked for and that did not come: what the rules forbid was taken.
    pub(crate) unrefused: u64,
    /// Payments of all kinds due in the measured window that did not succeed quickly.
    pub(crate) affected: u64,
    /// Of payments of all kinds due in the measured window.
    pub(crate) measured: Trio,
    pub(crate) lateness: Latencies,
    slicer: Slicer,
}

impl Tally {
    /// For a schedule of `duration`; slices of time are handed to `cuts` as they are over.
    pub(crate) fn new(warm_up: Duration, duration: Duration, cuts: Sender<Cut>) -> Self {
        Self {
            warm_up_ns: nanos(warm_up),
            end_ns: nanos(duration),
            deadline_ns: nanos(DEADLINE),
            seen: Progress::default(),
            by_kind: std::array::from_fn(|_| OfKind::default()),
            finals_in_window: 0,
            in_time_in_window: 0,
            due_in_window: 0,
            sent_in_window: 0,
            refused_unasked: 0,
            unrefused: 0,
            affected: 0,
            measured: Trio::default(),
            lateness: Latencies::new(),
            slicer: Slicer::new(duration, cuts),
        }
    }

    /// With another deadline of payments.
    pub(crate) fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline_ns: nanos(deadline), ..self }
    }

    /// The schedule ends here, before its time: what comes later is outside of the measured window.
    pub(crate) fn note_stop(&mut self, now_ns: u64) {
        self.end_ns = self.end_ns.min(now_ns);
    }

    /// What rates are taken over.
    pub(crate) fn window(&self) -> Window {
        let start_ns = self.warm_up_ns.min(self.end_ns);
        Window { start: Duration::from_nanos(start_ns), length: Duration::from_nanos(self.end_ns - start_ns) }
    }

    /// Time goes on, whether or not anything happens.
    pub(crate) fn note_time(&mut self, now_ns: u64) {
        self.seen.elapsed = Duration::from_nanos(now_ns);
        self.slicer.advance(now_ns);
    }

    /// The run is over: the counts of all slices.
    pub(crate) fn finish(&mut self, now_ns: u64) -> Vec<Counts> {
        self.slicer.finish(now_ns)
    }

    pub(crate) fn note_scheduled(&mut self, due_ns: u64) {
        self.seen.scheduled += 1;
        self.due_in_window += u64::from(self.is_in_window(due_ns));
        self.slicer.at(due_ns).scheduled += 1;
    }

    pub(crate) fn note_dropped(&mut self, due_ns: u64) {
        self.seen.dropped += 1;
        self.slicer.at(due_ns).dropped += 1;
    }

    pub(crate) fn note_sent(&mut self, kind: Kind, due_ns: u64, sent_ns: u64) {
        let late_us = sent_ns.saturating_sub(due_ns) / 1_000;
        let is_late = u64::from(late_us > LATE_AFTER_US);
        self.seen.sent += 1;
        self.seen.late += is_late;
        self.sent_in_window += u64::from(self.is_in_window(sent_ns));
        let counts = self.slicer.at(sent_ns);
        counts.sent += 1;
        counts.late += is_late;
        self.by_kind[kind.index()].sent += 1;
        if due_ns >= self.warm_up_ns {
            self.lateness.record(late_us);
        }
    }

    pub(crate) fn note_outcome(&mut self, kind: Kind, timing: Timing, outcome: &Outcome, internal_us: Option<u64>) {
        self.slicer.advance(timing.done_ns);
        self.count(timing, outcome);
        let of_kind = &mut self.by_kind[kind.index()];
        *of_kind.outcomes.entry(outcome.label()).or_insert(0) += 1;
        if outcome.is_timed() {
            self.note_latency(kind, timing, internal_us);
        }
        self.note_final(kind, timing, outcome);
    }

    fn is_in_window(&self, at_ns: u64) -> bool {
        (self.warm_up_ns..self.end_ns).contains(&at_ns)
    }

    fn count(&mut self, timing: Timing, outcome: &Outcome) {
        let counts = self.slicer.at(timing.done_ns);
        self.seen.completed += 1;
        counts.completed += 1;
        if outcome.is_refusal() {
            self.seen.refused += 1;
            counts.refused += 1;
            self.refused_unasked += u64::from(!timing.is_forbidden);
        }
        if outcome.is_final() {
            self.seen.finals += 1;
            counts.finals += 1;
            self.unrefused += u64::from(timing.is_forbidden && outcome.has_moved());
        }
        if outcome.is_unknown() {
            self.seen.failed += 1;
            counts.unknown += 1;
        }
    }

    fn note_latency(&mut self, kind: Kind, timing: Timing, internal_us: Option<u64>) {
        if !timing.is_timed {
            return;
        }
        let latency = Latency {
            response_us: timing.done_ns.saturating_sub(timing.due_ns) / 1_000,
            service_us: timing.done_ns.saturating_sub(timing.sent_ns) / 1_000,
            internal_us,
            is_warm_up: timing.due_ns < self.warm_up_ns,
        };
        if !latency.is_warm_up {
            self.by_kind[kind.index()].response.record(latency.response_us);
        }
        if kind.is_timed() {
            self.slicer.record(&latency);
            if !latency.is_warm_up {
                latency.record_in(&mut self.measured);
            }
        }
    }

    fn note_final(&mut self, kind: Kind, timing: Timing, outcome: &Outcome) {
        let is_in_time = timing.done_ns.saturating_sub(timing.due_ns) <= self.deadline_ns;
        if outcome.is_final() && kind.is_timed() {
            let is_in_window = self.is_in_window(timing.done_ns);
            self.finals_in_window += u64::from(is_in_window);
            self.in_time_in_window += u64::from(is_in_window && is_in_time);
            self.slicer.at(timing.done_ns).in_time += u64::from(is_in_time);
        }
        if kind.is_timed() && timing.due_ns >= self.warm_up_ns && !(outcome.is_success() && is_in_time) {
            self.affected += 1;
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
