//! Runs laid over each other; the first one is what the others are compared with.

use super::plots;
use super::rows::{Better, ROWS, ratio};
use crate::html::{Cell, Facts, Figure, Notice, Shell, Table, Tone};
use crate::record::RunRecord;
use askama::Template;

/// Closer than this to the first run is no difference worth a colour: repeats of one program differ by more.
const NOISE: f64 = 0.1;

#[derive(Template)]
#[template(path = "comparison.html")]
struct Body {
    notices: Vec<Notice>,
    figures: Table,
    plots: Vec<Figure>,
    runs: Vec<(String, Facts)>,
}

/// The page of two or more runs, each with its name.
pub fn comparison_page(runs: &[(String, RunRecord)]) -> String {
    let body = Body {
        notices: [spoiled(runs), unlike(runs)].into_iter().flatten().collect(),
        figures: figures(runs),
        plots: plots::figures(runs),
        runs: runs.iter().map(|(name, record)| (name.clone(), facts(record))).collect(),
    };
    let names: Vec<&str> = runs.iter().map(|(name, _)| name.as_str()).collect();
    let lead = format!("{}; ratios are to {}", names.join(", "), names.first().unwrap_or(&"nothing"));
    Shell::new("Comparison of runs", lead, body.to_string(), FOOT).to_string()
}

const FOOT: &str = "clearway-loadgen compare. Every figure stands in the runs' JSON records under its documented name.";

/// Which runs are not to be believed.
fn spoiled(runs: &[(String, RunRecord)]) -> Option<Notice> {
    let reasons = runs
        .iter()
        .flat_map(|(name, record)| record.report.invalid.iter().map(move |reason| format!("{name}: {reason}")));
    let reasons: Vec<String> = reasons.collect();
    (!reasons.is_empty()).then(|| Notice::new(Tone::Bad, "INVALID runs among these", reasons))
}

/// In what the runs differ beside what is to be compared.
fn unlike(runs: &[(String, RunRecord)]) -> Option<Notice> {
    let traits: [(&str, fn(&RunRecord) -> String); 4] = [
        ("suite", |record| record.report.suite.clone()),
        ("schedule", |record| record.report.plan.profile.to_string()),
        ("mix", |record| format!("{:?}", record.report.plan.mix)),
        ("machine", |record| record.manifest.as_ref().map_or_else(String::new, |it| it.machine.family())),
    ];
    let differing = traits.into_iter().filter_map(|(name, pick)| {
        let seen: Vec<String> = runs.iter().map(|(_, record)| pick(record)).collect();
        let is_same = seen.windows(2).all(|pair| pair[0] == pair[1]);
        (!is_same).then(|| if name == "mix" { name.to_owned() } else { format!("{name}: {}", seen.join(" | ")) })
    });
    let differing: Vec<String> = differing.collect();
    (!differing.is_empty()).then(|| Notice::new(Tone::Warn, "Not alike in everything else", differing))
}

/// Figures beside each other; beneath each its ratio to the first run.
fn figures(runs: &[(String, RunRecord)]) -> Table {
    let names: Vec<String> = runs.iter().map(|(name, _)| format!("#{name}")).collect();
    let headings: Vec<&str> = [""].into_iter().chain(names.iter().map(String::as_str)).collect();
    let mut table = Table::new("", &headings);
    for row in ROWS {
        let values: Vec<f64> = runs.iter().map(|(_, record)| (row.pick)(&record.report)).collect();
        let cells = values.iter().enumerate().map(|(place, value)| {
            let cell = Cell::from(row.unit.print(*value));
            match ratio(*value, values[0]).filter(|_| place > 0) {
                Some(ratio) => Cell { tone: tone(ratio, row.better), ..cell }.noted(format!("× {ratio:.2}")),
                None => cell,
            }
        });
        table.push([Cell::from(row.name)].into_iter().chain(cells));
    }
    table
}

fn tone(ratio: f64, better: Better) -> Tone {
    let gain = if better == Better::More { ratio - 1.0 } else { 1.0 - ratio };
    match gain {
        gain if gain > NOISE => Tone::Good,
        gain if gain < -NOISE => Tone::Bad,
        _ => Tone::Plain,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_coloured_when_it_is_more_than_noise() {
        assert_eq!(tone(1.2, Better::Less), Tone::Bad);
        assert_eq!(tone(1.2, Better::More), Tone::Good);
        assert_eq!(tone(0.95, Better::Less), Tone::Plain);
        assert_eq!(tone(0.5, Better::Less), Tone::Good);
    }
}
