//! Where Debian's package, or another, has put PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;

/// Debian keeps one folder for each major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The programs of one version.
#[derive(Debug, Clone)]
pub(super) struct Installation {
    bin: PathBuf,
    version: String,
}

impl Installation {
    /// The newest version in Debian's place, else what is in the path.
    pub(super) fn find() -> Result<Self, Error> {
        let mut candidates: Vec<PathBuf> =
            std::fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
        candidates.sort_by_key(|bin| std::cmp::Reverse(major(bin)));
        candidates.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
        let bin =
            candidates.into_iter().find(|bin| ["postgres", "initdb"].iter().all(|program| bin.join(program).exists()));
        let bin = bin.ok_or_else(|| Error::Unsuited("needs PostgreSQL (Debian: apt install postgresql)".into()))?;
        let found = Self { version: version(&bin.join("postgres"))?, bin };
        for program in ["pgbench", "psql"] {
            version(&found.client(program))
                .map_err(|_| Error::Unsuited(format!("needs {program} (Debian: apt install postgresql-contrib)")))?;
        }
        Ok(found)
    }

    /// A program that only the server's package has.
    pub(super) fn server(&self, program: &str) -> PathBuf {
        self.bin.join(program)
    }

    /// A program that may be in the path alone.
    pub(super) fn client(&self, program: &str) -> PathBuf {
        let beside = self.bin.join(program);
        if beside.exists() { beside } else { PathBuf::from(program) }
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }
}

/// A command that ends by itself: interrupted after so many seconds, killed five later, also when this process is gone by then.
pub(super) fn bounded(program: &Path, limit_s: u32) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--signal=INT", "--kill-after=5"]).arg(limit_s.to_string()).arg(program);
    command
}

fn major(bin: &Path) -> Option<u32> {
    bin.parent()?.file_name()?.to_str()?.parse().ok()
}

fn version(program: &Path) -> Result<String, Error> {
    let output =
        Command::new(program).arg("--version").output().map_err(Error::machine(program.display().to_string()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let number = said.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    number
        .map(|number| format!("PostgreSQL {number}"))
        .ok_or_else(|| Error::Node(format!("{} said {said:?}", program.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debian_folders_are_ordered_by_version() {
        let bins = ["/usr/lib/postgresql/9/bin", "/usr/lib/postgresql/15/bin", "/opt/x/bin"].map(Path::new);
        assert_eq!(bins.map(major), [Some(9), Some(15), None]);
    }
}
