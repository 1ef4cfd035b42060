//! Runs laid over each other; the first one is what the others are compared with.

use super::plots;
use super::rows::{tone, unit};
use crate::compare::{self, Comparison};
use crate::html::{Cell, Facts, Figure, Notice, Shell, Table, Tone};
use crate::plot::Unit;
use crate::record::RunRecord;
use askama::Template;

#[derive(Template)]
#[template(path = "comparison.html")]
struct Body {
    notices: Vec<Notice>,
    figures: Table,
    differences: Table,
    plots: Vec<Figure>,
    runs: Vec<(String, Facts)>,
}

/// The page of two or more runs, each with its name.
pub fn comparison_page(runs: &[(String, RunRecord)]) -> String {
    let comparison = Comparison::of(runs.iter().map(|(name, record)| (name.as_str(), record)));
    let body = Body {
        notices: [spoiled(&comparison), unlike(&comparison)].into_iter().flatten().collect(),
        figures: figures(&comparison),
        differences: differences(&comparison),
        plots: plots::figures(runs),
        runs: runs.iter().map(|(name, record)| (name.clone(), facts(record))).collect(),
    };
    let names: Vec<&str> = runs.iter().map(|(name, _)| name.as_str()).collect();
    let lead = format!("{}; ratios are to {}", names.join(", "), names.first().unwrap_or(&"nothing"));
    Shell::new("Comparison of runs", lead, body.to_string(), FOOT).to_string()
}

const FOOT: &str = "clearway-loadgen compare. Every figure stands in the runs' JSON records under its documented name.";

/// Which runs are not to be believed.
fn spoiled(comparison: &Comparison) -> Option<Notice> {
    let told = |run: &compare::Run| -> Vec<String> {
        let invalid = run.invalid.iter().map(|reason| format!("{}: {reason}", run.name));
        let judged = (run.verdict == Some(false)).then(|| format!("{}: the oracle's verdict is not good", run.name));
        invalid.chain(judged).collect()
    };
    let reasons: Vec<String> = comparison.runs.iter().flat_map(told).collect();
    (!reasons.is_empty()).then(|| Notice::new(Tone::Bad, "INVALID runs among these", reasons))
}

/// In what the runs differ beside what is to be compared.
fn unlike(comparison: &Comparison) -> Option<Notice> {
    let names: Vec<&str> = comparison.differences.iter().map(|difference| difference.name.as_str()).collect();
    let head = "Not alike in everything else";
    (!names.is_empty()).then(|| Notice::new(Tone::Warn, head, [format!("They also differ in: {}.", names.join(", "))]))
}

/// Figures beside each other; beneath each its ratio to the first run.
fn figures(comparison: &Comparison) -> Table {
    let names: Vec<String> = comparison.runs.iter().map(|run| format!("#{}", run.name)).collect();
    let headings: Vec<&str> = [""].into_iter().chain(names.iter().map(String::as_str)).chain(["#spread"]).collect();
    let mut table = Table::new("", &headings);
    for figure in &comparison.figures {
        let cell = |(place, (value, ratio)): (usize, (&Option<f64>, &Option<f64>))| {
            let cell = Cell::from(value.map_or_else(|| "–".into(), |value| unit(&figure.name).print(value)));
            match ratio.filter(|_| place > 0) {
                Some(ratio) => Cell { tone: tone(&figure.name, ratio), ..cell }.noted(format!("× {ratio:.2}")),
                None => cell,
            }
        };
        let cells = figure.values.iter().zip(&figure.ratios).enumerate().map(cell);
        let spread = Cell::from(Unit::Share.print(figure.relative_spread));
        table.push([Cell::from(figure.name.as_str())].into_iter().chain(cells).chain([spread]));
    }
    table
}

/// Conditions that are not the same in all runs.
fn differences(comparison: &Comparison) -> Table {
    let names: Vec<&str> = comparison.runs.iter().map(|run| run.name.as_str()).collect();
    let headings: Vec<&str> = [""].into_iter().chain(names).collect();
    let mut table = Table::new("", &headings);
    for difference in &comparison.differences {
        table.push([&difference.name].into_iter().chain(&difference.values).cloned());
    }
    table
}

fn facts(record: &RunRecord) -> Facts {
    let report = &record.report;
    let facts = Facts::new()
        .with("schedule", report.plan.profile.to_string())
        .with("suite", report.suite.clone())
        .with("seed", report.plan.seed.to_string())
        .with("validity", if report.invalid.is_empty() { "VALID" } else { "INVALID" })
        .with_known("oracle", record.verdict.as_ref().map(|verdict| if verdict.ok { "good" } else { "not good" }));
    match &record.manifest {
        Some(manifest) => facts.with_manifest(manifest),
        None => facts,
    }
}
