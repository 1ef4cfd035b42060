//! `clearway-loadgen`: simulated counterparties of a node, and open-loop load upon it, from two terminals.
//!
//! ```text
//! 0    good: every threshold held, and the oracle found nothing
//! 1    a threshold was missed, the oracle found a violation, or something is still open
//! 2    the run is INVALID: the generator was late, busy, or dropped requests
//! 3    the target never answered
//! 64   command line, configuration or plan not understood
//! 70   the generator itself or its machine failed
//! 130  interrupted
//! ```

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
    clearway_loadgen::descriptors::raise_limit();
    match cli::Command::try_parse() {
        Ok(command) => carry_out(command),
        Err(answer) => {
            // A closed stderr is no reason for another exit code.
            let _ = answer.print();
            if answer.use_stderr() { cli::Ending::Usage } else { cli::Ending::Good }
        }
    }
    .code()
}

fn carry_out(command: cli::Command) -> cli::Ending {
    command.carry_out().unwrap_or_else(|error| {
        eprintln!("clearway-loadgen: {error}");
        cli::Ending::from(&error)
    })
}
