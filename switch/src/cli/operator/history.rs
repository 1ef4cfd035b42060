//! `clearway history`.

use clap::Args;
use serde_json::Value;

use super::super::Verdict;
use super::super::door::{DoorArguments, cell, changed_by, listed};
use crate::error::Error;

/// Entries that are shown when nothing is said.
const LAST: usize = 50;
/// Characters of a change that a table shows; `--json` shows all.
const CHANGE_CHARS_MAX: usize = 240;

#[derive(Debug, Args)]
pub(in crate::cli) struct HistoryArguments {
    /// Of this area alone: admission, links, routes, keys.
    #[arg(long, value_name = "AREA")]
    area: Option<String>,
    /// So many of the newest at most.
    #[arg(long, value_name = "NUMBER", default_value_t = LAST)]
    last: usize,
    #[command(flatten)]
    door: DoorArguments,
}

impl HistoryArguments {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        self.door.open()?.show("/history", |entries| list(entries, self.area.as_deref(), self.last))
    }
}

/// The newest changes of one area.
pub(super) fn show_area(door: &DoorArguments, area: &str) -> Result<Verdict, Error> {
    door.open()?.show("/history", |entries| list(entries, Some(area), LAST))
}

fn list(entries: &Value, area: Option<&str>, last: usize) -> String {
    let all = entries.as_array().into_iter().flatten();
    let wanted = all.filter(|entry| area.is_none_or(|area| entry["space"] == area));
    let wanted: Value = wanted.take(last).cloned().collect();
    listed(&wanted, ["NUMBER", "CHANGED", "AREA", "CHANGE"], |entry| {
        let text = cell(&Value::String(entry["change"].to_string()));
        let change = match text.char_indices().nth(CHANGE_CHARS_MAX) {
            Some((end, _)) => format!("{}...", &text[..end]),
            None => text,
        };
        [cell(&entry["number"]), changed_by(entry), cell(&entry["space"]), change]
    })
}
