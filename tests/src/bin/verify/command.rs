//! Runs cargo within cargo.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;

/// What cargo tells the programs that it runs. A cargo below must not hear it: build scripts that look at it would run again, and
/// everything above them would be built anew.
const TOLD: [&str; 6] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"];

/// Runs cargo with these arguments in `root`; what it says is kept for the case that it fails.
pub(crate) fn cargo(root: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root).stdin(Stdio::null()).envs(variables.iter().copied());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| TOLD.iter().any(|told| name.starts_with(told))) {
            command.env_remove(name);
        }
    }
    match command.output() {
        Ok(output) if output.status.success() => Outcome::Good,
        Ok(output) => {
            let said = [String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)].concat();
            Outcome::Bad(format!("$ cargo {}\n{said}", arguments.join(" ")))
        }
        Err(error) => Outcome::Missing(format!("cargo: {error}")),
    }
}
