//! The comparison itself.

use super::conditions::{Difference, differences};
use super::figures::FIGURES;
use crate::record::RunRecord;
use crate::search::Spread;
use serde::{Deserialize, Serialize};

/// Runs side by side, in the order given; the first one is what the others are measured against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The runs.
    pub runs: Vec<Run>,
    /// Figures that at least one of them has.
    pub figures: Vec<Figure>,
    /// Conditions that are not the same in all of them.
    pub differences: Vec<Difference>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// What it is called here: its file.
    pub name: String,
    /// First instant.
    pub started_at: String,
    /// Why its figures are not to be believed; empty = they are.
    pub invalid: Vec<String>,
    /// Whether the oracle was content; `None` = it was not asked.
    pub verdict: Option<bool>,
}

/// One figure over all runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Its name in the record.
    pub name: String,
    /// Its value in each run; `None` where the run does not have it.
    pub values: Vec<Option<f64>>,
    /// Value / value in the first run; `None` where either is missing or the first is 0.
    pub ratios: Vec<Option<f64>>,
    /// Over all runs that have it.
    pub spread: Spread,
    /// (greatest - least) / middle; 0 when the middle is 0.
    pub relative_spread: f64,
}

impl Comparison {
    /// Of these runs, each with the name that it goes by here.
    pub fn of<'a>(runs: impl IntoIterator<Item = (&'a str, &'a RunRecord)>) -> Self {
        let (names, records): (Vec<_>, Vec<_>) = runs.into_iter().unzip();
        Self {
            runs: names.iter().zip(&records).map(|(name, record)| run(name, record)).collect(),
            figures: FIGURES
                .iter()
                .filter_map(|(name, reading)| figure(name, records.iter().map(|record| reading(record)).collect()))
                .collect(),
            differences: differences(&records),
        }
    }
}

fn run(name: &str, record: &RunRecord) -> Run {
    Run {
        name: name.into(),
        started_at: record.report.started_at.clone(),
        invalid: record.report.invalid.clone(),
        verdict: record.verdict.as_ref().map(|verdict| verdict.ok),
    }
}

/// `None` when no run has it, or when it is 0 in all of them.
fn figure(name: &str, values: Vec<Option<f64>>) -> Option<Figure> {
    let known: Vec<f64> = values.iter().flatten().copied().collect();
    if known.iter().all(|value| *value == 0.0) {
        return None;
    }
    let base = values.first().copied().flatten().filter(|base| *base != 0.0);
    let ratios = values.iter().map(|value| Some((*value)? / base?)).collect();
    let spread = Spread::of(known)?;
    let relative_spread = if spread.median == 0.0 { 0.0 } else { (spread.max - spread.min) / spread.median };
    Some(Figure { name: name.into(), ratios, spread, relative_spread, values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::Quantiles;
    use crate::record::{Recording, StageBudget};
    use crate::report::Report;

    fn record(p99: u64, suite: &str) -> RunRecord {
        let response_us = Quantiles { p50: 100, p99, count: 10, ..Quantiles::default() };
        let report = Report { response_us, payments_per_second: 500.0, suite: suite.into(), ..Report::default() };
        RunRecord::new(report, &Recording::default())
    }

    #[test]
    fn figures_carry_ratio_and_spread() {
        let runs = [record(1_000, "a"), record(1_500, "a"), record(1_250, "a")];
        let comparison = Comparison::of(["one", "two", "three"].into_iter().zip(&runs));
        let p99 = comparison.figures.iter().find(|figure| figure.name == "response_us.p99").unwrap();
        assert_eq!(p99.ratios, [Some(1.0), Some(1.5), Some(1.25)]);
        assert_eq!(p99.spread, Spread { min: 1_000.0, median: 1_250.0, max: 1_500.0 });
        assert!((p99.relative_spread - 0.4).abs() < 1e-9, "{}", p99.relative_spread);
        assert!(comparison.differences.is_empty(), "{:?}", comparison.differences);
        assert!(comparison.figures.iter().all(|figure| figure.name != "errors"), "nothing went wrong in any run");
        let json = serde_json::to_string(&comparison).unwrap();
        assert_eq!(serde_json::from_str::<Comparison>(&json).unwrap(), comparison);
    }

    #[test]
    fn what_one_run_lacks_is_left_open_and_what_differs_is_told() {
        let mut staged = record(1_000, "b");
        staged.stages = Some(StageBudget { total_wall_us: 900.0, ..StageBudget::default() });
        staged.report.invalid.push("late".into());
        let runs = [record(1_000, "a"), staged];
        let comparison = Comparison::of(["one", "two"].into_iter().zip(&runs));
        let wall = comparison.figures.iter().find(|figure| figure.name == "stages.total_wall_us").unwrap();
        assert_eq!(
            (wall.values.as_slice(), wall.ratios.as_slice()),
            ([None, Some(900.0)].as_slice(), [None, None].as_slice())
        );
        let differences: Vec<_> = comparison.differences.iter().map(|difference| difference.name.as_str()).collect();
        assert_eq!(differences, ["suite"]);
        let text = comparison.to_string();
        assert!(text.contains("two: INVALID: late") && text.contains("suite"), "{text}");
    }

    #[test]
    fn nothing_compares_to_nothing() {
        let comparison = Comparison::of(std::iter::empty());
        assert!(comparison.figures.is_empty() && comparison.differences.is_empty());
    }
}
