//! A percentile curve: how large a latency is at each quantile.

use serde::{Deserialize, Serialize};

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
