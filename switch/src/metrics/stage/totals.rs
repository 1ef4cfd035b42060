//! The stages of all workers, and the totals that they are to explain, at one moment.

use std::sync::atomic::Ordering;

use super::block::StageBlock;
use super::{PASSED, STAGES};
use crate::metrics::Stage;
use crate::metrics::histogram::{HistogramSnapshot, TICKS};

/// Everything since the node's start, or, by [`StageTotals::since`], since some later moment.
#[derive(Debug, Clone)]
pub(in crate::metrics) struct StageTotals {
    pub(in crate::metrics) passed: [HistogramSnapshot; PASSED],
    pub(in crate::metrics) whole: HistogramSnapshot,
    pub(in crate::metrics) spent_ns: [u64; STAGES],
    /// Payments that became final.
    pub(super) finals: u64,
    /// CPU of the whole process, microseconds.
    pub(super) process_us: u64,
}

/// What is measured elsewhere.
#[derive(Debug, Clone, Copy)]
pub(in crate::metrics) struct Beside {
    /// CPU of the journal's threads, microseconds.
    pub(in crate::metrics) journal_us: u64,
    /// Payments that became final.
    pub(in crate::metrics) finals: u64,
    /// CPU of the whole process, microseconds.
    pub(in crate::metrics) process_us: u64,
}

impl StageTotals {
    pub(in crate::metrics) fn of<'a>(blocks: impl Iterator<Item = &'a StageBlock> + Clone, beside: Beside) -> Self {
        let spent = |stage: usize| blocks.clone().map(move |block| block.spent_ns[stage].load(Ordering::Relaxed));
        let mut spent_ns: [u64; STAGES] =
            std::array::from_fn(|stage| spent(stage).fold(0, |sum: u64, ns| sum.saturating_add(ns)));
        // What the journal does is what a recorded payment waits for.
        if let Some(commit) = spent_ns.get_mut(Stage::CommitWait as usize) {
            *commit = commit.saturating_add(beside.journal_us.saturating_mul(1_000));
        }
        let passed = |stage| HistogramSnapshot::merged(TICKS, blocks.clone().map(|block| &block.passed[stage]));
        Self {
            passed: std::array::from_fn(passed),
            whole: HistogramSnapshot::merged(TICKS, blocks.clone().map(|block| &block.whole)),
            spent_ns,
            finals: beside.finals,
            process_us: beside.process_us,
        }
    }

    /// What came after `earlier`.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        Self {
            passed: std::array::from_fn(|stage| self.passed[stage].since(&earlier.passed[stage])),
            whole: self.whole.since(&earlier.whole),
            spent_ns: std::array::from_fn(|stage| self.spent_ns[stage].saturating_sub(earlier.spent_ns[stage])),
            finals: self.finals.saturating_sub(earlier.finals),
            process_us: self.process_us.saturating_sub(earlier.process_us),
        }
    }
}
