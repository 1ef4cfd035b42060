//! The reference of the outputs (`outputs.md`) against the types: every name that a run writes is explained, and no name
//! is explained that is not written.

use clearway_loadgen::business::Business;
use clearway_loadgen::compare::Comparison;
use clearway_loadgen::histogram::Quantiles;
use clearway_loadgen::manifest::Manifest;
use clearway_loadgen::oracle::{Example, OfBusiness, Violation};
use clearway_loadgen::output::{HGRM_FILES, HLOG_FILE, PAGE_FILE, RUN_FILE, SLICE_COLUMNS, SLICES_FILE, TAGS};
use clearway_loadgen::overload::{self, OverloadPlan, OverloadRecord, Recovery};
use clearway_loadgen::record::{CurvePoint, Recording, RunRecord, Slice, Stage, StageBudget};
use clearway_loadgen::report::OfKind;
use clearway_loadgen::run::Abort;
use clearway_loadgen::schedule::{Replay, Step, Trace};
use clearway_loadgen::search::{
    Attempt, CriterionSpread, End, Phase, SearchPlan, SearchRecord, Spread, Standing, Trial,
};
use clearway_loadgen::slo::Observed;
use clearway_loadgen::{Profile, Report, Settled, Slo, Verdict};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

const REFERENCE: &str = include_str!("../outputs.md");

/// A record in which nothing is left out.
fn full_record(profile: Profile) -> RunRecord {
    let mut report = Report::default();
    report.plan.profile = profile;
    report.payments_per_second = 1.0;
    report.aborted = Some(Abort { at_s: 1.0, reason: String::new() });
    let kind = OfKind { sent: 1, outcomes: [("00".to_owned(), 1)].into(), response_us: Quantiles::default() };
    report.kinds.insert("payment".into(), kind);
    let point = CurvePoint { quantile: 1.0, value_us: 1, count: 1 };
    let example = Example { violation: Violation::Lost, trx_id: String::new(), found: String::new() };
    let stage = Stage { name: "read".into(), wall_us: 1.0, cpu_us: 1.0 };
    let slo: Slo = "p99<20ms".parse().unwrap();
    RunRecord {
        judgement: Some(slo.judge(&Observed::from(&report))),
        manifest: Some(Manifest::default()),
        slices: vec![Slice::default()],
        response_curve: vec![point],
        service_curve: vec![point],
        internal_curve: vec![point],
        stages: Some(StageBudget { stages: vec![stage], ..StageBudget::default() }),
        settled: Some(Settled::default()),
        verdict: Some(Verdict {
            businesses: [(Business::Payment, OfBusiness::default())].into(),
            violations: [(Violation::Lost, 1)].into(),
            examples: vec![example],
            ..Verdict::default()
        }),
        ..RunRecord::new(report, &Recording::default())
    }
}

/// Maps whose keys are data and not names.
const MAPS: [&str; 4] = ["report.kinds", "report.kinds.*.outcomes", "verdict.businesses", "verdict.violations"];

/// Its names are those of the command line, which explains them.
const MIX: &str = "report.plan.mix";
/// Parts of a search's and of a sweep's record that are explained as parts of a run's.
const PARTS: [&str; 5] = ["manifest", "trials[].judgement", "trials[].report", "steps[].report", "recovery.slices"];

/// The paths of all values, `[]` for the elements of a list and `*` for the keys of a map. Quantiles and lengths of time
/// are values of their own, and so is what is explained elsewhere.
fn paths(value: &Value, at: &str, elsewhere: &[&str], found: &mut BTreeSet<String>) {
    match value {
        _ if elsewhere.contains(&at) => {
            found.insert(at.to_owned());
        }
        Value::Object(fields) if !is_compound(value) => {
            for (name, value) in fields {
                let name = if MAPS.contains(&at) { "*" } else { name };
                let path = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
                paths(value, &path, elsewhere, found);
            }
        }
        Value::Array(elements) if elements.first().is_some_and(Value::is_object) => {
            elements.iter().for_each(|element| paths(element, &format!("{at}[]"), elsewhere, found));
        }
        _ => {
            found.insert(at.to_owned());
        }
    }
}

/// Whether it is a value of several names that the reference explains once.
fn is_compound(value: &Value) -> bool {
    let named = |names: &[&str]| value.as_object().is_some_and(|fields| fields.keys().eq(names.iter()));
    named(&["secs", "nanos"]) || named(&["nanos", "secs"]) || serde_json::from_value::<Quantiles>(value.clone()).is_ok()
}

/// The names in the first column of the tables under a heading, up to the next heading of the same rank.
fn explained(heading: &str) -> BTreeSet<String> {
    let from = REFERENCE.find(heading).unwrap_or_else(|| panic!("no heading {heading}"));
    let section = REFERENCE[from + heading.len()..].split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned()).collect()
}

fn written(values: &[Value], elsewhere: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    values.iter().for_each(|value| paths(value, "", elsewhere, &mut found));
    found
}

