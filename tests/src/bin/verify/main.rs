//! The gate: everything that must hold of the source before a change goes in, tests aside. It changes no file.
//!
//! ```text
//! cargo verify        (alias in .cargo/config.toml; .ci/run calls the same)
//!   format  clippy  documentation  dependencies  instructions  catalogue  readme  leftovers
//! ```
//!
//! Prints one line a step; what a failed step said follows it. A step whose tool is not there is named and left out; with
//! `CLEARWAY_REQUIRE_TOOLS=1` it fails. Exit code 0 only if no step failed.

mod command;
mod leftovers;
mod readme;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clearway_tests::catalogue;
use clearway_tests::requirement::{find, tools_are_required};

use command::cargo;

/// How a step ended.
enum Outcome {
    /// It holds.
    Good,
    /// It does not; what was found.
    Bad(String),
    /// It could not be looked at; what is missing.
    Missing(String),
}

type Check = fn(&Path) -> Outcome;

const STEPS: [(&str, Check); 8] = [
    ("format", check_format),
    ("clippy", check_clippy),
    ("documentation", check_documentation),
    ("dependencies", check_dependencies),
    ("instructions", check_instructions),
    ("catalogue", check_catalogue),
    ("readme", readme::check),
    ("leftovers", leftovers::check),
];

fn main() -> ExitCode {
    let root = workspace();
    let failed = STEPS.into_iter().filter(|(name, check)| !run(name, *check, &root)).count();
    println!(
        "verify: {}",
        if failed == 0 { "good".to_owned() } else { format!("{failed} of {} steps failed", STEPS.len()) }
    );
    ExitCode::from(u8::from(failed > 0))
}

/// Runs one step and says how it ended. Whether the gate may still open.
fn run(name: &str, check: Check, root: &Path) -> bool {
    let began = Instant::now();
    let outcome = check(root);
    let seconds = began.elapsed().as_secs_f64();
    match outcome {
        Outcome::Good => println!("verify: {name:<14} good     {seconds:>6.1} s"),
        Outcome::Bad(found) => {
            println!("verify: {name:<14} FAILED   {seconds:>6.1} s\n{found}");
            return false;
        }
        Outcome::Missing(what) if tools_are_required() => {
            println!("verify: {name:<14} FAILED   needs {what}");
            return false;
        }
        Outcome::Missing(what) => println!("verify: {name:<14} SKIPPED  needs {what}"),
    }
    true
}

fn check_format(root: &Path) -> Outcome {
    cargo(root, &["fmt", "--all", "--check"], &[])
}

fn check_clippy(root: &Path) -> Outcome {
    cargo(root, &["clippy", "--locked", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"], &[])
}

fn check_documentation(root: &Path) -> Outcome {
    cargo(root, &["doc", "--locked", "--workspace", "--no-deps", "--quiet"], &[("RUSTDOCFLAGS", "-D warnings")])
}

/// Which crates, under which licences, from where. Known faults in them are another matter: their list changes by the day, and a
/// gate must say the same of the same source tomorrow.
fn check_dependencies(root: &Path) -> Outcome {
    if find("cargo-deny").is_none() {
        return Outcome::Missing("cargo-deny (cargo install cargo-deny --locked)".to_owned());
    }
    cargo(root, &["deny", "--log-level", "error", "check", "bans", "licenses", "sources"], &[])
}

fn check_instructions(root: &Path) -> Outcome {
    let missing = [
        ("valgrind", "valgrind (Debian: apt install valgrind)"),
        ("gungraun-runner", "gungraun-runner (cargo install gungraun-runner --version 0.20.0 --locked)"),
    ];
    if let Some((_, what)) = missing.into_iter().find(|(program, _)| find(program).is_none()) {
        return Outcome::Missing(what.to_owned());
    }
    cargo(root, &["run", "--locked", "--quiet", "-p", "clearway-bench", "--", "instructions", "--check"], &[])
}

/// Whether the reference of the wire says what the catalogue says.
fn check_catalogue(root: &Path) -> Outcome {
    match catalogue::stale(root) {
        Ok(stale) if stale.is_empty() => Outcome::Good,
        Ok(stale) => {
            let files: Vec<_> = stale.iter().map(|path| format!("{}/{}", catalogue::FOLDER, path.display())).collect();
            Outcome::Bad(format!("stale, run cargo catalogue:\n{}", files.join("\n")))
        }
        Err(error) => Outcome::Bad(format!("{}: {error}", catalogue::FOLDER)),
    }
}

/// The folder of the workspace: the one above this package's.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}
