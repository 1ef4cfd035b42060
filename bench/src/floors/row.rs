//! One line of the table of floors.

use comfy_table::{Cell, CellAlignment, Table, presets};
use serde::Serialize;

/// What was measured, what it is set against, and what was wanted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Name, as in the goals.
    pub name: String,
    /// The figure; none when it could not be taken.
    pub value: Option<f64>,
    /// The floor or the peer, in the same unit; none when there is none.
    pub floor: Option<f64>,
    /// `value / floor`.
    pub ratio: Option<f64>,
    /// What is wanted, of the ratio or of the value.
    pub goal: String,
    /// Whether it was reached; none when it was not measured, or measured in a way that cannot tell.
    pub met: Option<bool>,
    /// Unit of value and floor.
    pub unit: &'static str,
    /// What stands behind the figures, or why there are none.
    pub note: String,
}

/// What is wanted of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    RatioAtMost(f64),
    RatioAtLeast(f64),
    ValueAtMost(f64),
    ValueAtLeast(f64),
    /// The row informs.
    None,
}

impl Row {
    /// A measured row.
    pub(crate) fn new(name: &str, unit: &'static str, value: f64, floor: Option<f64>, goal: Goal) -> Self {
        let ratio = floor.filter(|floor| *floor > 0.0).map(|floor| value / floor);
        let met = match goal {
            Goal::RatioAtMost(most) => ratio.map(|ratio| ratio <= most),
            Goal::RatioAtLeast(least) => ratio.map(|ratio| ratio >= least),
            Goal::ValueAtMost(most) => Some(value <= most),
            Goal::ValueAtLeast(least) => Some(value >= least),
            Goal::None => None,
        };
        Self {
            name: name.to_owned(),
            value: Some(value),
            floor,
            ratio,
            goal: goal.to_string(),
            met,
            unit,
            note: String::new(),
        }
    }

    /// The same with what stands behind it.
    pub(crate) fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// The same for a run that cannot tell whether the goal is met.
    pub(crate) fn undecided(mut self) -> Self {
        self.met = None;
        self
    }

    /// The same for a run that broke a rule: no figure is worth that.
    pub(crate) fn missed(mut self) -> Self {
        self.met = Some(false);
        self
    }

    /// A row that could not be measured.
    pub(crate) fn skipped(name: String, why: &str) -> Self {
        Self {
            name,
            value: None,
            floor: None,
            ratio: None,
            goal: String::new(),
            met: None,
            unit: "",
            note: format!("SKIPPED: {why}"),
        }
    }

    /// The note as a line below the table.
    pub(super) fn remark(&self) -> Option<String> {
        (!self.note.is_empty()).then(|| format!("{}: {}", self.name, self.note))
    }
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RatioAtMost(most) => write!(f, "ratio <= {most}"),
            Self::RatioAtLeast(least) => write!(f, "ratio >= {least}"),
            Self::ValueAtMost(most) => write!(f, "value <= {most}"),
            Self::ValueAtLeast(least) => write!(f, "value >= {least}"),
            Self::None => Ok(()),
        }
    }
}

/// All rows for people.
pub fn table(rows: &[Row]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(vec!["name", "value", "floor or peer", "unit", "ratio", "goal", "met"]);
    for row in rows {
        let number = |value: Option<f64>| {
            Cell::new(value.map_or_else(|| "-".to_owned(), significant)).set_alignment(CellAlignment::Right)
        };
        let met = row.met.map_or("-", |met| if met { "yes" } else { "NO" });
        let texts = [Cell::new(row.unit), number(row.ratio), Cell::new(&row.goal), Cell::new(met)];
        let figures = [Cell::new(&row.name), number(row.value), number(row.floor)];
        table.add_row(figures.into_iter().chain(texts).collect::<Vec<_>>());
    }
    table
}

/// Three digits that mean something.
fn significant(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        large if large >= 100.0 => format!("{value:.0}"),
        medium if medium >= 10.0 => format!("{value:.1}"),
        small if small >= 0.01 => format!("{value:.2}"),
        _ => format!("{value:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_judged_on_what_they_name() {
        let cases = [
            (10.0, Some(5.0), Goal::RatioAtMost(2.0), Some(true)),
            (10.1, Some(5.0), Goal::RatioAtMost(2.0), Some(false)),
            (10.0, Some(5.0), Goal::RatioAtLeast(2.0), Some(true)),
            (10.0, None, Goal::RatioAtLeast(2.0), None),
            (10.0, Some(0.0), Goal::RatioAtMost(2.0), None),
            (0.0, None, Goal::ValueAtMost(0.0), Some(true)),
            (7.0, Some(7.0), Goal::None, None),
            (3_499.0, Some(5_300.0), Goal::ValueAtLeast(3_500.0), Some(false)),
        ];
        for (value, floor, goal, met) in cases {
            assert_eq!(Row::new("x", "", value, floor, goal).met, met, "{value} {floor:?} {goal}");
        }
    }

    #[test]
    fn json_has_the_six_names_first() {
        let row = Row::new("x", "us", 3.0, Some(2.0), Goal::RatioAtMost(2.0));
        let json = serde_json::to_string(&row).unwrap();
        assert!(
            json.starts_with(r#"{"name":"x","value":3.0,"floor":2.0,"ratio":1.5,"goal":"ratio <= 2","met":true"#),
            "{json}"
        );
        let skipped = serde_json::to_string(&Row::skipped("y".into(), "no psql")).unwrap();
        assert!(skipped.contains(r#""value":null"#) && skipped.contains("SKIPPED: no psql"), "{skipped}");
    }

    #[test]
    fn numbers_are_short() {
        let texts = [0.0, 0.0042, 0.123, 1.5, 12.34, 123.4, 12_345.6].map(significant);
        assert_eq!(texts, ["0", "4.20e-3", "0.12", "1.50", "12.3", "123", "12346"]);
    }
}
