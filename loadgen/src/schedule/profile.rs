//! How fast requests are due, over the time of a run.

use super::day;
use super::piece::Pieces;
use super::replay::Replay;
use crate::constants::{ARRIVALS_MAX, RATE_PER_S_MAX, STEPS_MAX};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Requests a second over all institutions and kinds, as a function of the time since the start of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Profile {
    /// The same rate all the time.
    Constant {
        /// Requests a second.
        rate_per_s: f64,
    },
    /// One rate after the other; nothing is due after the last of them.
    Steps {
        /// The steps in their order, at most [`STEPS_MAX`].
        steps: Vec<Step>,
    },
    /// From one rate to another in a straight line over the length of the run.
    Ramp {
        /// Requests a second at the beginning.
        from_per_s: f64,
        /// Requests a second at the end.
        to_per_s: f64,
    },
    /// A day of the year's greatest rush, scaled to the length of the run: noon to noon, the peak at midnight, and that
    /// [`DAY_PEAK_OVER_MEAN`](super::DAY_PEAK_OVER_MEAN) times the mean.
    Day {
        /// Mean over the whole run, in requests a second.
        mean_per_s: f64,
    },
    /// The instants of a trace, and its kinds where it names them. Arrivals are not spread anew.
    Replay(Replay),
}

/// A stretch of time at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Requests a second; 0 is a pause.
    pub rate_per_s: f64,
    /// Length in seconds, above 0.
    pub seconds: f64,
}

impl Profile {
    /// The same rate all the time, in requests a second.
    pub const fn constant(rate_per_s: f64) -> Self {
        Self::Constant { rate_per_s }
    }

    /// Requests that are due within a run of this length, on average.
    pub fn expected(&self, duration: Duration) -> f64 {
        match self {
            Self::Replay(replay) => replay.count_within(duration) as f64,
            _ => self.pieces(duration).total(),
        }
    }

    /// Mean rate over a run of this length, in requests a second.
    pub fn mean_per_s(&self, duration: Duration) -> f64 {
        self.expected(duration) / duration.as_secs_f64()
    }

    /// The highest rate within a run of this length, in requests a second; of a trace, the most that are due within
    /// any second.
    pub fn peak_per_s(&self, duration: Duration) -> f64 {
        match self {
            Self::Replay(replay) => replay.peak_per_s(duration),
            _ => self.pieces(duration).peak_per_s(),
        }
    }

    /// How long it lasts by itself; `None` when it can last any time.
    pub fn length(&self) -> Option<Duration> {
        match self {
            Self::Steps { steps } => {
                Duration::try_from_secs_f64(steps.iter().map(|step| step.seconds).sum::<f64>()).ok()
            }
            Self::Replay(replay) => Some(replay.length()),
            Self::Constant { .. } | Self::Ramp { .. } | Self::Day { .. } => None,
        }
    }

    /// What makes it impossible for a run of this length; `None` = it can be carried out.
    pub fn fault(&self, duration: Duration) -> Option<String> {
        match self {
            Self::Constant { rate_per_s } => fault_of_rates(&[*rate_per_s]),
            Self::Ramp { from_per_s, to_per_s } => fault_of_rates(&[*from_per_s, *to_per_s]),
            Self::Day { mean_per_s } => fault_of_rates(&[*mean_per_s]),
            Self::Steps { steps } => fault_of_steps(steps),
            Self::Replay(replay) => replay.fault(),
        }
        .or_else(|| {
            let expected = self.expected(duration);
            (expected > ARRIVALS_MAX as f64)
                .then(|| format!("{expected:.0} requests: at most {ARRIVALS_MAX} are possible"))
        })
    }

    /// The rate as linear pieces. A trace has none: it is instants already.
    pub(super) fn pieces(&self, duration: Duration) -> Pieces {
        let length_s = duration.as_secs_f64();
        match self {
            _ if self.is_unusable() => Pieces::default(),
            Self::Constant { rate_per_s } => Pieces::up_to(length_s, [(length_s, *rate_per_s, *rate_per_s)]),
            Self::Steps { steps } => {
                Pieces::up_to(length_s, steps.iter().map(|step| (step.seconds, step.rate_per_s, step.rate_per_s)))
            }
            Self::Ramp { from_per_s, to_per_s } => Pieces::up_to(length_s, [(length_s, *from_per_s, *to_per_s)]),
            Self::Day { mean_per_s } => Pieces::up_to(length_s, day::stretches(length_s, *mean_per_s)),
            Self::Replay(_) => Pieces::default(),
        }
    }

