//! The block of atomics that one worker writes, and the handle with which it does.
//!
//! Invariant: increments are relaxed atomics in memory of one worker: no lock, no line shared with another worker.
//! A reading is therefore never torn, but two counters read one after the other may be a payment apart.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use clearway_crypto::transport::Refusal;

use super::Metrics;
use super::code_counts::CodeCounts;
use super::histogram::{Histogram, MICROS};
use super::meters::{Case, Count, LegOutcome, Level, Timing};
use super::stage::{Passage, STAGES, StageBlock};

/// Legs of a payment.
pub(super) const LEGS: usize = 2;
/// Wire statuses 00 to 04.
pub(super) const STATUSES: usize = 5;
const OUTCOMES: usize = LegOutcome::ALL.len();

#[derive(Debug)]
pub(super) struct Block {
    pub(super) counts: [AtomicU64; Count::ALL.len()],
    pub(super) levels: [AtomicI64; Level::ALL.len()],
    pub(super) cases: [AtomicU64; Case::ALL.len()],
    pub(super) statuses: [AtomicU64; STATUSES],
    pub(super) refused: CodeCounts,
    pub(super) http_refused: CodeCounts,
    /// Connections that were not let in, by kind.
    pub(super) tls_refused: [AtomicU64; Refusal::ALL.len()],
    pub(super) timings: Box<[Histogram]>,
    pub(super) stages: StageBlock,
    /// Leg outcomes: participant x leg x outcome.
    legs: Box<[AtomicU64]>,
    /// Requests to each participant that are not answered yet.
    in_flight: Box<[AtomicI64]>,
}

impl Block {
    pub(super) fn new(participants: usize) -> Self {
        Self {
            counts: Default::default(),
            levels: Default::default(),
            cases: Default::default(),
            statuses: Default::default(),
            refused: CodeCounts::new(),
            http_refused: CodeCounts::new(),
            tls_refused: Default::default(),
            timings: Timing::ALL.iter().map(|_| Histogram::new(MICROS)).collect(),
            stages: StageBlock::new(),
            legs: (0..participants * LEGS * OUTCOMES).map(|_| AtomicU64::new(0)).collect(),
            in_flight: (0..participants).map(|_| AtomicI64::new(0)).collect(),
        }
    }

    pub(super) fn leg_outcomes(&self, participant: usize, leg: usize, outcome: LegOutcome) -> u64 {
        let place = (participant * LEGS + leg) * OUTCOMES + outcome as usize;
        self.legs.get(place).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub(super) fn in_flight(&self, participant: usize) -> i64 {
        self.in_flight.get(participant).map_or(0, |level| level.load(Ordering::Relaxed))
    }
}

/// One worker's way to count. Cheap to clone; every method is a few relaxed atomic operations and never blocks.
#[derive(Debug, Clone)]
pub struct WorkerMetrics {
    metrics: Arc<Metrics>,
    worker: usize,
}

impl WorkerMetrics {
    pub(super) fn new(metrics: Arc<Metrics>, worker: usize) -> Self {
        assert!(worker < metrics.blocks.len(), "worker {worker} of {}", metrics.blocks.len());
        Self { metrics, worker }
    }

    #[inline]
    fn block(&self) -> &Block {
        &self.metrics.blocks[self.worker]
    }

    /// Counts one.
    #[inline]
    pub fn count(&self, meter: Count) {
        self.add(meter, 1);
    }

    /// Counts `amount`.
    #[inline]
    pub fn add(&self, meter: Count, amount: u64) {
        self.block().counts[meter as usize].fetch_add(amount, Ordering::Relaxed);
    }

    /// Raises a level by one.
    #[inline]
    pub fn raise(&self, meter: Level) {
        self.block().levels[meter as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Lowers a level by one.
    #[inline]
    pub fn lower(&self, meter: Level) {
        self.block().levels[meter as usize].fetch_sub(1, Ordering::Relaxed);
    }

    /// Sets this worker's part of a level.
    #[inline]
    pub fn set(&self, meter: Level, value: usize) {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        self.block().levels[meter as usize].store(value, Ordering::Relaxed);
    }

    /// Records a duration in microseconds.
    #[inline]
    pub fn record(&self, timing: Timing, micros: u64) {
        self.block().timings[timing as usize].record(micros);
    }

    /// Records the way of a payment whose final receipt was delivered `whole` after the first byte of its request.
    #[inline]
    pub fn payment_passed(&self, passage: &Passage, whole: Duration) {
        self.block().stages.record(passage, whole);
    }

    /// Counts CPU time of this worker's thread, in nanoseconds by stage.
    #[inline]
    pub fn spent(&self, spent_ns: &[u64; STAGES]) {
        self.block().stages.spend(spent_ns);
    }

    /// Counts a payment that became final. `status` is the wire status as a number: 0 success, 1 failure, 3
    /// presumed success, 4 presumed failure.
    #[inline]
    pub fn payment_final(&self, status: u8) {
        if let Some(count) = self.block().statuses.get(usize::from(status)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a refusal by the switch itself under its return code.
    #[inline]
    pub fn refused(&self, code: &[u8; 8]) {
        self.block().refused.add(*code);
    }

    /// Counts a request answered with an HTTP status other than 200.
    #[inline]
    pub fn http_refused(&self, status: u16) {
        let mut code = *b"000     ";
        for (digit, place) in [100, 10, 1].into_iter().zip(&mut code) {
            *place = b'0' + u8::try_from(status / digit % 10).unwrap_or(0);
        }
        self.block().http_refused.add(code);
    }

    /// Counts a connection that was not let in, or that ended because its certificate no longer stands.
    #[inline]
    pub fn tls_refused(&self, refusal: Refusal) {
        self.block().tls_refused[refusal as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a case opened for dispute handling.
    #[inline]
    pub fn case_opened(&self, case: Case) {
        self.block().cases[case as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts how a request of leg `leg` (0 debit, 1 credit) to a participant (its index) ended.
    #[inline]
    pub fn leg_ended(&self, participant: u16, leg: usize, outcome: LegOutcome) {
        let place = (usize::from(participant) * LEGS + leg.min(LEGS - 1)) * OUTCOMES + outcome as usize;
        if let Some(count) = self.block().legs.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes that a request to a participant was started (`true`) or ended (`false`).
    #[inline]
    pub fn participant_in_flight(&self, participant: u16, started: bool) {
        if let Some(level) = self.block().in_flight.get(usize::from(participant)) {
            level.fetch_add(if started { 1 } else { -1 }, Ordering::Relaxed);
        }
    }
}
