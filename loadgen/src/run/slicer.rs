//! Cuts a run into slices of time as it goes on.
//!
//! ```text
//! sending thread: counts by slice, latencies of the open slice --a cut, once a slice--> recorder's thread: quantiles, packing
//! ```
//!
//! Invariant: counts of all slices add up to the run's totals, and the measured latencies of all cuts add up, value by
//! value, to the run's histograms. The sending thread only adds up and hands over; what takes longer is done elsewhere,
//! so that no request leaves late for the sake of a chart.

use crate::record::{Slice, Trio};
use std::sync::mpsc::Sender;
use std::time::Duration;

/// Most slices of a run's schedule: an hour of seconds. Longer runs have longer slices.
const SLICES_MAX: u64 = 3_600;
/// Most slices of a whole run; the last one takes what comes later, which is bounded by the time-outs of requests.
const SLICES_AND_DRAIN_MAX: usize = 2 * SLICES_MAX as usize;

/// How many requests did what within one slice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) scheduled: u64,
    pub(crate) sent: u64,
    pub(crate) late: u64,
    pub(crate) dropped: u64,
    pub(crate) completed: u64,
    pub(crate) finals: u64,
    pub(crate) in_time: u64,
    pub(crate) refused: u64,
    pub(crate) unknown: u64,
}

impl Counts {
    /// Under way after a slice that began with `before` under way.
    fn in_flight_after(&self, before: u64) -> u64 {
        (before + self.scheduled).saturating_sub(self.dropped + self.completed)
    }

    /// These counts in `slice`; what was under way at its end.
    pub(super) fn write(&self, slice: &mut Slice, before: u64) -> u64 {
        let Self { scheduled, sent, late, dropped, completed, finals, in_time, refused, unknown } = *self;
        let in_flight = self.in_flight_after(before);
        *slice =
            Slice { scheduled, sent, late, dropped, completed, finals, in_time, refused, unknown, in_flight, ..*slice };
        in_flight
    }
}

/// A slice that is over.
#[derive(Debug)]
pub(crate) struct Cut {
    pub(crate) at: Duration,
    pub(crate) length: Duration,
    /// What was counted so far; a request that is scheduled late may still be added.
    pub(crate) counts: Counts,
    /// Of requests due after the warm-up.
    pub(crate) measured: Trio,
    /// Of requests due during the warm-up.
    pub(crate) warm_up: Option<Box<Trio>>,
}

/// Latencies of one answer, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Latency {
    pub(super) response_us: u64,
    pub(super) service_us: u64,
    pub(super) internal_us: Option<u64>,
    pub(super) is_warm_up: bool,
}

impl Latency {
    pub(super) fn record_in(&self, trio: &mut Trio) {
        trio.response.record(self.response_us);
        trio.service.record(self.service_us);
        if let Some(internal_us) = self.internal_us {
            trio.internal.record(internal_us);
        }
    }
}

/// The slices of one run.
#[derive(Debug)]
pub(crate) struct Slicer {
    length_ns: u64,
    counts: Vec<Counts>,
    /// Place of the slice that latencies go into.
    open: usize,
    measured: Trio,
    warm_up: Option<Box<Trio>>,
    cuts: Sender<Cut>,
}

impl Slicer {
    /// For a schedule of `duration`.
    pub(crate) fn new(duration: Duration, cuts: Sender<Cut>) -> Self {
        let length_s = duration.as_secs_f64().ceil().max(1.0) as u64;
        let length_ns = length_s.div_ceil(SLICES_MAX).saturating_mul(1_000_000_000);
        Self { length_ns, counts: Vec::new(), open: 0, measured: Trio::default(), warm_up: None, cuts }
    }

    /// Where to count what happened at this instant.
    pub(super) fn at(&mut self, nanos: u64) -> &mut Counts {
        let place = self.place(nanos);
        if self.counts.len() <= place {
            self.counts.resize_with(place + 1, Counts::default);
        }
        &mut self.counts[place]
    }

    /// Takes down the latency of an answer that came in the open slice, see [`Slicer::advance`].
    pub(super) fn record(&mut self, latency: &Latency) {
        let trio = if latency.is_warm_up { self.warm_up.get_or_insert_default() } else { &mut self.measured };
        latency.record_in(trio);
    }

    /// Cuts off what is over at this instant.
    pub(crate) fn advance(&mut self, now_ns: u64) {
        while self.open < self.place(now_ns) {
            self.cut((self.open as u64 + 1) * self.length_ns);
        }
    }

    /// Cuts off the rest; the last slice ends at this instant. The counts of all slices, as they are in the end.
    pub(crate) fn finish(&mut self, now_ns: u64) -> Vec<Counts> {
        self.advance(now_ns);
        self.cut(now_ns.max(self.open as u64 * self.length_ns));
        std::mem::take(&mut self.counts)
    }

    fn place(&self, nanos: u64) -> usize {
        usize::try_from(nanos / self.length_ns).unwrap_or(usize::MAX).min(SLICES_AND_DRAIN_MAX - 1)
    }

    fn cut(&mut self, end_ns: u64) {
        let start_ns = self.open as u64 * self.length_ns;
        let cut = Cut {
            at: Duration::from_nanos(start_ns),
            length: Duration::from_nanos(end_ns - start_ns),
            counts: *self.at(start_ns),
            measured: std::mem::take(&mut self.measured),
            warm_up: self.warm_up.take(),
        };
        self.open += 1;
        // Nobody records: nobody wants to know.
        let _ = self.cuts.send(cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_long_run_has_longer_slices_and_no_more_of_them() {
        for (seconds, length_s) in [(0.2, 1), (5.0, 1), (3_600.0, 1), (3_600.5, 2), (86_400.0, 24)] {
            let (cuts, _received) = channel();
            let slicer = Slicer::new(Duration::from_secs_f64(seconds), cuts);
            assert_eq!(slicer.length_ns, length_s * 1_000_000_000, "{seconds} s");
            let last = slicer.place((seconds * 1e9) as u64);
            assert!(last <= SLICES_MAX as usize, "{seconds} s: slice {last}");
            assert_eq!(slicer.place(u64::MAX), SLICES_AND_DRAIN_MAX - 1);
        }
    }
}
