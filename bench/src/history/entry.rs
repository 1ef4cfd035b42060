//! One line of the history.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::rig::Quantiles;

/// Version of the line's form.
pub(super) const FORMAT: u32 = 1;

/// One accepted run: its figures, and what they must be read with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Version of this form: 1.
    pub format: u32,
    /// When it began, RFC 3339, UTC.
    pub started_at: String,
    /// What measured it: `run` or `demo`.
    pub command: String,
    /// Commit, `-dirty` when the tree was changed since.
    pub commit: String,
    /// Processor, cores, virtual or bare: figures are compared within one.
    pub machine: String,
    /// Signature suite: likewise.
    pub suite: String,
    /// How fast over time.
    pub schedule: String,
    /// What was sent.
    pub mix: serde_json::Value,
    /// Measured window, in seconds.
    pub seconds: f64,
    /// Seed.
    pub seed: u64,
    /// Final payments and refunds a second.
    pub payments_per_second: f64,
    /// From the intended instant to the answer, in microseconds.
    pub response_us: Quantiles,
    /// In the platform by the node's own account, in microseconds.
    pub internal_us: Quantiles,
    /// CPU of the node / payment, in microseconds; none where the node was not asked.
    pub cpu_us_per_payment: Option<f64>,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {}: {:.0} payments/s, response p99 {} us",
            self.started_at, self.commit, self.suite, self.payments_per_second, self.response_us.p99
        )
    }
}
