//! A comparison for people, on a terminal.

use super::comparison::{Comparison, Figure};
use comfy_table::{CellAlignment, Table, presets};
use std::fmt;

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", figures(self))?;
        if !self.differences.is_empty() {
            writeln!(f, "{}", differences(self))?;
        }
        for run in &self.runs {
            run.invalid.iter().try_for_each(|reason| writeln!(f, "{}: INVALID: {reason}", run.name))?;
            if run.verdict == Some(false) {
                writeln!(f, "{}: the oracle's verdict is not good", run.name)?;
            }
        }
        Ok(())
    }
}

fn figures(comparison: &Comparison) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let names = comparison.runs.iter().map(|run| run.name.clone());
    table.set_header([String::new()].into_iter().chain(names).chain(["spread".into()]));
    for figure in &comparison.figures {
        let cells = (0..comparison.runs.len()).map(|place| cell(figure, place));
        let spread = format!("{:.1} %", figure.relative_spread * 100.0);
        table.add_row([figure.name.clone()].into_iter().chain(cells).chain([spread]));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn cell(figure: &Figure, place: usize) -> String {
    let Some(value) = figure.values[place] else { return "-".into() };
    // Counts and microseconds are whole; rates and costs are not.
    let value = if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") };
    match figure.ratios[place] {
        Some(ratio) if place > 0 => format!("{value}  x {ratio:.2}"),
        _ => value,
    }
}

fn differences(comparison: &Comparison) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    let names = comparison.runs.iter().map(|run| run.name.clone());
    table.set_header(["also differs".to_owned()].into_iter().chain(names));
    for difference in &comparison.differences {
        table.add_row([difference.name.clone()].into_iter().chain(difference.values.iter().cloned()));
    }
    table
}
