//! What counting needs: valgrind, the runner that fits the library, the compiler.

use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Version of gungraun in the workspace; its runner must be the same.
const RUNNER_VERSION: &str = "0.20.0";

/// What decides which instructions are made and run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchain {
    /// The compiler.
    pub rustc: String,
    /// Whether the processor has AVX2: libraries that look at run time choose by it.
    pub avx2: bool,
    /// For the record; counts do not depend on it.
    pub valgrind: String,
}

/// Finds everything, or says what is missing.
pub(super) fn find() -> Result<Toolchain, Error> {
    let valgrind = said("valgrind", &["--version"])
        .ok_or_else(|| Error::Unsuited("valgrind (Debian: apt install valgrind)".into()))?;
    let install =
        format!("gungraun-runner {RUNNER_VERSION} (cargo install gungraun-runner --version {RUNNER_VERSION} --locked)");
    let runner = said("gungraun-runner", &["--version"]).ok_or_else(|| Error::Unsuited(install.clone()))?;
    if runner.split_whitespace().next_back() != Some(RUNNER_VERSION) {
        return Err(Error::Unsuited(format!("{install}; there is {runner}")));
    }
    let rustc = said(&compiler(), &["--version"]).ok_or_else(|| Error::Unsuited("rustc".into()))?;
    let flags = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    Ok(Toolchain { rustc, avx2: flags.split_whitespace().any(|flag| flag == "avx2"), valgrind })
}

/// Whether a missing tool is a fault here.
pub(super) fn are_required() -> bool {
    std::env::var_os("CLEARWAY_REQUIRE_TOOLS").is_some_and(|value| value == "1")
}

/// The build tool: the one that started us, if one did.
pub(super) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

fn compiler() -> String {
    std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned())
}

/// First line of what a program prints.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    String::from_utf8_lossy(&output.stdout).lines().next().map(|line| line.trim().to_owned())
}
