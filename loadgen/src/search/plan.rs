//! How a search goes about it.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where to search, how finely, and how much proof is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchPlan {
    /// First rate tried, in requests a second.
    pub start_per_s: f64,
    /// Lowest rate tried; when it fails, nothing holds.
    pub min_per_s: f64,
    /// Highest rate tried.
    pub max_per_s: f64,
    /// Factor from one rate of the ramp to the next, above 1.
    pub step: f64,
    /// The search ends when the lowest rate that failed is higher than the highest that held by at most this share.
    pub precision: f64,
    /// Load before what is measured, in every trial.
    pub warm_up: Duration,
    /// Measured time of a trial of ramp and bisection.
    pub probe: Duration,
    /// Measured time of a hold.
    pub hold: Duration,
    /// Holds that must all be good.
    pub repeats: u32,
    /// Bad trials that make a rate fail ...
    pub bad_needs: u32,
    /// ... of so many at most.
    pub bad_of: u32,
    /// How often a rate is tried again because the generator spoiled a trial.
    pub invalid_max: u32,
    /// Pause after a trial that was not good.
    pub cool_down: Duration,
    /// Most trials of all kinds.
    pub trials_max: u32,
}

impl Default for SearchPlan {
    fn default() -> Self {
        Self {
            start_per_s: 200.0,
            min_per_s: 10.0,
            max_per_s: 1e6,
            step: 1.5,
            precision: 0.03,
            warm_up: Duration::from_secs(2),
            probe: Duration::from_secs(5),
            hold: Duration::from_secs(15),
            repeats: 3,
            bad_needs: 2,
            bad_of: 3,
            invalid_max: 2,
            cool_down: Duration::from_secs(2),
            trials_max: 60,
        }
    }
}

impl SearchPlan {
    /// Checks that the search can be carried out.
    ///
    /// # Errors
    /// [`Error::Plan`], naming what cannot be.
    pub fn check(&self) -> Result<(), Error> {
        let Self { start_per_s, min_per_s, max_per_s, .. } = self;
        let is_ordered = 0.0 < *min_per_s && min_per_s <= start_per_s && start_per_s <= max_per_s;
        let faults = [
            (!(is_ordered && max_per_s.is_finite()), "rates must be above 0 and in the order lowest, start, highest"),
            (!(1.05..=10.0).contains(&self.step), "the step must lie between 1.05 and 10"),
            (!(0.001..=0.5).contains(&self.precision), "the precision must lie between 0.001 and 0.5"),
            (self.probe.is_zero() || self.hold.is_zero(), "trials must take time"),
            (self.repeats == 0, "at least one hold is needed"),
            (self.bad_needs == 0 || self.bad_needs > self.bad_of, "bad needs k of n trials, with 1 <= k <= n"),
            (self.trials_max == 0, "at least one trial is needed"),
        ];
        match faults.iter().find(|(found, _)| *found) {
            Some((_, fault)) => Err(Error::Plan(format!("search: {fault}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_impossible_search_is_refused() {
        let broken: [fn(&mut SearchPlan); 14] = [
            |plan| plan.start_per_s = f64::NAN,
            |plan| plan.start_per_s = 5.0,
            |plan| plan.min_per_s = 0.0,
            |plan| plan.max_per_s = 100.0,
            |plan| plan.max_per_s = f64::INFINITY,
            |plan| plan.step = 1.0,
            |plan| plan.step = f64::NAN,
            |plan| plan.precision = 0.0,
            |plan| plan.probe = Duration::ZERO,
            |plan| plan.hold = Duration::ZERO,
            |plan| plan.repeats = 0,
            |plan| plan.bad_needs = 0,
            |plan| plan.bad_needs = 4,
            |plan| plan.trials_max = 0,
        ];
        assert!(SearchPlan::default().check().is_ok());
        for (case, breakage) in broken.iter().enumerate() {
            let mut plan = SearchPlan::default();
            breakage(&mut plan);
            assert!(plan.check().is_err(), "case {case}");
        }
    }
}
