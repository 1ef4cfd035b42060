//! `clearway-loadgen`: simulated counterparties of a node, and open-loop load upon it, from two terminals.
//!
//! Exit codes: 0 good; 1 the oracle found a violation or something still open; 2 the command cannot be carried out; 3
//! the target never answered.

mod cli;

use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match cli::Command::parse().carry_out() {
        Ok(ending) => ending.code(),
        Err(error) => {
            eprintln!("clearway-loadgen: {error}");
            cli::Ending::Impossible.code()
        }
    }
}
