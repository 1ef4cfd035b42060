//! What every page has around its body.

use crate::plot::Colour;
use askama::Template;
use std::fmt::Write;

const STYLE: &str = include_str!("../../templates/style.css");

/// A document: head, title, body, foot.
///
/// ```
/// use clearway_loadgen::html::{Notice, Shell, Tone};
///
/// let body = Notice::new(Tone::Good, "VALID", ["nothing was late"]).to_string();
/// let page = Shell::new("A run", "500 payments/s for 60 s, SM2", body, "written by clearway-loadgen").to_string();
/// assert!(page.starts_with("<!DOCTYPE html>") && page.contains("nothing was late"));
/// ```
#[derive(Debug, Clone, Template)]
#[template(path = "shell.html")]
pub struct Shell {
    title: String,
    lead: String,
    body: String,
    foot: String,
    style: String,
}

impl Shell {
    /// A document around `body`, which is HTML; the others are text.
    pub fn new(
        title: impl Into<String>,
        lead: impl Into<String>,
        body: impl Into<String>,
        foot: impl Into<String>,
    ) -> Self {
        Self { title: title.into(), lead: lead.into(), body: body.into(), foot: foot.into(), style: style() }
    }
}

/// The style sheet, and the colours of plots on dark screens.
fn style() -> String {
    let mut style = format!("{STYLE}@media screen and (prefers-color-scheme: dark) {{\n");
    for colour in Colour::ALL {
        let (paper, dark) = colour.attributes();
        // Writing to a string cannot fail.
        let _ = writeln!(style, ".plot [fill=\"{paper}\"]{{fill:{dark}}}.plot [stroke=\"{paper}\"]{{stroke:{dark}}}");
    }
    style.push_str("}\n");
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_the_body_is_not() {
        let page = Shell::new("<a & b>", "\"lead\"", "<p>body</p>", "<foot>").to_string();
        assert!(page.contains("<h1>&#60;a &#38; b&#62;</h1>"), "{page}");
        assert!(page.contains("<p>body</p>"));
        assert!(!page.contains("<foot>"));
    }
}
