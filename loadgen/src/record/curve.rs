//! A percentile curve: how large a latency is at each quantile.
//!
//! The quantiles lie evenly on a scale of 1/(1 - q), which is how such curves are read: as much room for 99 to 99.9 % as
//! for 90 to 99 %.

use crate::histogram::Latencies;
use serde::{Deserialize, Serialize};

/// Points of each factor of ten of 1/(1 - q).
const POINTS_PER_DECADE: u32 = 16;

/// One point of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Quantile, 0 to 1.
    pub quantile: f64,
    /// Latency at it, in microseconds.
    pub value_us: u64,
    /// Values that were at most as large.
    pub count: u64,
}

/// The curve of these latencies: from the smallest one over about sixteen points a factor of ten of 1/(1 - q) to the
/// largest one, at quantile 1. Values rise from point to point; of points with the same value the last one stays. Empty
/// without values.
///
/// ```
/// use clearway_loadgen::histogram::Latencies;
/// use clearway_loadgen::record::curve_of;
///
/// let mut latencies = Latencies::new();
/// (1..=1_000).for_each(|micros| latencies.record(micros));
/// let curve = curve_of(&latencies);
/// assert_eq!((curve[0].quantile, curve[0].value_us), (0.0, 1));
/// let last = curve[curve.len() - 1];
/// assert_eq!((last.quantile, last.value_us, last.count), (1.0, 1_000, 1_000));
/// ```
pub fn curve_of(latencies: &Latencies) -> Vec<CurvePoint> {
    let (histogram, total) = (latencies.histogram(), latencies.count());
    if total == 0 {
        return Vec::new();
    }
    let decades = (total as f64).log10();
    let steps = (decades * f64::from(POINTS_PER_DECADE)).floor() as u32;
    let inner = (0..=steps).map(|step| 1.0 - 10_f64.powf(-f64::from(step) / f64::from(POINTS_PER_DECADE)));
    let mut curve: Vec<CurvePoint> = Vec::with_capacity(steps as usize + 2);
    for quantile in inner.chain([1.0]) {
        let value_us = histogram.value_at_quantile(quantile);
        let point = CurvePoint { quantile, value_us, count: histogram.count_between(0, value_us) };
        match curve.last_mut() {
            Some(last) if last.value_us == value_us => *last = point,
            _ => curve.push(point),
        }
    }
    curve
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Draws;

    #[test]
    fn a_curve_rises_and_agrees_with_the_histogram() {
        for seed in 1..=10 {
            let mut draws = Draws::new(seed, 0);
            let mut latencies = Latencies::new();
            let values = 1 + draws.bits() % 30_000;
            (0..values).for_each(|_| latencies.record((-(1.0 - draws.unit()).ln() * 3_000.0) as u64));
            let curve = curve_of(&latencies);
            assert!(curve.len() <= 100, "seed {seed}: {} points", curve.len());
            for pair in curve.windows(2) {
                let [before, after] = pair else { unreachable!("windows of two") };
                assert!(before.quantile < after.quantile && before.value_us < after.value_us, "seed {seed}: {pair:?}");
                assert!(before.count < after.count, "seed {seed}: {pair:?}");
            }
            for point in &curve {
                assert_eq!(latencies.histogram().value_at_quantile(point.quantile), point.value_us, "seed {seed}");
                assert!(point.count as f64 >= point.quantile * values as f64 - 1e-6, "seed {seed}: {point:?}");
            }
            let last = curve.last().unwrap();
            assert_eq!((last.quantile, last.value_us, last.count), (1.0, latencies.quantiles().max, values));
        }
    }

    #[test]
    fn curves_of_little_are_short() {
        let mut latencies = Latencies::new();
        assert!(curve_of(&latencies).is_empty());
        latencies.record(7);
        assert_eq!(curve_of(&latencies), [CurvePoint { quantile: 1.0, value_us: 7, count: 1 }]);
    }
}
