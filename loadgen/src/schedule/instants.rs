//! The intended instants of one run.
//!
//! ```text
//! constant   |    |    |    |    |        every 1/rate
//! poisson    | |     ||      |   |        exponential gaps of mean 1/rate: independent arrivals
//! ```
//!
//! Called by the run's preparer.

use super::piece::Pieces;
use super::profile::Profile;
use super::replay::Replay;
use crate::kind::Kind;
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
    /// Spacing of `1 / rate`, of the rate at that time.
    #[default]
    Constant,
    /// Independent arrivals: exponential gaps of mean `1 / rate`.
    Poisson,
}

/// One intended instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// In nanoseconds from the start of the run.
    pub at_ns: u64,
    /// What is to be sent then; `None` = as the mix draws it. Only a trace says it.
    pub kind: Option<Kind>,
}

/// The intended instants of a run, as an iterator.
///
/// ```
/// use clearway_loadgen::schedule::{Arrival, Profile, Schedule};
/// use std::time::Duration;
///
/// let schedule = Schedule::new(&Profile::constant(4.0), Arrival::Constant, Duration::from_secs(1), 1);
/// let due: Vec<u64> = schedule.map(|due| due.at_ns).collect();
/// assert_eq!(due, [0, 250_000_000, 500_000_000, 750_000_000]);
/// ```
#[derive(Debug, Clone)]
pub struct Schedule {
    source: Source,
    end_ns: u64,
    index: usize,
}

#[derive(Debug, Clone)]
enum Source {
    /// The n-th is due when the sum of the rate is n.
    Even(Pieces),
    /// The next one is due when the sum of the rate is `sum`.
    Poisson { pieces: Pieces, sum: f64, stream: Box<ChaCha8Rng> },
    /// The n-th is due when the trace says so.
    Trace(Replay),
}

impl Schedule {
    /// The instants of a profile over `duration`. A rate that is not positive and finite gives an empty schedule.
    pub fn new(profile: &Profile, arrival: Arrival, duration: Duration, seed: u64) -> Self {
        let source = match (profile, arrival) {
            (Profile::Replay(replay), _) => Source::Trace(replay.clone()),
            (_, Arrival::Constant) => Source::Even(profile.pieces(duration)),
            (_, Arrival::Poisson) => {
                let mut stream = Box::new(stream(seed));
                let sum = exponential(stream.next_u64());
                Source::Poisson { pieces: profile.pieces(duration), sum, stream }
            }
        };
        Self { source, end_ns: u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX), index: 0 }
    }

    fn peek_next(&self) -> Option<Due> {
        let (pieces, wanted) = match &self.source {
            Source::Trace(replay) => return replay.due(self.index),
            // Counted, not summed: the millionth instant carries no million rounding errors.
            Source::Even(pieces) => (pieces, self.index as f64),
            Source::Poisson { pieces, sum, .. } => (pieces, *sum),
        };
        // The cast cuts off: what is due just before the end does not round up to it.
        pieces.time_of(wanted).map(|at_s| Due { at_ns: (at_s * 1e9) as u64, kind: None })
    }
}

/// A draw of the unit exponential distribution by inversion; `1 - u` keeps the logarithm finite.
fn exponential(bits: u64) -> f64 {
    -(1.0 - unit_of(bits)).ln()
}

impl Iterator for Schedule {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        let due = self.peek_next().filter(|due| due.at_ns < self.end_ns)?;
        self.index += 1;
        if let Source::Poisson { sum, stream, .. } = &mut self.source {
            *sum += exponential(stream.next_u64());
        }
        Some(due)
    }
}

#[cfg(test)]
mod tests;
