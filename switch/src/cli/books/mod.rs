//! `clearway books`: a file for each command.

mod agree;
mod archive;
mod cases;
mod compare;
mod day;
mod decrypt;
mod orders;
mod recompute;
mod seal;
mod statements;
mod status;

use clap::Subcommand;
use clearway_codec::value::BeijingTime;
use serde_json::Value;

use super::Verdict;
use super::door::DoorArguments;
use crate::error::Error;
use agree::AgreeArguments;
use cases::CasesCommand;
use day::DayArguments;
use orders::OrdersCommand;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BooksCommand {
    /// How the books are: batches, how far they are, and what they wait for.
    Status(DoorArguments),
    /// Have a batch that was stopped computed again, or what fails of another tried at once.
    Seal(seal::SealArguments),
    /// Orders to the large-value system: look at them, and judge those that it does not settle by itself.
    #[command(subcommand)]
    Orders(OrdersCommand),
    /// Compare a participant's own rows of a batch with its statement. What differs becomes cases; nothing, its agreement. Exit code
    /// 1 when rows differ.
    Compare(compare::CompareArguments),
    /// A bank agrees to the files of a batch: its reserve accounts can then be booked.
    Agree(AgreeArguments),
    /// Reserve accounts: how many bookings stand for how many payments, and what waits for its bank.
    Reserve(DoorArguments),
    /// Accounting days: how they ended, and the report of one.
    Day(DayArguments),
    /// What a person should look at.
    #[command(subcommand)]
    Cases(CasesCommand),
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
            Self::Seal(arguments) => arguments.run(),
            Self::Orders(command) => command.run(),
            Self::Compare(arguments) => compare::run(arguments),
            Self::Agree(arguments) => arguments.run(),
            Self::Reserve(door) => agree::run_reserve(door),
            Self::Day(arguments) => arguments.run(),
            Self::Cases(command) => command.run(),
            Self::Recompute(arguments) => recompute::run(arguments),
            Self::Archive(arguments) => archive::run(arguments),
            Self::Statements(arguments) => statements::run(arguments),
            Self::Decrypt(arguments) => decrypt::run(arguments),
        }
    }
}

/// Beijing time of microseconds; `-` for none.
fn time(at_us: &Value) -> String {
    at_us.as_u64().map_or_else(|| "-".to_owned(), |at_us| BeijingTime::from_unix_micros(at_us).to_string())
}
