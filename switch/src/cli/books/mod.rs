//! `clearway books`: a file for each command.

mod status;

use clap::Subcommand;

use super::Verdict;
use super::door::DoorArguments;
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BooksCommand {
    /// How the books are: batches, how far they are, and what they wait for.
    Status(DoorArguments),
}

impl BooksCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        match self {
            Self::Status(door) => status::run(door),
        }
    }
}