fn assert_same(written: &BTreeSet<String>, explained: &BTreeSet<String>) {
    let missing: Vec<_> = written.difference(explained).collect();
    assert!(missing.is_empty(), "written and not explained in loadgen/outputs.md: {missing:?}");
    let stray: Vec<_> = explained.difference(written).collect();
    assert!(stray.is_empty(), "explained in loadgen/outputs.md and not written: {stray:?}");
}

#[test]
fn every_name_of_the_record_is_explained() {
    let steps = vec![Step { rate_per_s: 1.0, seconds: 1.0 }];
    let profiles = [
        Profile::constant(1.0),
        Profile::Steps { steps },
        Profile::Ramp { from_per_s: 1.0, to_per_s: 2.0 },
        Profile::Day { mean_per_s: 1.0 },
        Profile::Replay(Replay::new("trace.csv", Trace::default(), 1.0)),
    ];
    let records = profiles.map(|profile| serde_json::to_value(full_record(profile)).unwrap());
    assert_same(&written(&records, &[MIX]), &explained("\n## `run.json`"));
}

fn spread() -> Spread {
    Spread { min: 1.0, median: 2.0, max: 3.0 }
}

fn standing() -> Standing {
    let criterion = CriterionSpread { asked: String::new(), measured: Some(spread()), shown: String::new() };
    Standing { rate_per_s: 1.0, trials: 3, payments_per_second: spread(), criteria: vec![criterion] }
}

#[test]
fn every_name_of_a_search_is_explained() {
    let slo: Slo = "p99<20ms".parse().unwrap();
    let attempt = Attempt {
        rate_per_s: 1.0,
        phase: Phase::Ramp,
        warm_up: Duration::ZERO,
        measured: Duration::ZERO,
        cool_down: Duration::ZERO,
    };
    let trial = Trial::new(1, &attempt, &slo, &full_record(Profile::constant(1.0)));
    let record = SearchRecord {
        format: String::new(),
        manifest: Some(Manifest::default()),
        slo,
        plan: SearchPlan::default(),
        end: End::Found,
        last_good: Some(standing()),
        first_bad: Some(standing()),
        trials: vec![trial],
    };
    assert_same(&written(&[serde_json::to_value(record).unwrap()], &PARTS), &explained("\n## `find-max --json`"));
}

#[test]
fn every_name_of_a_sweep_is_explained() {
    let recovery = Recovery::judge(0.5, 1.0, &[Slice { in_time: 1, ..Slice::default() }], [0.0, 1.0]);
    let record = OverloadRecord {
        format: String::new(),
        manifest: Some(Manifest::default()),
        plan: OverloadPlan::default(),
        end: overload::End::Complete,
        steps: vec![overload::Step::new(1.0, Report::default())],
        goodput_at_3x: Some(1.0),
        recovery: Some(recovery),
    };
    assert_same(&written(&[serde_json::to_value(record).unwrap()], &PARTS), &explained("\n## `overload --json`"));
}

#[test]
fn every_name_of_a_comparison_is_explained() {
    let mut other = full_record(Profile::constant(1.0));
    other.report.suite = "another".into();
    let one = full_record(Profile::constant(1.0));
    let comparison = Comparison::of([("one", &one), ("other", &other)]);
    assert_same(&written(&[serde_json::to_value(comparison).unwrap()], &[]), &explained("\n## `compare --json`"));
}

#[test]
fn quantiles_files_columns_and_tags_are_explained() {
    let quantiles = serde_json::to_value(Quantiles::default()).unwrap();
    let section = REFERENCE.split("**Quantiles**").nth(1).unwrap();
    assert!(quantiles.as_object().unwrap().keys().all(|name| section.contains(&format!("`{name}`"))));
    for file in [RUN_FILE, PAGE_FILE, SLICES_FILE, HLOG_FILE].into_iter().chain(HGRM_FILES) {
        assert!(REFERENCE.contains(&format!("`{file}`")), "{file}");
    }
    let tags = TAGS.map(str::to_owned).into_iter().collect();
    assert_same(&tags, &explained("\n## `latency.hlog`"));
    let section = REFERENCE.split("\n## `slices.csv`").nth(1).unwrap();
    let columns = section.split("```").nth(1).unwrap().trim_start_matches("text").replace('\n', "");
    assert_eq!(columns, SLICE_COLUMNS.join(","));
}

/// What stands in the CSV is what stands in the record.
#[test]
fn the_columns_are_the_names_of_a_slice() {
    let slice = serde_json::to_value(Slice::default()).unwrap();
    let mut names = BTreeSet::new();
    for (name, value) in slice.as_object().unwrap() {
        match (name.strip_suffix("_us"), value.as_object()) {
            (Some(series), Some(quantiles)) => {
                let unit = |figure: &String| if figure == "count" { "" } else { "_us" };
                names.extend(quantiles.keys().map(|figure| format!("{series}_{figure}{}", unit(figure))));
            }
            _ => drop(names.insert(name.clone())),
        }
    }
    assert_eq!(names, SLICE_COLUMNS.map(str::to_owned).into_iter().collect());
}
