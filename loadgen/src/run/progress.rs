//! Counters of a run that another thread may read while it goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A look at a run in progress.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Time since the first instant of the schedule.
    pub elapsed: Duration,
    /// Requests whose instant has come.
    pub scheduled: u64,
    /// Requests handed to the network.
    pub sent: u64,
    /// Requests with an end: an answer or a failure.
    pub completed: u64,
    /// Of those, receipts with a final state.
    pub finals: u64,
    /// Of those, signed refusals.
    pub refused: u64,
    /// Of those, without a usable answer.
    pub failed: u64,
    /// Requests that left more than a millisecond late.
    pub late: u64,
    /// Requests that never left, for want of room.
    pub dropped: u64,
}

/// The live counters behind [`Progress`]: written by the sending thread alone.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    elapsed_us: AtomicU64,
    counts: [AtomicU64; 8],
}

impl Counters {
    pub(super) fn publish(&self, seen: &Progress) {
        self.elapsed_us.store(u64::try_from(seen.elapsed.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        let values = [
            seen.scheduled,
            seen.sent,
            seen.completed,
            seen.finals,
            seen.refused,
            seen.failed,
            seen.late,
            seen.dropped,
        ];
        for (cell, value) in self.counts.iter().zip(values) {
            cell.store(value, Ordering::Relaxed);
        }
    }

    pub(super) fn read(self: &Arc<Self>) -> Progress {
        let [scheduled, sent, completed, finals, refused, failed, late, dropped] =
            std::array::from_fn(|place| self.counts[place].load(Ordering::Relaxed));
        let elapsed = Duration::from_micros(self.elapsed_us.load(Ordering::Relaxed));
        Progress { elapsed, scheduled, sent, completed, finals, refused, failed, late, dropped }
    }
}
