//! Whether a target comes back after the overload is over.

use crate::record::Slice;
use serde::{Deserialize, Serialize};

/// A second is well when its goodput reaches this share of what the same load gave before.
const WELL_SHARE: f64 = 0.95;

/// The time after the overload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recovery {
    /// Load after the step down, as a multiple of the capacity.
    pub factor: f64,
    /// Goodput that the same load gave before any overload, per second.
    pub reference_per_s: f64,
    /// From the step down to the first second from which on all are well; `None` = it did not recover while it was
    /// watched.
    pub seconds: Option<f64>,
    /// The run, second by second, overload included.
    pub slices: Vec<Slice>,
    /// When the load stepped down, in seconds from the start of that run.
    pub begins_s: f64,
    /// When the load ended; what comes later is not judged.
    pub ends_s: f64,
}

impl Recovery {
    /// Judges the slices of a run whose load stepped down at `begins_s` and ended at `ends_s`.
    pub fn judge(factor: f64, reference_per_s: f64, slices: &[Slice], [begins_s, ends_s]: [f64; 2]) -> Self {
        let whole: Vec<&Slice> = slices
            .iter()
            .filter(|slice| slice.at_s >= begins_s - 1e-6 && slice.at_s + slice.seconds <= ends_s + 1e-6)
            .collect();
        let is_well = |slice: &&&Slice| slice.in_time as f64 >= WELL_SHARE * reference_per_s * slice.seconds;
        let well = whole.iter().rev().take_while(is_well).last();
        let seconds = well.map(|slice| (slice.at_s - begins_s).max(0.0));
        Self { factor, reference_per_s, seconds, slices: slices.to_vec(), begins_s, ends_s }
    }

    /// Whether it came back.
    pub fn is_recovered(&self) -> bool {
        self.seconds.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goodput by second; the overload ends at 4 s, the load at 10 s.
    fn recovery(in_time: [u64; 12]) -> Option<f64> {
        let slice = |(at, in_time): (usize, u64)| Slice { at_s: at as f64, seconds: 1.0, in_time, ..Slice::default() };
        let slices: Vec<Slice> = in_time.into_iter().enumerate().map(slice).collect();
        Recovery::judge(0.5, 100.0, &slices, [4.0, 10.0]).seconds
    }

    #[test]
    fn it_has_recovered_when_every_later_second_is_well() {
        let cases = [
            ([9, 9, 9, 9, 100, 100, 100, 100, 100, 100, 0, 0], Some(0.0)),
            ([9, 9, 9, 9, 0, 40, 95, 100, 100, 100, 7, 0], Some(2.0)),
            ([9, 9, 9, 9, 100, 100, 94, 100, 100, 100, 0, 0], Some(3.0)),
            ([100, 100, 100, 100, 0, 0, 0, 0, 0, 0, 100, 100], None),
            ([100, 100, 100, 100, 100, 100, 100, 100, 100, 50, 0, 0], None),
        ];
        for (in_time, seconds) in cases {
            assert_eq!(recovery(in_time), seconds, "{in_time:?}");
        }
        assert_eq!(Recovery::judge(0.5, 1.0, &[], [0.0, 1.0]).seconds, None);
    }
}
