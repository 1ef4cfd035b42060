//! The time of one payment, by stage.

use std::time::{Duration, Instant};

use super::{PASSED, TICK_NS};
use crate::metrics::Stage;

/// The way of one payment so far. Invariant: its stages sum to what it has reached, whatever it was told.
///
/// ```
/// use std::time::{Duration, Instant};
/// use clearway::metrics::{Passage, Stage};
///
/// let first_byte = Instant::now();
/// let mut passage = Passage::begin(first_byte);
/// passage.reach(Stage::Read, first_byte + Duration::from_micros(30));
/// passage.reach(Stage::Queue, first_byte + Duration::from_micros(20)); // before where it is: nothing
/// passage.reach(Stage::Write, first_byte + Duration::from_micros(100));
/// assert_eq!(passage.ticks(Stage::Write), 700);
/// assert_eq!(passage.total_ticks(), 1_000);
/// ```
#[derive(Clone, Debug)]
pub struct Passage {
    began: Instant,
    reached: u64,
    ticks: [u64; PASSED],
}

impl Passage {
    /// A payment whose first byte was read at `began`.
    #[must_use]
    pub const fn begin(began: Instant) -> Self {
        Self { began, reached: 0, ticks: [0; PASSED] }
    }

    /// It was in `stage` until `at`. An instant that it has passed already changes nothing.
    #[inline]
    pub fn reach(&mut self, stage: Stage, at: Instant) {
        let reached = ticks_of(at.saturating_duration_since(self.began));
        if let Some(ticks) = self.ticks.get_mut(stage as usize)
            && reached > self.reached
        {
            *ticks += reached - self.reached;
            self.reached = reached;
        }
    }

    /// Time in `stage`, in ticks.
    #[must_use]
    pub fn ticks(&self, stage: Stage) -> u64 {
        self.ticks.get(stage as usize).copied().unwrap_or(0)
    }

    /// Whether its stages sum to `whole`, the time from the first byte of its request to the last byte of its receipt.
    #[must_use]
    pub fn explains(&self, whole: Duration) -> bool {
        self.reached == ticks_of(whole)
    }

    /// Time since its first byte, in ticks.
    #[must_use]
    pub const fn total_ticks(&self) -> u64 {
        self.reached
    }
}

/// Whole ticks of a duration.
pub(super) fn ticks_of(time: Duration) -> u64 {
    const PER_S: u64 = 1_000_000_000 / TICK_NS;
    // Not by `as_nanos`: a division of 128 bits costs more than all the rest.
    time.as_secs().saturating_mul(PER_S).saturating_add(u64::from(time.subsec_nanos()) / TICK_NS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Instants come from several clocks' readings and from other threads: in any order, of any length.
        #[test]
        fn stages_sum_to_the_whole_whatever_is_told(
            steps in prop::collection::vec((0..PASSED, 0..20_000_000_000_u64), 0..60),
        ) {
            let began = Instant::now();
            let mut passage = Passage::begin(began);
            let mut farthest = 0;
            for (stage, at_ns) in steps {
                passage.reach(Stage::ALL[stage], began + Duration::from_nanos(at_ns));
                farthest = farthest.max(at_ns / TICK_NS);
                let sum: u64 = Stage::ALL.iter().map(|stage| passage.ticks(*stage)).sum();
                prop_assert_eq!((sum, passage.total_ticks()), (farthest, farthest));
            }
        }
    }

    #[test]
    fn what_no_payment_spends_time_in_takes_none() {
        let began = Instant::now();
        let mut passage = Passage::begin(began);
        passage.reach(Stage::Reactor, began + Duration::from_secs(1));
        assert_eq!((passage.ticks(Stage::Reactor), passage.total_ticks()), (0, 0));
    }
}
