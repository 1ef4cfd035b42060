//! The intended instants of one run.
//!
//! ```text
//! constant   |    |    |    |    |        every 1/rate
//! poisson    | |     ||      |   |        exponential gaps of mean 1/rate: independent arrivals
//! ```
//!
//! Called by the run's preparer.

use crate::random::{stream, unit_of};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How arrivals are spread over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Arrival {
    /// Uniform spacing of `1 / rate`.
    #[default]
    Constant,
    /// Independent arrivals: exponential gaps of mean `1 / rate`.
    Poisson,
}

/// The intended instants of a run, in nanoseconds from its start, as an iterator.
///
/// ```
/// use clearway_loadgen::schedule::{Arrival, Schedule};
/// use std::time::Duration;
///
/// let due: Vec<u64> = Schedule::new(Arrival::Constant, 4.0, Duration::from_secs(1), 1).collect();
/// assert_eq!(due, [0, 250_000_000, 500_000_000, 750_000_000]);
/// ```
#[derive(Debug, Clone)]
pub struct Schedule {
    arrival: Arrival,
    gap_ns: f64,
    end_ns: u64,
    index: u64,
    at_ns: f64,
    stream: ChaCha8Rng,
}

impl Schedule {
    /// A schedule of `rate_per_s` arrivals a second for `duration`. A rate that is not positive and finite gives an
    /// empty schedule.
    pub fn new(arrival: Arrival, rate_per_s: f64, duration: Duration, seed: u64) -> Self {
        let usable = rate_per_s.is_finite() && rate_per_s > 0.0;
        let end_ns = if usable { u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX) } else { 0 };
        let gap_ns = if usable { 1e9 / rate_per_s } else { f64::INFINITY };
        Self { arrival, gap_ns, end_ns, index: 0, at_ns: 0.0, stream: stream(seed) }
    }

    fn advance(&mut self) {
        self.index += 1;
        self.at_ns = match self.arrival {
            // Multiplied, not summed: the millionth instant carries no million rounding errors.
            Arrival::Constant => self.index as f64 * self.gap_ns,
            Arrival::Poisson => self.at_ns + self.gap_ns * exponential(self.stream.next_u64()),
        };
    }
}

/// A draw of the unit exponential distribution by inversion; `1 - u` keeps the logarithm finite.
fn exponential(bits: u64) -> f64 {
    -(1.0 - unit_of(bits)).ln()
}

impl Iterator for Schedule {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if self.index == 0 && self.arrival == Arrival::Poisson && self.at_ns == 0.0 {
            self.at_ns = self.gap_ns * exponential(self.stream.next_u64());
        }
        // The cast saturates: an infinite gap ends the schedule.
        let due = self.at_ns as u64;
        if due >= self.end_ns {
            return None;
        }
        self.advance();
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn constant_spacing_does_not_drift() {
        for rate in [1.0, 3.0, 997.0, 5_000.0, 12_345.6] {
            let due: Vec<u64> = Schedule::new(Arrival::Constant, rate, 60 * SECOND, 1).collect();
            assert_eq!(due.len(), (60.0 * rate).ceil() as usize, "rate {rate}");
            for (index, at) in due.iter().enumerate() {
                let ideal = index as f64 * 1e9 / rate;
                assert!((*at as f64 - ideal).abs() <= 1.0, "rate {rate}, arrival {index}");
            }
        }
    }

    #[test]
    fn a_rate_that_is_no_rate_gives_nothing() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Schedule::new(Arrival::Constant, rate, SECOND, 1).count(), 0, "rate {rate}");
            assert_eq!(Schedule::new(Arrival::Poisson, rate, SECOND, 1).count(), 0, "rate {rate}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_instants() {
        let due = |seed| Schedule::new(Arrival::Poisson, 500.0, SECOND, seed).collect::<Vec<_>>();
        assert_eq!(due(4), due(4));
        assert_ne!(due(4), due(5));
        assert!(due(4).is_sorted());
    }

    /// Kolmogorov-Smirnov distance of the gaps from the exponential law; 1.63 / sqrt(n) is the 1 % critical value.
    #[test]
    fn poisson_gaps_are_exponential() {
        let rate = 1_000.0;
        let due: Vec<u64> = Schedule::new(Arrival::Poisson, rate, 20 * SECOND, 11).collect();
        let mut gaps: Vec<f64> = due.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 1e9).collect();
        gaps.sort_by(f64::total_cmp);
        let n = gaps.len() as f64;
        let distance = gaps.iter().enumerate().map(|(rank, gap)| {
            let law = 1.0 - (-rate * gap).exp();
            (law - rank as f64 / n).abs().max((law - (rank + 1) as f64 / n).abs())
        });
        let distance = distance.fold(0.0, f64::max);
        assert!(distance < 1.63 / n.sqrt(), "distance {distance} over {n} gaps");
    }
}
