//! A lock-free log-linear histogram: what hdrhistogram keeps with three significant digits, in atomics.
//!
//! ```text
//! value (us)   0 .. 2047      2048 .. 4095   4096 .. 8191   ...   up to 2^32 - 1 (71 min; longer is counted there)
//! step         1              2              4
//! places       2048           1024           1024                 21 doublings
//! ```
//!
//! That is [`MICROS`]; [`TICKS`] is coarser, so that the histograms of all stages stay in the cache. Invariant: a value is
//! off by less than one part in half of its scale's linear part when it is read back, and never too small. Written by
//! one worker (any number would be right, only slower); read by scrapes, which may see a value in `counts` that
//! `sum` does not have yet.

use std::sync::atomic::{AtomicU64, Ordering};

/// Which values share a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    /// Values below 2 to this power have a place each.
    linear_bits: u32,
    /// Values of more bits are counted as the largest one.
    value_bits: u32,
}

/// Microseconds, three significant digits.
pub(super) const MICROS: Scale = Scale { linear_bits: 11, value_bits: 32 };

/// Ticks of [`TICK_NS`](super::stage::TICK_NS), two significant digits, up to 1.9 h.
pub(super) const TICKS: Scale = Scale { linear_bits: 8, value_bits: 36 };

const _: () = assert!(MICROS.place_of(MICROS.value_max()) == MICROS.places() - 1 && MICROS.place_of(0) == 0);
const _: () = assert!(TICKS.place_of(TICKS.value_max()) == TICKS.places() - 1 && TICKS.place_of(0) == 0);

impl Scale {
    const fn linear(self) -> usize {
        1 << self.linear_bits
    }

    const fn per_doubling(self) -> usize {
        self.linear() / 2
    }

    const fn value_max(self) -> u64 {
        (1 << self.value_bits) - 1
    }

    const fn places(self) -> usize {
        self.linear() + (self.value_bits - self.linear_bits) as usize * self.per_doubling()
    }

    const fn place_of(self, value: u64) -> usize {
        if value < self.linear() as u64 {
            return value as usize;
        }
        let doubling = (u64::BITS - value.leading_zeros() - self.linear_bits) as usize;
        self.linear() + (doubling - 1) * self.per_doubling() + ((value >> doubling) as usize - self.per_doubling())
    }

    const fn highest_at(self, place: usize) -> u64 {
        if place < self.linear() {
            return place as u64;
        }
        let doubling = (place - self.linear()) / self.per_doubling() + 1;
        let step = (place - self.linear()) % self.per_doubling() + self.per_doubling();
        ((step as u64 + 1) << doubling) - 1
    }
}

/// Counts values in the unit of its scale.
#[derive(Debug)]
pub(super) struct Histogram {
    scale: Scale,
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
    /// Largest value since the last [`Histogram::restart_maximum`].
    maximum: AtomicU64,
}

/// A merged copy of histograms.
#[derive(Debug, Clone)]
pub struct HistogramSnapshot {
    scale: Scale,
    counts: Vec<u64>,
    sum: u64,
    maximum: u64,
}

impl Histogram {
    pub(super) fn new(scale: Scale) -> Self {
        let counts = (0..scale.places()).map(|_| AtomicU64::new(0)).collect();
        Self { scale, counts, sum: AtomicU64::new(0), maximum: AtomicU64::new(0) }
    }

    #[inline]
    pub(super) fn record(&self, value: u64) {
        let value = value.min(self.scale.value_max());
        if let Some(count) = self.counts.get(self.scale.place_of(value)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(value, Ordering::Relaxed);
        if value > self.maximum.load(Ordering::Relaxed) {
            self.maximum.fetch_max(value, Ordering::Relaxed);
        }
    }

    pub(super) fn restart_maximum(&self) {
        self.maximum.store(0, Ordering::Relaxed);
    }

    pub(super) fn add_to(&self, snapshot: &mut HistogramSnapshot) {
        for (total, count) in snapshot.counts.iter_mut().zip(&self.counts) {
            *total = total.saturating_add(count.load(Ordering::Relaxed));
        }
        snapshot.sum = snapshot.sum.saturating_add(self.sum.load(Ordering::Relaxed));
        snapshot.maximum = snapshot.maximum.max(self.maximum.load(Ordering::Relaxed));
    }
}

impl HistogramSnapshot {
    /// Of nothing.
    pub(super) fn empty(scale: Scale) -> Self {
        Self { scale, counts: vec![0; scale.places()], sum: 0, maximum: 0 }
    }

    /// Of all of `histograms`, which have the same scale.
    pub(super) fn merged<'h>(scale: Scale, histograms: impl Iterator<Item = &'h Histogram>) -> Self {
        let mut merged = Self::empty(scale);
        histograms.for_each(|histogram| histogram.add_to(&mut merged));
        merged
    }

