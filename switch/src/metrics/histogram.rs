//! A lock-free log-linear histogram: what hdrhistogram keeps with three significant digits, in atomics.
//!
//! ```text
//! value (us)   0 .. 2047      2048 .. 4095   4096 .. 8191   ...   up to 2^32 - 1 (71 min; longer is counted there)
//! step         1              2              4
//! places       2048           1024           1024                 21 doublings
//! ```
//!
//! Invariant: a value is off by less than one part in 1024 when it is read back, and never too small. Written by
//! one worker (any number would be right, only slower); read by scrapes, which may see a value in `counts` that
//! `sum` does not have yet.

use std::sync::atomic::{AtomicU64, Ordering};

const LINEAR: usize = 2048;
const PER_DOUBLING: usize = LINEAR / 2;
const VALUE_BITS: u32 = 32;
const LINEAR_BITS: u32 = LINEAR.trailing_zeros();
const VALUE_MAX: u64 = (1 << VALUE_BITS) - 1;
const PLACES: usize = LINEAR + (VALUE_BITS - LINEAR_BITS) as usize * PER_DOUBLING;

const _: () = assert!(place_of(VALUE_MAX) == PLACES - 1 && place_of(0) == 0);

/// Counts values in microseconds.
#[derive(Debug)]
pub(super) struct Histogram {
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
    /// Largest value since the last [`Histogram::restart_maximum`].
    maximum: AtomicU64,
}

/// A merged copy of histograms.
#[derive(Debug, Clone)]
pub struct HistogramSnapshot {
    counts: Vec<u64>,
    sum: u64,
    maximum: u64,
}

impl Histogram {
    pub(super) fn new() -> Self {
        let counts = (0..PLACES).map(|_| AtomicU64::new(0)).collect();
        Self { counts, sum: AtomicU64::new(0), maximum: AtomicU64::new(0) }
    }

    #[inline]
    pub(super) fn record(&self, value_us: u64) {
        let value = value_us.min(VALUE_MAX);
        if let Some(count) = self.counts.get(place_of(value)) {
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

impl Default for HistogramSnapshot {
    fn default() -> Self {
        Self { counts: vec![0; PLACES], sum: 0, maximum: 0 }
    }
}

impl HistogramSnapshot {
    /// Values counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Sum of all values, in microseconds.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum
    }

    /// Largest value since the last reset, in microseconds, exact.
    #[must_use]
    pub fn maximum(&self) -> u64 {
        self.maximum
    }

    /// The value that a share of `per_100k` in 100,000 of all values does not exceed, in microseconds; 0 when
    /// nothing was counted.
    #[must_use]
    pub fn quantile(&self, per_100k: u32) -> u64 {
        let count = self.count();
        let wanted = (u128::from(count) * u128::from(per_100k)).div_ceil(100_000).max(1);
        let mut seen = 0_u128;
        for (place, here) in self.counts.iter().enumerate() {
            seen += u128::from(*here);
            if seen >= wanted {
                return highest_at(place).min(self.maximum);
            }
        }
        0
    }

    /// What was counted since `earlier` was taken. The maximum is that of the present snapshot.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let counts = self.counts.iter().zip(&earlier.counts).map(|(now, then)| now.saturating_sub(*then)).collect();
        Self { counts, sum: self.sum.saturating_sub(earlier.sum), maximum: self.maximum }
    }

    /// How many values lie in each of the spans that `bounds` (ascending, microseconds, inclusive) divide, and last
    /// how many lie above.
    #[must_use]
    pub fn spans(&self, bounds: &[u64]) -> Vec<u64> {
        let mut spans = vec![0; bounds.len() + 1];
        for (place, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let span = bounds.partition_point(|bound| *bound < highest_at(place));
            if let Some(total) = spans.get_mut(span) {
                *total += count;
            }
        }
        spans
    }
}

const fn place_of(value: u64) -> usize {
    if value < LINEAR as u64 {
        return value as usize;
    }
    let doubling = (u64::BITS - value.leading_zeros() - LINEAR_BITS) as usize;
    LINEAR + (doubling - 1) * PER_DOUBLING + ((value >> doubling) as usize - PER_DOUBLING)
}

const fn highest_at(place: usize) -> u64 {
    if place < LINEAR {
        return place as u64;
    }
    let doubling = (place - LINEAR) / PER_DOUBLING + 1;
    let step = (place - LINEAR) % PER_DOUBLING + PER_DOUBLING;
    ((step as u64 + 1) << doubling) - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_value_reads_back_not_smaller_and_within_one_part_in_1024(value in prop_oneof![0..5_000_u64, 0..=VALUE_MAX]) {
            let back = highest_at(place_of(value));
            prop_assert!(back >= value && back - value <= value / 1024, "{value} -> {back}");
        }

        #[test]
        fn quantiles_agree_with_hdrhistogram(values in prop::collection::vec(0..20_000_000_u64, 1..400)) {
            let ours = Histogram::new();
            let mut theirs = hdrhistogram::Histogram::<u64>::new_with_bounds(1, VALUE_MAX, 3).unwrap();
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
        let mut snapshot = HistogramSnapshot::default();
        histogram.add_to(&mut snapshot);
        snapshot
    }

    #[test]
    fn places_are_dense_and_in_order() {
        for place in 1..PLACES {
            assert_eq!(place_of(highest_at(place)), place);
            assert_eq!(place_of(highest_at(place - 1) + 1), place, "no gap before place {place}");
        }
    }

    #[test]
    fn beyond_the_range_is_counted_at_its_end() {
        let histogram = Histogram::new();
        histogram.record(u64::MAX);
        assert_eq!(snapshot_of(&histogram).quantile(50_000), VALUE_MAX);
    }

    #[test]
    fn a_window_counts_only_what_came_after_it_opened() {
        let histogram = Histogram::new();
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
        assert_eq!(HistogramSnapshot::default().quantile(99_900), 0);
    }
}
