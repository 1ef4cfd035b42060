//! Which loads are offered, and for how long.

use crate::constants::DEADLINE;
use crate::error::Error;
use crate::schedule::{Profile, Step};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Offered loads of a sweep, as multiples of the capacity.
pub const FACTORS: [f64; 9] = [0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0];
/// Most of them.
const FACTORS_MAX: usize = 100;

/// A sweep of loads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OverloadPlan {
    /// What the target can sustain, in requests a second.
    pub capacity_per_s: f64,
    /// Offered loads as multiples of it, in rising order.
    pub factors: Vec<f64>,
    /// From its intended instant, a payment is of use only until then.
    pub deadline: Duration,
    /// Load before what is measured, at each factor.
    pub warm_up: Duration,
    /// Measured time at each factor.
    pub measured: Duration,
    /// Pause between two loads.
    pub cool_down: Duration,
    /// Load that the target must cope with right after the highest one, as a multiple of the capacity; it is one of the
    /// factors.
    pub recovery_factor: f64,
    /// How long it is watched then; zero = not at all.
    pub recovery: Duration,
}

/// One run of a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Multiple of the capacity; of the recovery, the highest one.
    pub factor: f64,
    /// How fast requests are due.
    pub profile: Profile,
    /// Load before what is measured.
    pub warm_up: Duration,
    /// All of its schedule.
    pub duration: Duration,
    /// Pause before it.
    pub cool_down: Duration,
    /// From its intended instant, a payment is of use only until then.
    pub deadline: Duration,
    /// Whether it is the run in which the target recovers.
    pub is_recovery: bool,
}

impl Default for OverloadPlan {
    fn default() -> Self {
        Self {
            capacity_per_s: 1_000.0,
            factors: FACTORS.to_vec(),
            deadline: DEADLINE,
            warm_up: Duration::from_secs(2),
            measured: Duration::from_secs(8),
            cool_down: Duration::from_secs(2),
            recovery_factor: 0.5,
            recovery: Duration::from_secs(15),
        }
    }
}

impl OverloadPlan {
    /// Checks that the sweep can be carried out.
    ///
    /// # Errors
    /// [`Error::Plan`], naming what cannot be.
    pub fn check(&self) -> Result<(), Error> {
        let Self { factors, recovery, .. } = self;
        let is_rising = factors.windows(2).all(|pair| pair[0] < pair[1]);
        let is_positive = factors.iter().all(|factor| factor.is_finite() && *factor > 0.0);
        let recovers_nowhere = !recovery.is_zero() && !factors.contains(&self.recovery_factor);
        let faults = [
            (!(self.capacity_per_s.is_finite() && self.capacity_per_s > 0.0), "the capacity must be above 0"),
            (factors.is_empty() || factors.len() > FACTORS_MAX, "1 to 100 factors are needed"),
            (!(is_rising && is_positive), "factors must be above 0 and rise"),
            (recovers_nowhere, "the load of the recovery must be one of the factors"),
            (self.measured.is_zero() || self.deadline.is_zero(), "loads and deadline must take time"),
        ];
        match faults.iter().find(|(found, _)| *found) {
            Some((_, fault)) => Err(Error::Plan(format!("overload: {fault}"))),
            None => Ok(()),
        }
    }

    /// The runs in their order.
    pub fn stages(&self) -> Vec<Stage> {
        let loads = self.factors.iter().map(|factor| Stage {
            factor: *factor,
            profile: Profile::constant(factor * self.capacity_per_s),
            warm_up: self.warm_up,
            duration: self.warm_up + self.measured,
            cool_down: self.cool_down,
            deadline: self.deadline,
            is_recovery: false,
        });
        loads.chain(self.recovery_stage()).collect()
    }

    /// When the recovery begins, from the start of its run.
    pub fn recovery_begins(&self) -> Duration {
        self.warm_up + self.measured
    }

    fn recovery_stage(&self) -> Option<Stage> {
        let highest = *self.factors.last()?;
        let step = |factor: f64, length: Duration| Step {
            rate_per_s: factor * self.capacity_per_s,
            seconds: length.as_secs_f64(),
        };
        let steps = vec![step(highest, self.recovery_begins()), step(self.recovery_factor, self.recovery)];
        (!self.recovery.is_zero()).then_some(Stage {
            factor: highest,
            profile: Profile::Steps { steps },
            warm_up: self.warm_up,
            duration: self.recovery_begins() + self.recovery,
            cool_down: self.cool_down,
            deadline: self.deadline,
            is_recovery: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_impossible_sweep_is_refused() {
        let broken: [fn(&mut OverloadPlan); 9] = [
            |plan| plan.capacity_per_s = 0.0,
            |plan| plan.capacity_per_s = f64::NAN,
            |plan| plan.factors.clear(),
            |plan| plan.factors = vec![0.5, 2.0, 1.0],
            |plan| plan.factors = vec![0.0, 0.5],
            |plan| plan.factors = vec![0.5, f64::INFINITY],
            |plan| plan.recovery_factor = 0.4,
            |plan| plan.measured = Duration::ZERO,
            |plan| plan.deadline = Duration::ZERO,
        ];
        assert!(OverloadPlan::default().check().is_ok());
        let unwatched = OverloadPlan { recovery: Duration::ZERO, recovery_factor: 0.1, ..OverloadPlan::default() };
        assert!(unwatched.check().is_ok());
        for (case, breakage) in broken.iter().enumerate() {
            let mut plan = OverloadPlan::default();
            breakage(&mut plan);
            assert!(plan.check().is_err(), "case {case}");
        }
    }

    #[test]
    fn the_sweep_ends_with_a_step_down() {
        let plan = OverloadPlan { capacity_per_s: 2_000.0, ..OverloadPlan::default() };
        let stages = plan.stages();
        assert_eq!(stages.len(), FACTORS.len() + 1);
        assert!(stages.iter().all(|stage| stage.profile.fault(stage.duration).is_none()));
        let last = &stages[FACTORS.len()];
        assert!(last.is_recovery);
        assert_eq!(last.profile.expected(last.duration), 10.0 * 6_000.0 + 15.0 * 1_000.0);
        assert_eq!(OverloadPlan { recovery: Duration::ZERO, ..plan }.stages().len(), FACTORS.len());
    }
}
