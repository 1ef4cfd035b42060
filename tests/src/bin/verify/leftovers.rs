//! What is meant to go away before a change is committed, and paths that exist on one machine alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Outcome;

/// In Rust sources. Written in two parts, so that this file is none of its own findings.
const IN_RUST: [[&str; 2]; 6] =
    [["to", "do!("], ["unimpl", "emented!("], ["db", "g!("], ["FIX", "ME"], ["#[ig", "nore"], ["XX", "X"]];

/// In any text.
const ANYWHERE: [[&str; 2]; 2] = [["/ro", "ot/"], ["/ho", "me/"]];

/// Looks through the files that git tracks.
pub(crate) fn check(root: &Path) -> Outcome {
    let listed = Command::new("git").arg("-C").arg(root).args(["ls-files", "-z"]).output();
    let listed = match listed {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        Ok(output) => {
            return Outcome::Missing(format!("a git checkout: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
        Err(error) => return Outcome::Missing(format!("git: {error}")),
    };
    let findings: Vec<String> = listed.split_terminator('\0').flat_map(|name| findings_in(root, name)).collect();
    if findings.is_empty() { Outcome::Good } else { Outcome::Bad(findings.join("\n")) }
}

fn findings_in(root: &Path, name: &str) -> Vec<String> {
    // Not text, or gone and not yet committed.
    let Ok(text) = fs::read_to_string(root.join(name)) else { return Vec::new() };
    let mut unwanted: Vec<String> = ANYWHERE.iter().map(|parts| parts.concat()).collect();
    if Path::new(name).extension().is_some_and(|extension| extension == "rs") {
        unwanted.extend(IN_RUST.iter().map(|parts| parts.concat()));
    }
    let lines = text.lines().enumerate();
    let bad = lines
        .filter_map(|(number, line)| Some((number, unwanted.iter().find(|pattern| line.contains(pattern.as_str()))?)));
    bad.map(|(number, pattern)| format!("{name}:{}: {pattern}", number + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_found_with_their_line() {
        let dir = tempfile::tempdir().expect("a folder");
        let leftover = IN_RUST[0].concat();
        fs::write(dir.path().join("a.rs"), format!("fn a() {{\n    {leftover})\n}}\n")).expect("written");
        fs::write(dir.path().join("a.md"), format!("{leftover}) is no fault here\n")).expect("written");
        assert_eq!(findings_in(dir.path(), "a.rs"), [format!("a.rs:2: {leftover}")]);
        assert!(findings_in(dir.path(), "a.md").is_empty());
    }
}
