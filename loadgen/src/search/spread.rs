//! How far the repeats of one rate lie apart.

use super::trial::Trial;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Least, middle and greatest of some values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// The middle one; of an even number, the lower of the two.
    pub median: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// Of these values; `None` without any.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let middle = values.len().checked_sub(1)? / 2;
        Some(Self { min: *values.first()?, median: *values.get(middle)?, max: *values.last()? })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} / {:.0} / {:.0}", self.min, self.median, self.max)
    }
}

/// What the repeats measured for one criterion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriterionSpread {
    /// The criterion as it was asked: `p99<20ms`.
    pub asked: String,
    /// In microseconds for a latency and in per cent for a share; `None` when no repeat measured it.
    pub measured: Option<Spread>,
    /// The same with units, for people: `12.1 ms / 13.0 ms / 17.4 ms`.
    pub shown: String,
}

impl CriterionSpread {
    /// Of the criterion at this place of every trial's judgement.
    pub(super) fn of(place: usize, trials: &[&Trial]) -> Option<Self> {
        let asked = trials.first()?.judgement.criteria.get(place)?.asked.clone();
        let mut judged: Vec<_> = trials.iter().filter_map(|trial| trial.judgement.criteria.get(place)).collect();
        let value = |measured: Option<f64>| measured.unwrap_or(f64::NAN);
        judged.sort_by(|one, other| value(one.measured).total_cmp(&value(other.measured)));
        let middle = judged.len().checked_sub(1)? / 2;
        let shown = [judged.first()?, judged.get(middle)?, judged.last()?].map(|judged| judged.shown.as_str());
        let measured = Spread::of(judged.iter().filter_map(|judged| judged.measured));
        Some(Self { asked, measured, shown: shown.join(" / ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_the_middle() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([3.0]), Some(Spread { min: 3.0, median: 3.0, max: 3.0 }));
        assert_eq!(Spread::of([9.0, 1.0, 4.0]), Some(Spread { min: 1.0, median: 4.0, max: 9.0 }));
        assert_eq!(Spread::of([9.0, 1.0, 4.0, 2.0]), Some(Spread { min: 1.0, median: 2.0, max: 9.0 }));
    }
}
