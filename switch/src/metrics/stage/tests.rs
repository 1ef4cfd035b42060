//! The stages as a scraper and a benchmark see them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Passage, STAGES};
use crate::clock::Clock;
use crate::metrics::{JournalReading, Metrics, Readings, Stage};

/// What the journal's threads have used, microseconds.
const JOURNAL_US: u64 = 30;

fn metrics() -> Arc<Metrics> {
    let metrics = Metrics::new(2, Vec::new(), Clock::settable(1_000_000_000).0);
    let journal = JournalReading { cpu_us: JOURNAL_US, ..JournalReading::default() };
    metrics.connect(Box::new(move || Readings { journal: journal.clone(), ..Readings::default() }));
    metrics
}

/// A payment on worker `worker` that was in each of `stages` for so many microseconds, and the CPU of the worker meanwhile.
fn pass(metrics: &Arc<Metrics>, worker: usize, stages: &[(Stage, u64)]) {
    let began = Instant::now();
    let (mut passage, mut at, mut spent_ns) = (Passage::begin(began), began, [0; STAGES]);
    for (stage, us) in stages {
        at += Duration::from_micros(*us);
        passage.reach(*stage, at);
        spent_ns[*stage as usize] += us * 100;
    }
    let worker = metrics.worker(worker);
    worker.payment_passed(&passage, at - began);
    worker.spent(&spent_ns);
    worker.payment_final(0);
}

fn two_payments() -> Arc<Metrics> {
    let metrics = metrics();
    let one =
        [(Stage::Read, 10), (Stage::Verify, 60), (Stage::BankWait, 1_000), (Stage::Verify, 40), (Stage::Write, 5)];
    pass(&metrics, 0, &one);
    pass(&metrics, 1, &[(Stage::Read, 30), (Stage::Verify, 20), (Stage::Write, 15)]);
    metrics
}

fn status(metrics: &Metrics) -> Value {
    serde_json::from_str::<Value>(&metrics.status().to_json()).unwrap()["stages"].take()
}

/// The stage `name` of a status.
fn stage(status: &Value, name: &str) -> BTreeMap<String, f64> {
    let stages = status["stages"].as_array().unwrap();
    let found = stages.iter().find(|stage| stage["name"] == name).unwrap_or_else(|| panic!("no {name}"));
    let figures = found.as_object().unwrap().iter();
    figures.filter_map(|(key, value)| Some((key.clone(), value.as_f64()?))).collect()
}

fn near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
}

#[test]
fn the_stages_of_the_status_sum_to_its_totals() {
    let status = status(&two_payments());
    let names: Vec<_> =
        status["stages"].as_array().unwrap().iter().map(|stage| stage["name"].as_str().unwrap()).collect();
    assert_eq!(names, Stage::ALL.iter().map(|stage| stage.export_name()).collect::<Vec<_>>());
    assert_eq!((&status["payments"], &status["finals"]), (&2.into(), &2.into()));
    near(&status["total"]["mean_us"], f64::midpoint(1_115.0, 65.0));
    near(&status["residual_wall_us"], 0.0);
    let verify = stage(&status, "verify");
    assert_eq!((verify["count"], verify["mean_us"], verify["wall_sum_us"]), (2.0, 60.0, 120.0));
    assert_eq!((verify["cpu_us"], verify["cpu_sum_us"]), (6.0, 12.0));
    assert!((20.0..20.3).contains(&verify["p50_us"]) && (100.0..101.0).contains(&verify["p99_us"]), "{verify:?}");
    // What a payment was never in counts as no time for it.
    let bank = stage(&status, "bank-wait");
    assert_eq!((bank["count"], bank["mean_us"], bank["p50_us"]), (2.0, 500.0, 0.0));
    // The journal's threads work for those who wait for it.
    assert_eq!(stage(&status, "commit-wait")["cpu_sum_us"], JOURNAL_US as f64);
}

#[test]
fn a_new_window_counts_anew_and_what_is_since_the_start_goes_on() {
    let metrics = two_payments();
    metrics.reset_histograms();
    let empty = status(&metrics);
    assert_eq!((&empty["payments"], &empty["payments_since_start"]), (&0.into(), &2.into()));
    assert_eq!((stage(&empty, "verify")["mean_us"], stage(&empty, "verify")["cpu_us"]), (0.0, 0.0));
    pass(&metrics, 1, &[(Stage::Read, 7), (Stage::Verify, 11)]);
    let after = status(&metrics);
    assert_eq!((&after["payments"], &after["finals"], &after["finals_since_start"]), (&1.into(), &1.into(), &3.into()));
    let verify = stage(&after, "verify");
    assert_eq!((verify["count"], verify["mean_us"], verify["p99_us"], verify["wall_sum_us"]), (1.0, 11.0, 11.0, 131.0));
    near(&after["total"]["mean_us"], 18.0);
    near(&after["total"]["wall_sum_us"], 1_198.0);
}

#[test]
fn the_text_has_a_histogram_and_the_cpu_of_every_stage() {
    let text = two_payments().render();
    let samples: BTreeMap<&str, f64> = text
        .lines()
        .filter_map(|line| line.rsplit_once(' '))
        .filter_map(|(name, value)| Some((name, value.parse().ok()?)))
        .collect();
    for (name, value) in [
        ("clearway_stage_us_count{stage=\"verify\"}", 2.0),
        ("clearway_stage_us_sum{stage=\"verify\"}", 120.0),
        ("clearway_stage_us_bucket{le=\"100.0\",stage=\"bank-wait\"}", 1.0),
        ("clearway_stage_us_bucket{le=\"2000.0\",stage=\"bank-wait\"}", 2.0),
        ("clearway_stage_cpu_us_total{stage=\"verify\"}", 12.0),
        ("clearway_stage_cpu_us_total{stage=\"commit-wait\"}", JOURNAL_US as f64),
        ("clearway_stage_cpu_us_total{stage=\"reactor\"}", 0.0),
        ("clearway_whole_us_count", 2.0),
        ("clearway_whole_us_sum", 1_180.0),
    ] {
        assert_eq!(samples.get(name), Some(&value), "{name}");
    }
    assert!(!samples.contains_key("clearway_stage_us_count{stage=\"reactor\"}"), "no payment spends time there");
}
