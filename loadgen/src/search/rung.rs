//! One rate of a search and what its trials say of it.

use super::attempt::{Outcome, Phase};
use super::plan::SearchPlan;

/// A rate and its trials.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rung {
    pub(super) rate_per_s: f64,
    /// Ramp or bisection: what its probes are run for.
    phase: Phase,
    probes: Series,
    holds: Series,
    invalid: u32,
}

/// Trials of one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Series {
    good: u32,
    bad: u32,
}

/// What is known of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its probes have not decided yet.
    Probing,
    /// Its probes passed; it was not held yet.
    Passed,
    /// Being held.
    Holding,
    /// Every hold was good.
    Good,
    /// Held, not good every time, not bad as often as it takes.
    Unsteady,
    /// Bad as often as it takes.
    Failed,
    /// The generator could not do it.
    Beyond,
}

impl Rung {
    pub(super) fn new(rate_per_s: f64, phase: Phase) -> Self {
        Self { rate_per_s, phase, probes: Series::default(), holds: Series::default(), invalid: 0 }
    }

    pub(super) fn note(&mut self, phase: Phase, outcome: Outcome) {
        let series = if phase == Phase::Hold { &mut self.holds } else { &mut self.probes };
        match outcome {
            Outcome::Good => series.good += 1,
            Outcome::Bad => series.bad += 1,
            Outcome::Invalid => self.invalid += 1,
        }
    }

    /// What its next trial is for, if it needs one to be decided.
    pub(super) fn wants(&self, plan: &SearchPlan) -> Option<Phase> {
        match self.standing(plan) {
            Standing::Probing => Some(self.phase),
            Standing::Holding => Some(Phase::Hold),
            _ => None,
        }
    }

    pub(super) fn standing(&self, plan: &SearchPlan) -> Standing {
        if self.invalid > plan.invalid_max {
            return Standing::Beyond;
        }
        let has_failed = |series: &Series| series.bad >= plan.bad_needs;
        match (self.probes, self.holds) {
            (probes, _) if has_failed(&probes) => Standing::Failed,
            (probes, _) if !probes.has_passed(plan) => Standing::Probing,
            (_, Series { good: 0, bad: 0 }) => Standing::Passed,
            (_, holds) if has_failed(&holds) => Standing::Failed,
            (_, Series { good, bad: 0 }) if good >= plan.repeats => Standing::Good,
            (_, Series { bad: 0, .. }) => Standing::Holding,
            // Good it is no more; whether it is bad, the rest of the trials says.
            (_, holds) if holds.may_still_fail(plan) => Standing::Holding,
            _ => Standing::Unsteady,
        }
    }
}

impl Series {
    /// One good trial does, unless there was a bad one: then it must be out of reach that enough of them are bad.
    fn has_passed(self, plan: &SearchPlan) -> bool {
        self.good > 0 && (self.bad == 0 || !self.may_still_fail(plan))
    }

    fn may_still_fail(self, plan: &SearchPlan) -> bool {
        let left = plan.bad_of.saturating_sub(self.good + self.bad);
        self.bad + left >= plan.bad_needs
    }
}
