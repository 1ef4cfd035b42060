//! The command line: `clearway init | serve | check | trace | journal | agreements`, and what operators ask of a node that
//! runs: `participants | limits | maintenance | keys | history` (a file each in `operator`; the way to the node is `door`).
//!
//! What a command finds goes to stdout, logs and errors go to stderr. Exit codes:
//!
//! ```text
//! 0  done, nothing wrong
//! 1  done, and something is wrong: payment not found, a signature that does not verify, a damaged journal
//! 2  the command line cannot be understood
//! 3  the configuration is wrong, or the node refuses the operator or what he asks for
//! 4  the machine is against it: file, disk, address, permission
//! 5  the journal or a checkpoint is damaged, the node does not start
//! 6  the node stopped itself
//! ```
//!
//! `serve` prints one line when it takes payments: `ready listen=ADDRESS admin=ADDRESS driver=DRIVER pid=PID`.
//! Called by: `main`.

mod agreements;
mod books;
mod command;
mod configure;
mod cutover;
mod door;
mod inspect;
mod memory;
mod operator;
mod progress;
mod serve;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::error::{Error, Fault};
use command::{Command, CommandLine, JournalCommand};

/// Shown by `--help`.
const EXIT_CODES_HELP: &str = "Exit codes: 0 good, 1 something is wrong (not found, bad signature, damage), 2 usage, \
                               3 configuration, 4 machine, 5 damaged data, 6 node stopped itself.";

/// How a command that could do its work judges what it saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    Bad,
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let line = CommandLine::parse();
    match start_log(&line.log).and_then(|()| dispatch(&line.command)) {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::from(1),
        Err(error) => {
            eprintln!("clearway: {}", with_causes(&error));
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(command: &Command) -> Result<Verdict, Error> {
    match command {
        Command::Init(arguments) => configure::run_init(arguments),
        Command::Check(arguments) => configure::run_check(arguments),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Trace(arguments) => inspect::run_trace(arguments),
        Command::Journal(JournalCommand::Verify(arguments)) => inspect::run_verify(arguments),
        Command::Journal(JournalCommand::Inspect(arguments)) => inspect::run_inspect(arguments),
        Command::Journal(JournalCommand::Arrivals(arguments)) => inspect::run_arrivals(arguments),
        Command::Agreements(command) => agreements::run(command),
        Command::Participants(command) => command.run(),
        Command::Limits(command) => command.run(),
        Command::Links(command) => command.run(),
        Command::Maintenance(command) => command.run(),
        Command::Keys(command) => command.run(),
        Command::Routes(command) => command.run(),
        Command::Route(command) => command.run(),
        Command::Books(command) => command.run(),
        Command::History(arguments) => arguments.run(),
    }
}

fn start_log(filter: &str) -> Result<(), Error> {
    let bad =
        |error: &dyn std::fmt::Display| Error::new(Fault::Configuration, format!("{filter:?}: {error}")).at("--log");
    let filter = EnvFilter::try_new(filter).map_err(|error| bad(&error))?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false);
    subscriber.try_init().map_err(|error| bad(&error))
}

/// The error and what caused it, each once: many texts name their cause already.
fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        let said = source.to_string();
        if !text.contains(&said) {
            text.push_str("; because ");
            text.push_str(&said);
        }
        cause = source.source();
    }
    text
}

/// Writes a result to stdout; a reader that went away (`| head`) is no error.
fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once() {
        let inner = || std::io::Error::other("disk on fire");
        let outer = Error::new(Fault::Data, "the journal cannot be opened").caused_by(inner());
        assert_eq!(with_causes(&outer), "data: the journal cannot be opened; because disk on fire");
        let named = Error::file("read", "/x".as_ref(), inner());
        assert_eq!(with_causes(&named), "environment: /x: cannot read: disk on fire");
    }
}
