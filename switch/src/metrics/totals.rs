//! All workers' blocks added up at one moment: what both the exposition and the status are made from.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use clearway_crypto::transport::Refusal;

use super::histogram::{HistogramSnapshot, MICROS};
use super::meters::{Case, Count, LegOutcome, Level, Timing};
use super::worker::{Block, LEGS, STATUSES};

/// One line of `clearway_leg_outcomes_total`.
#[derive(Debug, Clone, Copy)]
pub(super) struct LegLine {
    pub(super) participant: usize,
    pub(super) leg: usize,
    pub(super) outcome: LegOutcome,
    pub(super) count: u64,
}

#[derive(Debug)]
pub(super) struct Totals {
    pub(super) counts: Vec<u64>,
    pub(super) levels: Vec<i64>,
    pub(super) cases: Vec<u64>,
    pub(super) statuses: [u64; STATUSES],
    pub(super) refused: BTreeMap<String, u64>,
    pub(super) http_refused: BTreeMap<String, u64>,
    pub(super) tls_refused: [u64; Refusal::ALL.len()],
    pub(super) timings: Vec<HistogramSnapshot>,
    pub(super) legs: Vec<LegLine>,
    pub(super) in_flight: Vec<i64>,
}

impl Totals {
    pub(super) fn of<'a>(blocks: impl Iterator<Item = &'a Block> + Clone, participants: usize) -> Self {
        let sum = |read: &dyn Fn(&Block) -> u64| blocks.clone().map(read).fold(0, u64::saturating_add);
        let level = |read: &dyn Fn(&Block) -> i64| blocks.clone().map(read).fold(0, i64::saturating_add);
        let mut totals = Self {
            counts: Count::ALL
                .iter()
                .map(|meter| sum(&|block| block.counts[*meter as usize].load(Ordering::Relaxed)))
                .collect(),
            levels: Level::ALL
                .iter()
                .map(|meter| level(&|block| block.levels[*meter as usize].load(Ordering::Relaxed)))
                .collect(),
            cases: Case::ALL
                .iter()
                .map(|meter| sum(&|block| block.cases[*meter as usize].load(Ordering::Relaxed)))
                .collect(),
            statuses: std::array::from_fn(|status| sum(&|block| block.statuses[status].load(Ordering::Relaxed))),
            refused: BTreeMap::new(),
            http_refused: BTreeMap::new(),
            tls_refused: std::array::from_fn(|kind| sum(&|block| block.tls_refused[kind].load(Ordering::Relaxed))),
            timings: Timing::ALL
                .iter()
                .map(|timing| {
                    let histograms = blocks.clone().map(|block| &block.timings[*timing as usize]);
                    HistogramSnapshot::merged(MICROS, histograms)
                })
                .collect(),
            legs: Vec::new(),
            in_flight: (0..participants).map(|participant| level(&|block| block.in_flight(participant))).collect(),
        };
        for block in blocks.clone() {
            block.refused.add_to(&mut totals.refused);
            block.http_refused.add_to(&mut totals.http_refused);
        }
        for participant in 0..participants {
            for leg in 0..LEGS {
                for outcome in LegOutcome::ALL.iter().copied() {
                    let count = sum(&|block| block.leg_outcomes(participant, leg, outcome));
                    if count > 0 {
                        totals.legs.push(LegLine { participant, leg, outcome, count });
                    }
                }
            }
        }
        totals
    }

    pub(super) fn count(&self, meter: Count) -> u64 {
        self.counts.get(meter as usize).copied().unwrap_or(0)
    }

    pub(super) fn level(&self, meter: Level) -> i64 {
        self.levels.get(meter as usize).copied().unwrap_or(0)
    }

    pub(super) fn timing(&self, timing: Timing) -> &HistogramSnapshot {
        &self.timings[timing as usize]
    }
}