    /// Rates that are no rates give an empty schedule.
    fn is_unusable(&self) -> bool {
        match self {
            Self::Constant { rate_per_s } => fault_of_rates(&[*rate_per_s]).is_some(),
            Self::Ramp { from_per_s, to_per_s } => fault_of_rates(&[*from_per_s, *to_per_s]).is_some(),
            Self::Day { mean_per_s } => fault_of_rates(&[*mean_per_s]).is_some(),
            Self::Steps { steps } => fault_of_steps(steps).is_some(),
            Self::Replay(_) => false,
        }
    }
}

fn fault_of_rates(rates: &[f64]) -> Option<String> {
    if let Some(rate) = rates.iter().find(|rate| !(0.0..=RATE_PER_S_MAX).contains(*rate)) {
        return Some(format!("rate {rate}: must be within 0 and {RATE_PER_S_MAX} a second"));
    }
    rates.iter().all(|rate| *rate == 0.0).then(|| "rate must be above 0".into())
}

fn fault_of_steps(steps: &[Step]) -> Option<String> {
    if steps.is_empty() || steps.len() > STEPS_MAX {
        return Some(format!("{} steps: 1 to {STEPS_MAX} are possible", steps.len()));
    }
    if let Some(step) = steps.iter().find(|step| !(step.seconds > 0.0 && step.seconds <= 1e9)) {
        return Some(format!("a step of {} seconds: must be above 0", step.seconds));
    }
    fault_of_rates(&steps.iter().map(|step| step.rate_per_s).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn step(rate_per_s: f64, seconds: f64) -> Step {
        Step { rate_per_s, seconds }
    }

    #[test]
    fn sums_means_and_peaks_are_those_of_the_curve() {
        let steps = vec![step(500.0, 10.0), step(0.0, 5.0), step(1_000.0, 10.0)];
        let table = [
            (Profile::constant(250.0), 15_000.0, 250.0),
            (Profile::Steps { steps }, 15_000.0, 1_000.0),
            (Profile::Ramp { from_per_s: 100.0, to_per_s: 3_100.0 }, 96_000.0, 3_100.0),
            (Profile::Day { mean_per_s: 300.0 }, 18_000.0, 2_040.0),
        ];
        for (profile, expected, peak) in table {
            assert!((profile.expected(MINUTE) - expected).abs() < 1e-6, "{profile:?}");
            assert!((profile.peak_per_s(MINUTE) - peak).abs() < 1e-6, "{profile:?}");
            assert!((profile.mean_per_s(MINUTE) - expected / 60.0).abs() < 1e-6, "{profile:?}");
            assert_eq!(profile.fault(MINUTE), None);
            let json = serde_json::to_string(&profile).unwrap();
            assert_eq!(serde_json::from_str::<Profile>(&json).unwrap(), profile);
        }
    }

    #[test]
    fn what_is_no_rate_is_named() {
        let too_many = vec![step(1.0, 1.0); STEPS_MAX + 1];
        let table = [
            (Profile::constant(0.0), "above 0"),
            (Profile::constant(-1.0), "-1"),
            (Profile::constant(f64::NAN), "NaN"),
            (Profile::constant(1e300), "within"),
            (Profile::Ramp { from_per_s: 0.0, to_per_s: 0.0 }, "above 0"),
            (Profile::Ramp { from_per_s: 1.0, to_per_s: f64::INFINITY }, "inf"),
            (Profile::Day { mean_per_s: 0.0 }, "above 0"),
            (Profile::Steps { steps: Vec::new() }, "0 steps"),
            (Profile::Steps { steps: too_many }, "steps"),
            (Profile::Steps { steps: vec![step(5.0, 0.0)] }, "0 seconds"),
            (Profile::Steps { steps: vec![step(0.0, 1.0)] }, "above 0"),
        ];
        for (profile, word) in table {
            let fault = profile.fault(MINUTE).unwrap_or_default();
            assert!(fault.contains(word), "{profile:?}: {fault}");
            assert_eq!(profile.expected(MINUTE), 0.0);
        }
        assert!(Profile::constant(1e6).fault(Duration::from_secs(1_000_000)).is_some(), "more than ids can number");
    }
}
