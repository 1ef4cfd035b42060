//! What is meant to go away before a change is committed, and paths that exist on one machine alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Outcome;

/// In Rust sources. Written in two parts, so that this file is none of its own findings.
const IN_RUST: [[&str; 2]; 6] =
    [["to", "do!("], ["unimpl", "emented!("], ["db", "g!("], ["FIX", "ME"], ["#[ig", "nore"], ["XX", "X"]];

/// In any text: folders of people. An element path of a message begins like one, but goes on with a capital.
const FOLDERS: [[&str; 2]; 2] = [["/ro", "ot/"], ["/ho", "me/"]];

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
    let is_rust = Path::new(name).extension().is_some_and(|extension| extension == "rs");
    let bad = text.lines().enumerate().filter_map(|(number, line)| Some((number + 1, leftover_in(line, is_rust)?)));
    bad.map(|(number, leftover)| format!("{name}:{number}: {leftover}")).collect()
}

fn leftover_in(line: &str, is_rust: bool) -> Option<String> {
    let marks = IN_RUST.iter().filter(|_| is_rust).map(|parts| parts.concat()).find(|mark| line.contains(mark));
    marks.or_else(|| FOLDERS.iter().map(|parts| parts.concat()).find(|folder| names_folder(line, folder)))
}

/// Whether the line names a folder in `folder`.
fn names_folder(line: &str, folder: &str) -> bool {
    let after = line.match_indices(folder).filter_map(|(at, _)| line.as_bytes().get(at + folder.len()));
    after.into_iter().any(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_'))
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
        let folder = FOLDERS[0].concat();
        assert_eq!(leftover_in(&format!("see {folder}.cargo"), false), Some(folder.clone()));
        assert_eq!(leftover_in(&format!("at {folder}MsgBody"), true), None);
    }
}
