//! Slices as comma-separated values.

use crate::histogram::Quantiles;
use crate::record::Slice;
use std::io::{self, Write};

/// The columns, in their order.
pub const SLICE_COLUMNS: [&str; 33] = [
    "at_s",
    "seconds",
    "scheduled",
    "sent",
    "late",
    "dropped",
    "completed",
    "finals",
    "in_time",
    "refused",
    "unknown",
    "in_flight",
    "response_p50_us",
    "response_p90_us",
    "response_p99_us",
    "response_p999_us",
    "response_max_us",
    "response_mean_us",
    "response_count",
    "service_p50_us",
    "service_p90_us",
    "service_p99_us",
    "service_p999_us",
    "service_max_us",
    "service_mean_us",
    "service_count",
    "internal_p50_us",
    "internal_p90_us",
    "internal_p99_us",
    "internal_p999_us",
    "internal_max_us",
    "internal_mean_us",
    "internal_count",
];

/// Writes a line of names and a line a slice.
///
/// # Errors
/// What the writer fails with.
pub fn write_slices_csv(out: &mut impl Write, slices: &[Slice]) -> io::Result<()> {
    writeln!(out, "{}", SLICE_COLUMNS.join(","))?;
    slices.iter().try_for_each(|slice| write_line(out, slice))
}

fn write_line(out: &mut impl Write, slice: &Slice) -> io::Result<()> {
    let Slice { at_s, seconds, in_flight, .. } = slice;
    write!(out, "{at_s},{seconds}")?;
    let Slice { scheduled, sent, late, dropped, completed, finals, in_time, refused, unknown, .. } = slice;
    for count in [scheduled, sent, late, dropped, completed, finals, in_time, refused, unknown, in_flight] {
        write!(out, ",{count}")?;
    }
    for quantiles in [&slice.response_us, &slice.service_us, &slice.internal_us] {
        let Quantiles { p50, p90, p99, p999, max, mean, count } = quantiles;
        write!(out, ",{p50},{p90},{p99},{p999},{max},{mean},{count}")?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_stands_under_its_name() {
        let quantiles = |base: u64| Quantiles {
            p50: base,
            p90: base + 1,
            p99: base + 2,
            p999: base + 3,
            max: base + 4,
            mean: base as f64 + 0.5,
            count: base + 5,
        };
        let slice = Slice {
            at_s: 3.0,
            seconds: 0.25,
            in_flight: 9,
            unknown: 8,
            response_us: quantiles(100),
            service_us: quantiles(200),
            internal_us: quantiles(300),
            ..Slice::default()
        };
        let mut text = Vec::new();
        write_slices_csv(&mut text, &[slice, slice]).unwrap();
        let text = String::from_utf8(text).unwrap();
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        assert!(lines.iter().all(|line| line.len() == SLICE_COLUMNS.len()), "{text}");
        let at = |name: &str| lines[1][lines[0].iter().position(|column| *column == name).unwrap()];
        let told = ["at_s", "seconds", "unknown", "in_flight", "response_p50_us", "service_mean_us", "internal_count"];
        assert_eq!(told.map(at), ["3", "0.25", "8", "9", "100", "200.5", "305"]);
    }
}
