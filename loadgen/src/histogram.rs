//! Latencies in microseconds with three significant digits, and the figures drawn from them.
//!
//! Invariant: nothing is clipped. The histogram grows to whatever value arrives, so that an overloaded run shows its
//! true tail.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2Serializer};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A growing HDR histogram of microseconds.
#[derive(Clone)]
pub struct Latencies(Histogram<u64>);

impl Latencies {
    /// An empty one.
    #[expect(clippy::missing_panics_doc, reason = "three digits and a bound of one minute are valid arguments")]
    pub fn new() -> Self {
        let mut histogram = Histogram::new_with_max(60_000_000, 3).expect("valid histogram bounds");
        histogram.auto(true);
        Self(histogram)
    }

    /// Counts one value, in microseconds.
    pub fn record(&mut self, micros: u64) {
        // Not `saturating_record`, which clips instead of growing. Growing cannot fail: all of u64 fits half a
        // megabyte.
        let _ = self.0.record(micros);
    }

    /// Values counted so far.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Adds all values of another one.
    pub fn merge(&mut self, other: &Self) {
        // Cannot fail: this one resizes itself to the other's range.
        let _ = self.0.add(&other.0);
    }

    /// The figures that reports print.
    pub fn quantiles(&self) -> Quantiles {
        let at = |quantile| if self.0.is_empty() { 0 } else { self.0.value_at_quantile(quantile) };
        Quantiles {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: if self.0.is_empty() { 0 } else { self.0.max() },
            mean: if self.0.is_empty() { 0.0 } else { self.0.mean() },
            count: self.0.len(),
        }
    }

    /// The histogram itself, for logs in the formats of its family.
    pub fn histogram(&self) -> &Histogram<u64> {
        &self.0
    }

    /// Its values in HdrHistogram's V2 encoding: some hundred bytes where the histogram itself takes a tenth of a
    /// megabyte.
    pub fn pack(&self) -> Vec<u8> {
        let mut packed = Vec::new();
        // Cannot fail: it writes into memory, and all counts fit.
        let _ = V2Serializer::new().serialize(&self.0, &mut packed);
        packed
    }

    /// What [`Latencies::pack`] made, or any other writer of HdrHistogram's V2 encoding, deflated or not; `None` when it
    /// is none.
    pub fn unpack(packed: &[u8]) -> Option<Self> {
        let mut histogram = Deserializer::new().deserialize(&mut &*packed).ok()?;
        histogram.auto(true);
        Some(Self(histogram))
    }
}

impl PartialEq for Latencies {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Default for Latencies {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.quantiles().fmt(f)
    }
}

/// Quantiles in microseconds; all zero when nothing was counted.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Quantiles {
    /// Median.
    pub p50: u64,
    /// 90 in 100 were at most this.
    pub p90: u64,
    /// 99 in 100 were at most this.
    pub p99: u64,
    /// 999 in 1000 were at most this.
    pub p999: u64,
    /// The largest value.
    pub max: u64,
    /// Arithmetic mean.
    pub mean: f64,
    /// How many values.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_one_reports_zeroes() {
        assert_eq!(Latencies::new().quantiles(), Quantiles::default());
    }

    #[test]
    fn quantiles_hold_three_digits_and_the_tail_is_not_clipped() {
        let mut latencies = Latencies::new();
        (1..=10_000).for_each(|micros| latencies.record(micros));
        latencies.record(7_200_000_000);
        let seen = latencies.quantiles();
        for (value, ideal) in [(seen.p50, 5_000.0), (seen.p90, 9_000.0), (seen.p99, 9_900.0)] {
            assert!((value as f64 / ideal - 1.0).abs() < 0.002, "{value} for {ideal}");
        }
        assert!((seen.max as f64 / 7.2e9 - 1.0).abs() < 0.002);
        assert_eq!(seen.count, 10_001);
    }

    #[test]
    fn packing_keeps_every_value() {
        let mut latencies = Latencies::new();
        (0..500_u64).for_each(|step| latencies.record(step * step * 37));
        latencies.record(9_000_000_000);
        let packed = latencies.pack();
        assert_eq!(Latencies::unpack(&packed), Some(latencies.clone()));
        assert!(packed.len() < 4_096, "{}", packed.len());
        assert!((0..packed.len()).all(|cut| Latencies::unpack(&packed[..cut]).is_none()));
        let mut grown = Latencies::unpack(&packed).unwrap();
        grown.record(u64::MAX / 2);
        assert_eq!(grown.count(), latencies.count() + 1);
    }

    #[test]
    fn merging_adds_counts_and_grows() {
        let (mut small, mut large) = (Latencies::new(), Latencies::new());
        small.record(10);
        large.record(600_000_000);
        small.merge(&large);
        assert_eq!(small.count(), 2);
        assert!(small.quantiles().max >= 600_000_000);
    }
}
