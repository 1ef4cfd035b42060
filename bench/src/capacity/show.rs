//! The closing words on the terminal.

use std::fmt::Write;
use std::path::Path;

use super::model::Answer;
use super::report::PAGE;

/// The one-page answer, the caveats, and where the rest stands.
pub(super) fn summary(answer: &Answer, folder: &Path) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for sentence in &answer.headline {
        let _ = writeln!(text, "{sentence}");
    }
    for caveat in &answer.caveats {
        let _ = writeln!(text, "  ! {caveat}");
    }
    for skipped in &answer.measurements.skipped {
        let _ = writeln!(text, "  - not measured: {skipped}");
    }
    let _ = write!(text, "{}", folder.join(PAGE).display());
    text
}
