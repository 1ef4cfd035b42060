//! The latency logs of a run as their users read them: the HdrHistogram package of Python, without a word about our own
//! reader.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use clearway_loadgen::histogram::Latencies;
use clearway_loadgen::output::{write_hgrm, write_hlog};
use clearway_loadgen::record::{Interval, Trio};
use clearway_tests::requirement::{self, tools_are_required};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Reads every interval; prints where each begins and ends and how many values it has, the quantiles of all values of a
/// tag, and their distribution.
const SCRIPT: &str = r#"
import sys
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
path, tag = sys.argv[1], sys.argv[2]
sum = HdrHistogram(1, 1 << 40, 3)
reader = HistogramLogReader(path, sum)
while True:
    interval = reader.get_next_interval_histogram()
    if interval is None:
        break
    if interval.get_tag() == tag:
        print("interval", int(interval.get_start_time_stamp()), int(interval.get_end_time_stamp()), interval.get_total_count())
        sum.add(interval)
for percentile in (50, 90, 99, 99.9, 100):
    print("quantile", sum.get_value_at_percentile(percentile))
sum.output_percentile_distribution(sys.stdout.buffer, 1000.0, 5)
"#;

const STARTED_AT: &str = "2026-11-20T19:35:46.250Z";
const STARTED_MS: u64 = 1_795_203_346_250;

/// Ten seconds of latencies with a long tail.
fn intervals(seed: u64) -> (Vec<Interval>, Trio) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut sum = Trio::default();
    let interval = |second: u64| {
        let mut trio = Trio::default();
        for _ in 0..500 {
            let unit = random.next_u64() as f64 / u64::MAX as f64;
            trio.response.record((-(1.0 - unit).max(1e-12).ln() * 4_000.0) as u64);
            trio.service.record(900 + random.next_u64() % 900);
        }
        sum.merge(&trio);
        let (at, length) = (Duration::from_secs(second), Duration::from_secs(1));
        Interval { at, length, measured: trio.pack(), ..Interval::default() }
    };
    ((0..10).map(interval).collect(), sum)
}

/// What the script prints of this log; nothing when the package is not there.
fn ask_python(log: &Path, tag: &str) -> Option<String> {
    let python = requirement::find("python3").filter(|python| {
        Command::new(python).args(["-c", "import hdrh.log"]).output().is_ok_and(|output| output.status.success())
    });
    let Some(python) = python else {
        assert!(!tools_are_required(), "python3 with the package hdrhistogram is missing");
        requirement::skip("the latency logs", "python3 with the package hdrhistogram");
        return None;
    };
    let output = Command::new(python).args(["-c", SCRIPT]).arg(log).arg(tag).output().expect("python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).expect("text"))
}

fn distribution(latencies: &Latencies) -> String {
    let mut text = Vec::new();
    write_hgrm(&mut text, latencies).expect("memory");
    String::from_utf8(text).expect("text")
}

/// The head of a distribution, its mean and its maximum. In between the package goes in other steps than the family's
/// original.
fn frame(text: &str) -> Vec<&str> {
    let is_of_frame =
        |line: &&str| line.contains("Percentile") || line.starts_with("#[Mean") || line.starts_with("#[Max");
    text.lines().filter(is_of_frame).map(|line| line.split(", ").next().unwrap_or(line)).collect()
}

#[test]
fn hdr_histogram_of_python_reads_the_same_values() {
    let seed = 7;
    let (intervals, sum) = intervals(seed);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("latency.hlog");
    write_hlog(&mut std::fs::File::create(&log).unwrap(), STARTED_AT, &intervals).unwrap();
    for (tag, latencies) in [("response", &sum.response), ("service", &sum.service)] {
        let Some(read) = ask_python(&log, tag) else { return };
        let told = |name: &str| -> Vec<Vec<u64>> {
            let lines = read.lines().filter_map(|line| line.strip_prefix(name));
            lines.map(|line| line.split_whitespace().map(|part| part.parse().unwrap()).collect()).collect()
        };
        let expected: Vec<Vec<u64>> =
            (0..10).map(|second| vec![STARTED_MS + second * 1_000, STARTED_MS + (second + 1) * 1_000, 500]).collect();
        assert_eq!(told("interval"), expected, "seed {seed}, {tag}");
        let ours = latencies.quantiles();
        let quantiles: Vec<u64> = told("quantile").into_iter().flatten().collect();
        assert_eq!(quantiles, [ours.p50, ours.p90, ours.p99, ours.p999, ours.max], "seed {seed}, {tag}");
        assert_eq!(frame(&distribution(latencies)), frame(&read), "seed {seed}, {tag}");
    }
}
