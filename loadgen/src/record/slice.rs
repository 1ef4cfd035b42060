//! One second of a run.

use crate::histogram::Quantiles;
use serde::{Deserialize, Serialize};

/// What happened within one slice of time. Requests are counted where it happened: scheduled and sent ones by their own
/// instants, completed ones and latencies by the instant of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Slice {
    /// Beginning, in seconds from the start of the run.
    pub at_s: f64,
    /// Length, in seconds.
    pub seconds: f64,
    /// Requests whose intended instant lies in it.
    pub scheduled: u64,
    /// Requests handed to the network.
    pub sent: u64,
    /// Requests that left more than a millisecond late.
    pub late: u64,
    /// Requests that never left.
    pub dropped: u64,
    /// Requests that ended, with an answer or without.
    pub completed: u64,
    /// Of those, payments and refunds with a final state.
    pub finals: u64,
    /// Of those, signed refusals.
    pub refused: u64,
    /// Of those, without a usable answer.
    pub unknown: u64,
    /// Requests under way at its end.
    pub in_flight: u64,
    /// From the intended instant to the answer, in microseconds.
    pub response_us: Quantiles,
    /// From the actual sending to the answer, in microseconds.
    pub service_us: Quantiles,
}
