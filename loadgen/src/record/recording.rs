//! Everything that a run recorded over time, before it is drawn together for readers.

use super::Slice;
use crate::histogram::Latencies;
use std::time::Duration;

/// Slices, and the latencies behind them and behind the report's figures.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// From the first instant to the last answer, without gaps.
    pub slices: Vec<Slice>,
    /// The latencies of each slice.
    pub intervals: Vec<Interval>,
    /// All latencies of requests due after the warm-up: the sum of [`Interval::measured`], value by value.
    pub measured: Trio,
}

/// Latencies of the same answers from three points of view, in microseconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trio {
    /// From the intended instant.
    pub response: Latencies,
    /// From the actual sending.
    pub service: Latencies,
    /// By the node's own account.
    pub internal: Latencies,
}

impl Trio {
    /// Adds all values of another one.
    pub fn merge(&mut self, other: &Self) {
        self.response.merge(&other.response);
        self.service.merge(&other.service);
        self.internal.merge(&other.internal);
    }

    /// All values in HdrHistogram's V2 encoding.
    pub fn pack(&self) -> PackedTrio {
        let pack = |latencies: &Latencies| if latencies.count() == 0 { Vec::new() } else { latencies.pack() };
        PackedTrio { response: pack(&self.response), service: pack(&self.service), internal: pack(&self.internal) }
    }
}

/// Latencies of the answers that came within one slice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Interval {
    /// Beginning, from the start of the run.
    pub at: Duration,
    /// Length.
    pub length: Duration,
    /// Of requests due after the warm-up.
    pub measured: PackedTrio,
    /// Of requests due during the warm-up.
    pub warm_up: PackedTrio,
}

/// A [`Trio`] in HdrHistogram's V2 encoding; without values, without bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackedTrio {
    /// From the intended instant.
    pub response: Vec<u8>,
    /// From the actual sending.
    pub service: Vec<u8>,
    /// By the node's own account.
    pub internal: Vec<u8>,
}

impl PackedTrio {
    /// The values again; what cannot be unpacked is left empty.
    pub fn unpack(&self) -> Trio {
        let unpack = |packed: &[u8]| Latencies::unpack(packed).unwrap_or_default();
        Trio { response: unpack(&self.response), service: unpack(&self.service), internal: unpack(&self.internal) }
    }
}
