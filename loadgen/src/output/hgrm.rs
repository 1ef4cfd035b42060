//! The percentile distribution as HdrHistogram's own tools print it (`outputPercentileDistribution`).

use crate::histogram::Latencies;
use std::io::{self, Write};

/// Steps of each halving of what is left to 100 %, as those tools have it by default.
const TICKS_PER_HALF: u32 = 5;
/// Values are in milliseconds, as plotters of the family take them.
const MICROS_PER_UNIT: f64 = 1_000.0;

/// Writes the distribution, in milliseconds. Without values only head and foot.
///
/// # Errors
/// What the writer fails with.
pub fn write_hgrm(out: &mut impl Write, latencies: &Latencies) -> io::Result<()> {
    let histogram = latencies.histogram();
    writeln!(out, "{:>12} {:>14} {:>10} {:>14}\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)")?;
    let mut count = 0;
    for step in histogram.iter_quantiles(TICKS_PER_HALF) {
        count += step.count_since_last_iteration();
        let (value, share) = (step.value_iterated_to() as f64 / MICROS_PER_UNIT, step.quantile_iterated_to());
        write!(out, "{value:>12.3} {share:>2.12} {count:>10}")?;
        if share < 1.0 {
            write!(out, " {:>14.2}", 1.0 / (1.0 - share))?;
        }
        writeln!(out)?;
    }
    let [mean, deviation] = [histogram.mean(), histogram.stdev()].map(|value| value / MICROS_PER_UNIT);
    let (max, total) = (latencies.quantiles().max as f64 / MICROS_PER_UNIT, latencies.count());
    writeln!(out, "#[Mean    = {mean:>12.3}, StdDeviation   = {deviation:>12.3}]")?;
    writeln!(out, "#[Max     = {max:>12.3}, Total count    = {total:>12}]")?;
    writeln!(out, "#[Buckets = {:>12}, SubBuckets     = {:>12}]", histogram.buckets(), SUB_BUCKETS)
}

/// Of a histogram with three significant digits.
const SUB_BUCKETS: u32 = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    fn print(latencies: &Latencies) -> String {
        let mut text = Vec::new();
        write_hgrm(&mut text, latencies).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn the_distribution_rises_to_all_values() {
        let mut latencies = Latencies::new();
        (1..=10_000).for_each(|micros| latencies.record(micros));
        let text = print(&latencies);
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(2)
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_whitespace().map(|part| part.parse().unwrap()).collect())
            .collect();
        for pair in rows.windows(2) {
            assert!(pair[0][0] <= pair[1][0] && pair[0][1] < pair[1][1] && pair[0][2] <= pair[1][2], "{pair:?}");
        }
        let median = rows.iter().find(|row| row[1] == 0.5).unwrap();
        assert!((median[0] - 5.0).abs() < 0.01 && (median[3] - 2.0).abs() < 1e-9, "{median:?}");
        assert_eq!(rows.last().unwrap()[1..], [1.0, 10_000.0]);
        assert!(text.contains("Total count    =        10000]"), "{text}");
        assert!(text.starts_with("       Value     Percentile TotalCount 1/(1-Percentile)\n\n"), "{text}");
    }

    #[test]
    fn nothing_is_printed_as_nothing() {
        let text = print(&Latencies::new());
        assert_eq!(text.lines().filter(|line| !line.is_empty()).count(), 4, "{text}");
    }
}
