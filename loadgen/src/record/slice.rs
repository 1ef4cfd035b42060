//! One second of a run.

use crate::histogram::Quantiles;
use serde::{Deserialize, Serialize};

/// What happened within one slice of time, warm-up and drain included. Requests are counted where it happened: scheduled
/// and dropped ones by their intended instants, sent and late ones by the instant of sending, completed ones and
/// latencies by the instant of the answer. Latencies are those of payments and refunds that were answered, as in
/// [`Report`](crate::Report).
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
    /// Of those, receipts with a final state.
    pub finals: u64,
    /// Payments and refunds among those that met the deadline: goodput.
    pub in_time: u64,
    /// Of those, signed refusals.
    pub refused: u64,
    /// Of those, without a usable answer.
    pub unknown: u64,
    /// Requests due and without an end at its end, those that wait for a connection included.
    pub in_flight: u64,
    /// From the intended instant to the answer, in microseconds.
    pub response_us: Quantiles,
    /// From the actual sending to the answer, in microseconds.
    pub service_us: Quantiles,
    /// The node's own account of its time on them, in microseconds.
    pub internal_us: Quantiles,
}
