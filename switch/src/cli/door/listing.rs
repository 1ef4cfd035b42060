//! Tables for people.

use clearway_codec::value::BeijingTime;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::Value;

/// A table of the values of a JSON array: one row each, under these heads.
pub(in crate::cli) fn listed<const N: usize>(
    rows: &Value,
    heads: [&str; N],
    row: impl Fn(&Value) -> [String; N],
) -> String {
    let rows = rows.as_array().map_or(&[][..], Vec::as_slice);
    if rows.is_empty() {
        return "none\n".to_owned();
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(heads);
    rows.iter().for_each(|value| {
        table.add_row(row(value));
    });
    let lines = table.to_string();
    // The library puts a space on both sides of every cell.
    lines.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line).trim_end())).collect()
}

/// A value as a cell: `-` for none, `yes` and `no`, lists with commas.
pub(in crate::cli) fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Bool(value) => if *value { "yes" } else { "no" }.to_owned(),
        Value::String(text) => shown(text),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join(","),
        value => value.to_string(),
    }
}

/// Who changed something and when, from `{"by", "at_us"}`; `-` for what is as configured.
pub(in crate::cli) fn changed_by(changed: &Value) -> String {
    match changed["at_us"].as_u64() {
        Some(at_us) => format!("{} by {}", BeijingTime::from_unix_micros(at_us), cell(&changed["by"])),
        None => "-".to_owned(),
    }
}

/// A change that was made: what is in force now, as it was journaled.
pub(super) fn made(setting: &Value) -> String {
    format!("{}: {}\n", changed_by(setting), shown(&setting["change"].to_string()))
}

/// A text without what a terminal would obey.
fn shown(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { '\u{fffd}' } else { one }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_stand_under_their_heads() {
        let rows = json!([{ "a": "x", "b": null }, { "a": "long one", "b": [1, true] }]);
        let text = listed(&rows, ["A", "B"], |row| [cell(&row["a"]), cell(&row["b"])]);
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        assert!(lines[0].starts_with('A') && lines[1].ends_with('-') && lines[2].ends_with("1,yes"), "{text}");
        assert_eq!(listed(&json!([]), ["A"], |_| [String::new()]), "none\n");
        assert!(!cell(&json!("\u{1b}[31m")).contains('\u{1b}'));
    }
}
