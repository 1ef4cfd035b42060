//! `clearway books`: a file for each command.

mod archive;
mod compare;
mod decrypt;
mod recompute;
mod statements;
mod status;

use clap::Subcommand;

use super::Verdict;
use super::door::DoorArguments;
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BooksCommand {
    /// How the books are: batches, how far they are, and what they wait for.
    Status(DoorArguments),
    /// Compare a participant's own rows of a batch with its statement. What differs becomes cases; nothing, its agreement. Exit code
    /// 1 when rows differ.
    Compare(compare::CompareArguments),
    /// Compute a batch from the journal alone, and compare with what it was closed with. Exit code 1 when they differ.
    Recompute(recompute::RecomputeArguments),
    /// Write a batch as Parquet, also one that is not sealed yet: the file then says that it is provisional.
    Archive(archive::ArchiveArguments),
    /// Write the statements of an archived batch again: the same bytes.
    Statements(statements::StatementsArguments),
    /// Decrypt a detail file with the participant's key of its day.
    Decrypt(decrypt::DecryptArguments),
}

impl BooksCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        match self {
            Self::Status(door) => status::run(door),
            Self::Compare(arguments) => compare::run(arguments),
            Self::Recompute(arguments) => recompute::run(arguments),
            Self::Archive(arguments) => archive::run(arguments),
            Self::Statements(arguments) => statements::run(arguments),
            Self::Decrypt(arguments) => decrypt::run(arguments),
        }
    }
}
