//! What keeping account of the stages costs one payment.

use std::time::Instant;

use clearway::metrics::{Passage, Spent, Stage, Stopwatch, WorkerMetrics};

/// Polls of connections and of messages on their way: one exchange with the institution, two with banks.
const POLLS: usize = 12;

/// CPU of the thread in each burst: more than is charged, as in life.
const THREAD_NS: u64 = 1_000_000_000_000;

/// A worker that keeps account.
#[derive(Debug)]
pub struct Accountant {
    metrics: WorkerMetrics,
    spent: Spent,
    watch: Stopwatch,
}

impl Accountant {
    /// Writes to `metrics`.
    #[must_use]
    pub fn new(metrics: WorkerMetrics) -> Self {
        let spent = Spent::default();
        let watch = Stopwatch::new(spent.clone());
        Self { metrics, spent, watch }
    }

    /// All that one payment with two legs costs when it shares no burst with another, which is the most: three bursts in which a message has
    /// come, three in which a group is durable, one in which the receipt is delivered, and the polls between them.
    pub fn account(&mut self) {
        let first_byte = Instant::now();
        let mut passage = Passage::begin(first_byte);
        for leg in 0..3 {
            self.polls(POLLS / 3);
            let came = Instant::now();
            if leg > 0 {
                [Stage::Forward, Stage::BankWait].into_iter().for_each(|stage| passage.reach(stage, came));
            }
            passage.reach(Stage::Read, came);
            self.burst(&mut passage, &[Stage::Queue, Stage::Decode, Stage::Verify, Stage::Admit, Stage::Sign]);
            self.burst(&mut passage, &[Stage::CommitWait]);
        }
        passage.reach(Stage::Write, Instant::now());
        self.burst(&mut passage, &[Stage::Queue, Stage::Admit, Stage::Sign]);
        self.metrics.payment_passed(&passage, first_byte.elapsed());
    }

    fn polls(&self, count: usize) {
        for _ in 0..count {
            let began = Instant::now();
            self.spent.charge(Stage::Forward, began.elapsed());
        }
    }

    /// A burst in which a payment passes `stages`; two more end with what it leaves to do.
    fn burst(&mut self, passage: &mut Passage, stages: &[Stage]) {
        for stage in stages {
            let ended = self.watch.lap(*stage);
            passage.reach(*stage, ended);
        }
        for stage in [Stage::CommitWait, Stage::Queue] {
            self.watch.lap(stage);
        }
        self.metrics.spent(&self.spent.settle(THREAD_NS));
    }
}
