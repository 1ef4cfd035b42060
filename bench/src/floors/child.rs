//! Measurements in a process of their own, started from here and answering in JSON on stdout.

use std::path::PathBuf;
use std::process::{Command as Process, Stdio};

use clap::Subcommand;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{memory, recovery};
use crate::books::{self, Packing};
use crate::cli::Judgement;
use crate::error::Error;
use crate::interrupt;

/// What a child can be asked for; hidden from users.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Fill a table and look at this process's memory.
    Memory {
        /// Payments in the table.
        #[arg(long)]
        payments: usize,
    },
    /// Fill the registers and look at this process's memory.
    Agreements {
        /// Agreements in the registers.
        #[arg(long)]
        agreements: usize,
    },
    /// Write the state that a recovery starts from.
    State {
        /// The journal's folder.
        #[arg(long)]
        journal: PathBuf,
        /// Payments in the checkpoint.
        #[arg(long)]
        payments: u64,
        /// Payments in the tail, three records each.
        #[arg(long)]
        tail: u64,
    },
    /// Close the books of an hour.
    Books {
        /// The folder of journal and books.
        #[arg(long)]
        folder: PathBuf,
        /// Payments of the hour.
        #[arg(long)]
        payments: u64,
        /// Its seed.
        #[arg(long)]
        seed: u64,
        /// Threads that make statements.
        #[arg(long)]
        threads: usize,
        /// How detail files are compressed.
        #[arg(long, value_enum)]
        compression: Packing,
    },
    /// Compare two files.
    Compare {
        /// Where they are made.
        #[arg(long)]
        folder: PathBuf,
        /// Rows of each.
        #[arg(long)]
        payments: u64,
        /// Seed of their contents.
        #[arg(long)]
        seed: u64,
    },
}

/// Does what was asked, in the child.
///
/// # Errors
/// Whatever keeps it from doing so.
pub fn run(command: &Command) -> Result<Judgement, Error> {
    match command {
        Command::Memory { payments } => answer(&memory::measure_here(*payments)?),
        Command::Agreements { agreements } => answer(&memory::measure_agreements_here(*agreements)?),
        Command::Books { folder, payments, seed, threads, compression } => {
            let (folder, payments, seed) = (folder.clone(), *payments, *seed);
            let ask = books::Ask { folder, payments, seed, threads: *threads, compression: *compression };
            answer(&books::measure_here(&ask)?)
        }
        Command::Compare { folder, payments, seed } => answer(&books::compare_here(folder, *payments, *seed)?),
        Command::State { journal, payments, tail } => answer(&recovery::write_state(journal, *payments, *tail)?),
    }
}

fn answer(figure: &impl Serialize) -> Result<Judgement, Error> {
    println!("{}", crate::cli::to_json(figure)?);
    Ok(Judgement::Good)
}

/// Asks a child and waits for its answer.
///
/// # Errors
/// It cannot be started, or ends without an answer. What it complains of goes to our stderr.
pub(crate) fn ask<T: DeserializeOwned>(arguments: &[&str]) -> Result<T, Error> {
    let program = std::env::current_exe().map_err(Error::machine("find this program"))?;
    let mut process = Process::new(program);
    process.arg("child").args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = process.output().map_err(Error::machine("start a child"))?;
    interrupt::check()?;
    if !output.status.success() {
        return Err(Error::Node(format!(
            "the child for {} ended with {}",
            arguments.first().unwrap_or(&""),
            output.status
        )));
    }
    serde_json::from_slice(&output.stdout).map_err(Error::failed("read a child's answer"))
}
