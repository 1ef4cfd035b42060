//! What an axis measures and how values lie along it.

use super::unit::Unit;

/// How values lie along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Evenly.
    #[default]
    Linear,
    /// By their logarithm; values that are not above 0 are left out.
    Log,
    /// Quantiles by 1 / (1 - q), so that p90, p99 and p99.9 are equally far apart.
    Percentile,
}

/// One axis. Its ends come from the data and the marks unless they are given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axis {
    /// What is measured, without its unit.
    pub label: String,
    /// How numbers are written.
    pub unit: Unit,
    /// How they lie.
    pub scale: Scale,
    /// Lower end.
    pub min: Option<f64>,
    /// Upper end.
    pub max: Option<f64>,
}

impl Axis {
    /// An even axis; from 0 where nothing is below.
    pub fn linear(label: &str, unit: Unit) -> Self {
        Self { label: label.into(), unit, ..Self::default() }
    }

    /// A logarithmic axis.
    pub fn log(label: &str, unit: Unit) -> Self {
        Self { scale: Scale::Log, ..Self::linear(label, unit) }
    }

    /// An axis of percentiles.
    pub fn percentile(label: &str) -> Self {
        Self { scale: Scale::Percentile, ..Self::linear(label, Unit::Quantile) }
    }

    /// The same from `min` to `max`.
    #[must_use]
    pub fn between(mut self, min: f64, max: f64) -> Self {
        (self.min, self.max) = (Some(min), Some(max));
        self
    }
}

/// Beyond this no quantile is drawn: a thousand million values have none.
const PERCENTILE_MAX: f64 = 9.0;

impl Scale {
    /// Where a value lies, in units of the scale; `None` where it has no place.
    pub(super) fn place(self, value: f64) -> Option<f64> {
        let placed = match self {
            Self::Linear => value,
            Self::Log => value.log10(),
            Self::Percentile if value >= 1.0 => PERCENTILE_MAX,
            Self::Percentile => -(1.0 - value.max(0.0)).log10(),
        };
        placed.is_finite().then_some(placed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_place_what_they_can() {
        assert_eq!(Scale::Linear.place(-3.0), Some(-3.0));
        assert_eq!(Scale::Log.place(1_000.0), Some(3.0));
        assert_eq!((Scale::Log.place(0.0), Scale::Log.place(-1.0), Scale::Linear.place(f64::NAN)), (None, None, None));
        assert!((Scale::Percentile.place(0.999).unwrap() - 3.0).abs() < 1e-9);
        assert_eq!(Scale::Percentile.place(1.0), Some(PERCENTILE_MAX));
    }
}
