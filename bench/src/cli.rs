//! The command line: `clearway-bench demo | floors | books | bulkhead | failover | generators | instructions | machine`.
//!
//! Results go to stdout, progress and complaints to stderr. Exit codes:
//!
//! ```text
//! 0    good: the oracle's verdict, or every goal that was measured, or no growth
//! 1    measured, and not good
//! 2    the command line cannot be understood
//! 3    could not be measured
//! 130  interrupted
//! ```

use std::ffi::OsStr;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::disk::Scratch;
use crate::error::Error;
use crate::floors::child;
use crate::machine::Machine;
use crate::{books, bulkhead, capacity, demo, failover, floors, generators, history, instructions, interrupt, rig};

/// Starts a switch, its banks and its institutions, and measures.
#[derive(Debug, Parser)]
#[command(name = "clearway-bench", version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run payments, refunds and queries through a real node for a while, and judge the outcome against the banks' books.
    Demo(Box<demo::Arguments>),
    /// Measure every ratio of the goals, each with its floor or peer in the same run.
    Floors(floors::Arguments),
    /// Close the books of a synthetic hour, and measure every step beside the disk's own rate.
    Books(books::Arguments),
    /// Measure what one silent or crawling bank costs the payments of all others.
    Bulkhead(bulkhead::Arguments),
    /// Kill the active line of a bank under load, and measure how legs move to the standby and back.
    Failover(failover::Arguments),
    /// Measure what this machine carries, and plan what a target rate takes: nodes, months, money.
    Capacity(Box<capacity::Arguments>),
    /// Keep the figures of accepted runs, commit after commit, and draw them.
    History(history::Arguments),
    /// The load generator beside wrk and oha against a server of known behaviour: percentiles, rate, cost.
    Generators(generators::Arguments),
    /// Count the instructions of the pure parts and compare them with the committed baseline.
    Instructions(instructions::Arguments),
    /// Describe this machine as the reports do.
    Machine(MachineArguments),
    /// A measurement that needs a process of its own.
    #[command(hide = true, subcommand)]
    Child(child::Command),
}

#[derive(Debug, Args)]
struct MachineArguments {
    /// Look at the disk of this folder.
    #[arg(long, value_name = "DIR")]
    dir: Option<std::path::PathBuf>,
}

/// Whether what was measured is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Exit code 0.
    Good,
    /// Exit code 1.
    Bad,
}

impl From<bool> for Judgement {
    fn from(good: bool) -> Self {
        if good { Self::Good } else { Self::Bad }
    }
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    clearway_loadgen::descriptors::raise_limit();
    if std::env::args_os().nth(1).as_deref() == Some(OsStr::new(rig::HIDDEN_COMMAND)) {
        // This process is the node: the switch's own command line, to the letter.
        rig::die_with_parent();
        return clearway::cli::run();
    }
    let line = CommandLine::parse();
    match interrupt::listen().and_then(|()| dispatch(&line.command)) {
        Ok(Judgement::Good) => ExitCode::SUCCESS,
        Ok(Judgement::Bad) => ExitCode::from(1),
        // Whatever broke after the signal broke because of it.
        Err(_) if interrupt::check().is_err() => ExitCode::from(interrupt::EXIT_CODE),
        Err(error) => {
            eprintln!("clearway-bench: {error}");
            ExitCode::from(3)
        }
    }
}

fn dispatch(command: &Command) -> Result<Judgement, Error> {
    match command {
        Command::Demo(arguments) => demo::run(arguments),
        Command::Floors(arguments) => floors::run(arguments),
        Command::Books(arguments) => books::run(arguments),
        Command::Bulkhead(arguments) => bulkhead::run(arguments),
        Command::Failover(arguments) => failover::run(arguments),
        Command::Capacity(arguments) => capacity::run(arguments),
        Command::History(arguments) => history::run(arguments),
        Command::Generators(arguments) => generators::run(arguments),
        Command::Instructions(arguments) => instructions::run(arguments),
        Command::Machine(arguments) => describe_machine(arguments),
        Command::Child(command) => child::run(command),
    }
}

