//! Tables; wide ones scroll within themselves on a phone.

use super::tone::Tone;
use askama::Template;

/// A table. The first cell of a row names it.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/table.html")]
pub struct Table {
    caption: String,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Whether its cells are set to the right.
    pub is_number: bool,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// Small, beneath it.
    pub note: String,
    /// How it is coloured.
    pub tone: Tone,
}

impl Cell {
    /// A coloured cell.
    pub fn toned(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), note: String::new(), tone }
    }

    /// The same with something small beneath.
    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn class(&self, columns: &[Column], index: &usize) -> String {
        let number = if columns.get(*index).is_some_and(|column| column.is_number) { "number" } else { "" };
        [number, self.tone.class()].join(" ").trim().to_owned()
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(Tone::Plain, text)
    }
}

impl Table {
    /// A table without rows. A heading that begins with `#` is one of numbers: `#p99`.
    pub fn new(caption: impl Into<String>, headings: &[&str]) -> Self {
        let column = |heading: &&str| match heading.strip_prefix('#') {
            Some(name) => Column { name: name.into(), is_number: true },
            None => Column { name: (*heading).into(), is_number: false },
        };
        Self { caption: caption.into(), columns: headings.iter().map(column).collect(), rows: Vec::new() }
    }

    /// One more row.
    pub fn push<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_escaped_and_numbers_stand_right() {
        let mut table = Table::new("", &["stage", "#time"]);
        table.push([Cell::from("a<b"), Cell::toned(Tone::Bad, "1 ms")]);
        let html = table.to_string();
        assert!(html.contains(r#"<th scope="row" class="">a&#60;b</th><td class="number bad">1 ms</td>"#), "{html}");
        assert!(!html.contains("caption") && !html.contains("aria-label"), "{html}");
    }
}
