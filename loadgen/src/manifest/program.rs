//! The program that measured a figure.

use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;

/// What was run, and what it was built from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Program {
    /// Version of the packages.
    pub version: String,
    /// `release` or `debug`.
    pub build: String,
    /// Compiler in the path now; built with it unless told otherwise.
    pub rustc: Option<String>,
    /// Commit of the working tree that the program was run in.
    pub commit: Option<String>,
    /// Whether that tree was changed since.
    pub dirty: bool,
    /// The command line, absolute paths by their last part.
    pub command: Vec<String>,
}

impl Program {
    /// Looks at this process and the folder that it runs in.
    pub fn inspect() -> Self {
        let described = output("git", &["describe", "--always", "--dirty", "--abbrev=12"]);
        let (commit, dirty) = commit_of(described);
        Self {
            version: env!("CARGO_PKG_VERSION").into(),
            build: if cfg!(debug_assertions) { "debug" } else { "release" }.into(),
            rustc: output("rustc", &["--version"]),
            commit,
            dirty,
            command: std::env::args().map(without_folders).collect(),
        }
    }

    /// The commit for people, `-dirty` when the tree was changed since.
    pub fn describe_commit(&self) -> Option<String> {
        self.commit.as_ref().map(|commit| format!("{commit}{}", if self.dirty { "-dirty" } else { "" }))
    }
}

fn commit_of(described: Option<String>) -> (Option<String>, bool) {
    let Some(described) = described else { return (None, false) };
    match described.strip_suffix("-dirty") {
        Some(commit) => (Some(commit.to_owned()), true),
        None => (Some(described), false),
    }
}

/// An argument without the folders of this machine, which say nothing to a reader.
fn without_folders(argument: String) -> String {
    let path = Path::new(&argument);
    match path.file_name() {
        Some(name) if path.is_absolute() => name.to_string_lossy().into_owned(),
        _ => argument,
    }
}

/// First line of what a command prints, if it is there and content.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    let line = String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned();
    Some(line).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_no_folder_of_this_machine() {
        let told =
            ["/opt/x/clearway-bench", "demo", "--json", "runs/a.json", "/"].map(|text| without_folders(text.into()));
        assert_eq!(told, ["clearway-bench", "demo", "--json", "runs/a.json", "/"]);
    }

    #[test]
    fn a_changed_tree_is_told_apart_from_its_commit() {
        let dirty = commit_of(Some("0a21fa7c1b2e-dirty".into()));
        assert_eq!(dirty, (Some("0a21fa7c1b2e".into()), true));
        assert_eq!(commit_of(Some("0a21fa7c1b2e".into())), (Some("0a21fa7c1b2e".into()), false));
        assert_eq!(commit_of(None), (None, false));
        let program = Program { commit: dirty.0, dirty: dirty.1, ..Program::default() };
        assert_eq!(program.describe_commit().as_deref(), Some("0a21fa7c1b2e-dirty"));
    }
}