fn describe_machine(arguments: &MachineArguments) -> Result<Judgement, Error> {
    let scratch = Scratch::create("machine", arguments.dir.as_deref(), false)?;
    let machine = Machine::inspect(scratch.path())?;
    println!("{}", to_json(&machine)?);
    Ok(Judgement::Good)
}

/// Longest run: a bound on every file it makes.
const SECONDS_MAX: f64 = 3_600.0;
/// No machine answers more.
const RATE_MAX: f64 = 1_000_000.0;

/// Parses a length of time on the command line, in seconds.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    within(text, 0.1, SECONDS_MAX)
}

/// Parses a rate on the command line, per second.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    within(text, 1.0, RATE_MAX)
}

fn within(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (least..=most).contains(&number) { Ok(number) } else { Err(format!("must be within {least} and {most}")) }
}

/// Pretty JSON with a final line end.
///
/// # Errors
/// Never for our own types.
pub(crate) fn to_json(value: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string_pretty(value).map_err(Error::failed("write JSON"))
}

/// Writes pretty JSON into `file`, making its folder if need be.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write_json(file: &Path, value: &impl Serialize) -> Result<(), Error> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(Error::machine(format!("make {}", folder.display())))?;
    }
    std::fs::write(file, to_json(value)? + "\n").map_err(Error::machine(format!("write {}", file.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn the_commands_of_the_manual_parse_and_others_do_not() {
        let parse = |line: &str| CommandLine::try_parse_from(line.split_whitespace());
        for line in [
            "clearway-bench demo",
            "clearway-bench demo --tls",
            "clearway-bench demo --seconds 20 --rate 3000 --suite sm2-sm3 --json out.json --seed 7 --institutions 4 --banks 6 --keep",
            "clearway-bench floors --json out.json --quick --only overhead,parse_validate_201",
            "clearway-bench bulkhead --seconds 5 --rate 2000 --rounds 2 --fault crawling --json out.json",
            "clearway-bench failover --faults refused,black-hole --rate 300 --outage 4 --after 20 --json out.json",
            "clearway-bench capacity --target-tps 80000 --growth 4%/month --horizon 18 --centres 6 --cities 3 --slo p99<20ms,errors<0.01% --out DIR",
            "clearway-bench capacity --quick --growth -1%/year --start 2026-12 --utilisation 0.6 --prices prices.toml --seed 7 --out DIR",
            "clearway-bench capacity --measured DIR --out OTHER --target-tps 1000",
            "clearway-bench capacity --verify --out DIR",
            "clearway-bench capacity --verify DIR",
            "clearway-bench books --payments 19080000 --curve --json out.json --threads 2 --compression zstd --seed 7",
            "clearway-bench history add run.json demo.json --file history.jsonl",
            "clearway-bench history page --out history.html",
            "clearway-bench generators --quick --json out.json --html out.html --wrk wrk --oha oha --seed 7",
            "clearway-bench instructions --check",
            "clearway-bench instructions --save",
            "clearway-bench machine",
        ] {
            assert!(parse(line).is_ok(), "{line}: {:?}", parse(line).err());
        }
        for line in [
            "clearway-bench",
            "clearway-bench demo --seconds 0",
            "clearway-bench demo --rate -1",
            "clearway-bench demo --rate nan",
            "clearway-bench demo --suite md5",
            "clearway-bench floors --only speed",
            "clearway-bench bulkhead --rounds 0",
            "clearway-bench failover --faults fire",
            "clearway-bench bulkhead --fault dead",
            "clearway-bench instructions --check --save",
            "clearway-bench history",
            "clearway-bench history add",
            "clearway-bench capacity",
            "clearway-bench capacity --growth 4% --out DIR",
            "clearway-bench capacity --slo p99<fast --out DIR",
            "clearway-bench capacity --start 2026-13 --out DIR",
            "clearway-bench capacity --measured DIR --verify OTHER",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
