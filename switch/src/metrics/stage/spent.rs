//! The CPU time of one worker's thread, by stage.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::STAGES;
use crate::metrics::Stage;

/// What was charged to the stages since it was last settled; clones are the same account. It belongs to one thread, so charging
/// is a plain addition.
#[derive(Clone, Debug, Default)]
pub struct Spent(Rc<[Cell<u64>; STAGES]>);

impl Spent {
    /// Charges time to a stage.
    #[inline]
    pub fn charge(&self, stage: Stage, time: Duration) {
        if let Some(cell) = self.0.get(stage as usize) {
            cell.set(cell.get().saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)));
        }
    }

    /// Takes what was charged and makes it sum to the `thread_ns` nanoseconds of CPU that the thread has used meanwhile: what is
    /// missing is the reactor's, and what is too much, because the core was taken away in the middle of a stage, is taken off all
    /// stages alike.
    #[must_use]
    pub fn settle(&self, thread_ns: u64) -> [u64; STAGES] {
        let mut spent_ns = self.0.each_ref().map(Cell::take);
        let charged = spent_ns.iter().fold(0_u64, |sum, ns| sum.saturating_add(*ns));
        if charged > thread_ns {
            for ns in &mut spent_ns {
                let share = u128::from(*ns) * u128::from(thread_ns) / u128::from(charged);
                *ns = u64::try_from(share).unwrap_or(u64::MAX);
            }
        }
        let settled = spent_ns.iter().fold(0_u64, |sum, ns| sum.saturating_add(*ns));
        if let Some(reactor) = spent_ns.get_mut(Stage::Reactor as usize) {
            *reactor = reactor.saturating_add(thread_ns.saturating_sub(settled));
        }
        spent_ns
    }
}

/// Tells the stages of a burst apart: one reading of the clock at the end of each.
#[derive(Debug)]
pub struct Stopwatch {
    spent: Spent,
    last: Instant,
}

impl Stopwatch {
    /// Charges to `spent`, from now on.
    #[must_use]
    pub fn new(spent: Spent) -> Self {
        Self { spent, last: Instant::now() }
    }

    /// Counts from `at` on.
    pub const fn restart(&mut self, at: Instant) {
        self.last = at;
    }

    /// `stage` has ended now; gives the instant.
    pub fn lap(&mut self, stage: Stage) -> Instant {
        let now = Instant::now();
        self.spent.charge(stage, now.saturating_duration_since(self.last));
        self.last = now;
        now
    }

    /// When the last stage ended.
    #[must_use]
    pub const fn last(&self) -> Instant {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_settled_is_what_the_thread_has_used(
            charges in prop::collection::vec((0..STAGES, 0..3_000_000_u64), 0..40),
            thread_ns in prop_oneof![0..50_000_000_u64, Just(0), Just(u64::MAX / 4)],
        ) {
            let spent = Spent::default();
            let mut charged = [0_u64; STAGES];
            for (stage, ns) in charges {
                spent.clone().charge(Stage::ALL[stage], Duration::from_nanos(ns));
                charged[stage] += ns;
            }
            let settled = spent.settle(thread_ns);
            prop_assert_eq!(settled.iter().sum::<u64>(), thread_ns);
            let mut others = Stage::ALL.iter().map(|stage| *stage as usize).filter(|stage| *stage != Stage::Reactor as usize);
            prop_assert!(others.all(|stage| settled[stage] <= charged[stage]), "{settled:?} of {charged:?}");
            prop_assert_eq!(spent.settle(7)[Stage::Reactor as usize], 7, "it is taken once");
        }
    }

    #[test]
    fn laps_follow_each_other_without_a_gap() {
        let spent = Spent::default();
        let mut watch = Stopwatch::new(spent.clone());
        let began = Instant::now();
        watch.restart(began);
        let ends = [Stage::Decode, Stage::Verify, Stage::Sign].map(|stage| watch.lap(stage));
        let settled = spent.settle(0);
        assert_eq!(settled, [0; STAGES], "nothing is counted beyond the thread's clock");
        assert!(ends.is_sorted() && watch.last() == ends[2] && ends[0] >= began);
    }
}
