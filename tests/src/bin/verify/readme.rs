//! The README is short enough to be read.

use std::fs;
use std::path::Path;

use crate::Outcome;

const LINES_MAX: usize = 150;

pub(crate) fn check(root: &Path) -> Outcome {
    let text = match fs::read_to_string(root.join("README.md")) {
        Ok(text) => text,
        Err(error) => return Outcome::Bad(format!("README.md: {error}")),
    };
    match text.lines().count() {
        lines if lines < LINES_MAX => Outcome::Good,
        lines => Outcome::Bad(format!("README.md has {lines} lines; it must have fewer than {LINES_MAX}")),
    }
}
