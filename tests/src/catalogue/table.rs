//! The rows of the catalogue as a table in Markdown.

use std::fmt::Write as _;

use clearway_codec::catalogue::{Element, Presence};

use super::form;

const HEAD: &str = "\
| element | 中文 | meaning | type | length | presence | encrypted | example |
| --- | --- | --- | --- | --- | --- | --- | --- |
";

/// A table of everything below `elements`; paths begin with `parent`.
pub(super) fn write(parent: &str, elements: &'static [Element]) -> String {
    let mut table = HEAD.to_owned();
    for element in elements {
        row(&mut table, parent, element);
    }
    table
}

fn row(table: &mut String, parent: &str, element: &'static Element) {
    let path = format!("{parent}{}", element.name());
    let (form, length, encrypted, example) = match element.leaf() {
        None => ("block".to_owned(), String::new(), String::new(), String::new()),
        Some(leaf) if leaf.is_encrypted() => (
            "base64".to_owned(),
            format!("{} (clear {})", leaf.chars_max, leaf.clear_chars_max),
            "yes".to_owned(),
            cell(leaf.example),
        ),
        Some(leaf) => {
            (form::name_of(leaf.value_type).to_owned(), leaf.chars_max.to_string(), "no".to_owned(), cell(leaf.example))
        }
    };
    let presence = presence_of(element.presence);
    let example = if example.is_empty() { example } else { format!("`{example}`") };
    let (chinese, english) = (cell(element.chinese), cell(element.english));
    // A `String` takes whatever is written to it.
    let _ = writeln!(
        table,
        "| {path} | {chinese} | {english} | {form} | {length} | {presence} | {encrypted} | {example} |"
    );
    for child in element.children() {
        row(table, &format!("{path}/"), child);
    }
}

fn presence_of(presence: Presence) -> String {
    match presence {
        Presence::Mandatory => "M".to_owned(),
        Presence::Optional => "O".to_owned(),
        Presence::Conditional => "C".to_owned(),
        Presence::Repeated(times_max) => format!("0..{times_max}"),
    }
}

/// Text that does not end its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
