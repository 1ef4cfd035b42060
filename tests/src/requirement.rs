//! What a test needs of the machine, and what happens when it is not there.
//!
//! Invariant: a test is never silently empty. Without the tool it prints a line that begins with `SKIPPED`; with
//! `CLEARWAY_REQUIRE_TOOLS=1`, as in CI, a missing *tool* is a failure. A missing *privilege* (mounting a disk) is always a skip:
//! no installation can mend it.

use std::path::PathBuf;

/// Whether CI asks for every tool.
#[must_use]
pub fn tools_are_required() -> bool {
    std::env::var_os("CLEARWAY_REQUIRE_TOOLS").is_some_and(|value| value == "1")
}

/// Where `program` is on the `PATH`.
#[must_use]
pub fn find(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Says that `test` is left out because the machine does not allow `what`.
pub fn skip(test: &str, what: &str) {
    println!("SKIPPED: {test} needs {what}");
}
