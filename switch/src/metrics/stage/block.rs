//! One worker's counts of the stages.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::passage::{Passage, ticks_of};
use super::{PASSED, STAGES};
use crate::metrics::Stage;
use crate::metrics::histogram::{Histogram, TICKS};

/// See the module head.
#[derive(Debug)]
pub(in crate::metrics) struct StageBlock {
    /// Time of payments in each stage.
    pub(super) passed: [Histogram; PASSED],
    /// First byte of the request to last byte of the receipt, as the socket saw it.
    pub(super) whole: Histogram,
    /// CPU, in nanoseconds.
    pub(super) spent_ns: [AtomicU64; STAGES],
}

impl StageBlock {
    pub(in crate::metrics) fn new() -> Self {
        let spent_ns = std::array::from_fn(|_| AtomicU64::new(0));
        Self { passed: std::array::from_fn(|_| Histogram::new(TICKS)), whole: Histogram::new(TICKS), spent_ns }
    }

    /// Every stage counts every payment, so that all have the same number of values.
    #[inline]
    pub(in crate::metrics) fn record(&self, passage: &Passage, whole: Duration) {
        for (histogram, stage) in self.passed.iter().zip(Stage::ALL) {
            histogram.record(passage.ticks(*stage));
        }
        self.whole.record(ticks_of(whole));
    }

    #[inline]
    pub(in crate::metrics) fn spend(&self, spent_ns: &[u64; STAGES]) {
        for (total, ns) in self.spent_ns.iter().zip(spent_ns).filter(|(_, ns)| **ns > 0) {
            total.fetch_add(*ns, Ordering::Relaxed);
        }
    }

    pub(in crate::metrics) fn restart_maxima(&self) {
        self.passed.iter().chain([&self.whole]).for_each(Histogram::restart_maximum);
    }
}