    /// Values counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Sum of all values, in their unit: microseconds unless they are of stages.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// Largest value since the last reset, in the same unit, exact.
    #[must_use]
    pub fn maximum(&self) -> u64 {
        self.maximum
    }

    /// The value that a share of `per_100k` in 100,000 of all values does not exceed, in the same unit; 0 when
    /// nothing was counted.
    #[must_use]
    pub fn quantile(&self, per_100k: u32) -> u64 {
        let count = self.count();
        let wanted = (u128::from(count) * u128::from(per_100k)).div_ceil(100_000).max(1);
        let mut seen = 0_u128;
        for (place, here) in self.counts.iter().enumerate() {
            seen += u128::from(*here);
            if seen >= wanted {
                return self.scale.highest_at(place).min(self.maximum);
            }
        }
        0
    }

    /// What was counted since `earlier` was taken. The maximum is that of the present snapshot.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let counts = self.counts.iter().zip(&earlier.counts).map(|(now, then)| now.saturating_sub(*then)).collect();
        Self { scale: self.scale, counts, sum: self.sum.saturating_sub(earlier.sum), maximum: self.maximum }
    }

    /// How many values lie in each of the spans that `bounds` (ascending, in the same unit, inclusive) divide, and last
    /// how many lie above.
    #[must_use]
    pub fn spans(&self, bounds: &[u64]) -> Vec<u64> {
        let mut spans = vec![0; bounds.len() + 1];
        for (place, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let span = bounds.partition_point(|bound| *bound < self.scale.highest_at(place));
            if let Some(total) = spans.get_mut(span) {
                *total += count;
            }
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_value_reads_back_not_smaller_and_within_its_scales_precision(value in prop_oneof![0..5_000_u64, 0..=MICROS.value_max()]) {
            for (scale, parts) in [(MICROS, 1024), (TICKS, 128)] {
                let back = scale.highest_at(scale.place_of(value));
                prop_assert!(back >= value && back - value <= value / parts, "{scale:?}: {value} -> {back}");
            }
        }

        #[test]
        fn quantiles_agree_with_hdrhistogram(values in prop::collection::vec(0..20_000_000_u64, 1..400)) {
            let ours = Histogram::new(MICROS);
            let mut theirs = hdrhistogram::Histogram::<u64>::new_with_bounds(1, MICROS.value_max(), 3).unwrap();
            for value in &values {
                ours.record(*value);
                theirs.record(*value).unwrap();
            }
            let snapshot = snapshot_of(&ours);
            for per_100k in [50_000, 90_000, 99_000, 99_900] {
                let (mine, other) = (snapshot.quantile(per_100k), theirs.value_at_quantile(f64::from(per_100k) / 100_000.0));
                prop_assert!(mine.abs_diff(other) <= other / 500 + 1, "{per_100k}: {mine} and {other}");
            }
            prop_assert_eq!(snapshot.maximum(), *values.iter().max().unwrap());
            prop_assert_eq!(snapshot.count(), values.len() as u64);
        }
    }

    fn snapshot_of(histogram: &Histogram) -> HistogramSnapshot {
        HistogramSnapshot::merged(histogram.scale, std::iter::once(histogram))
    }

    #[test]
    fn places_are_dense_and_in_order() {
        for scale in [MICROS, TICKS] {
            for place in 1..scale.places() {
                assert_eq!(scale.place_of(scale.highest_at(place)), place);
                assert_eq!(scale.place_of(scale.highest_at(place - 1) + 1), place, "no gap before place {place}");
            }
        }
    }

    #[test]
    fn beyond_the_range_is_counted_at_its_end() {
        for scale in [MICROS, TICKS] {
            let histogram = Histogram::new(scale);
            histogram.record(u64::MAX);
            assert_eq!(snapshot_of(&histogram).quantile(50_000), scale.value_max());
        }
    }

    #[test]
    fn a_window_counts_only_what_came_after_it_opened() {
        let histogram = Histogram::new(MICROS);
        histogram.record(9_000_000);
        let before = snapshot_of(&histogram);
        histogram.restart_maximum();
        for value in [10, 20, 30, 40] {
            histogram.record(value);
        }
        let window = snapshot_of(&histogram).since(&before);
        assert_eq!((window.count(), window.sum(), window.maximum()), (4, 100, 40));
        assert_eq!((window.quantile(50_000), window.quantile(100_000)), (20, 40));
        assert_eq!(window.spans(&[10, 30]), [1, 2, 1]);
    }

    #[test]
    fn nothing_counted_has_no_quantiles() {
        assert_eq!(HistogramSnapshot::empty(MICROS).quantile(99_900), 0);
    }
}
