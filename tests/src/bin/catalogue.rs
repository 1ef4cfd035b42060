//! Makes the reference of the wire from the catalogue.
//!
//! ```text
//! cargo catalogue            writes codec/reference (alias in .cargo/config.toml)
//! cargo catalogue --check    writes nothing; lists what is stale and exits with 1 if anything is
//! ```

use std::path::Path;
use std::process::ExitCode;

use clearway_tests::catalogue::{FOLDER, stale, update};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_check = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--check"] => true,
        _ => {
            eprintln!("usage: cargo catalogue [--check]");
            return ExitCode::from(2);
        }
    };
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."));
    let files = match if is_check { stale(workspace) } else { update(workspace) } {
        Ok(files) => files,
        Err(error) => {
            eprintln!("{FOLDER}: {error}");
            return ExitCode::from(2);
        }
    };
    for file in &files {
        println!("{}: {FOLDER}/{}", if is_check { "stale" } else { "written" }, file.display());
    }
    if files.is_empty() {
        println!("catalogue: {FOLDER} says what the catalogue says");
    }
    ExitCode::from(u8::from(is_check && !files.is_empty()))
}
