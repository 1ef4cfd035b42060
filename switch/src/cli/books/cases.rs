//! `clearway books cases`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::super::Verdict;
use super::super::door::{ChangeArguments, DoorArguments, cell, changed_by, listed};
use super::time;
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CasesCommand {
    /// What a person should look at: differences, late batches, orders that were refused. The oldest first.
    List(ListArguments),
    /// One case.
    Show(ShowArguments),
    /// Close a case. What it put into suspense leaves it with the next accounting day.
    Close(CloseArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArguments {
    /// Closed ones too.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    door: DoorArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// The case: fourteen hex digits.
    id: String,
    #[command(flatten)]
    door: DoorArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CloseArguments {
    /// The case: fourteen hex digits.
    id: String,
    /// Why it is closed, for the journal.
    #[arg(long)]
    note: String,
    #[command(flatten)]
    change: ChangeArguments,
}

impl CasesCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        match self {
            Self::List(ListArguments { all, door }) => {
                door.open()?.show(if *all { "/books/cases?all" } else { "/books/cases" }, list)
            }
            Self::Show(ShowArguments { id, door }) => door.open()?.show(&format!("/books/cases/{id}"), show),
            Self::Close(CloseArguments { id, note, change }) => {
                change.change(&format!("/books/cases/{id}"), json!({ "note": note }))
            }
        }
    }
}

fn list(answer: &Value) -> String {
    listed(&answer["cases"], ["CASE", "OPENED", "KIND", "ABOUT", "FEN", "CLOSED"], |one| {
        let [id, kind, subject, fen] = ["id", "kind", "subject", "amount_fen"].map(|key| cell(&one[key]));
        [id, time(&one["opened_at_us"]), kind, subject, fen, changed_by(&one["closed"])]
    })
}

fn show(answer: &Value) -> String {
    let case = &answer["case"];
    let [id, kind, subject, text] = ["id", "kind", "subject", "text"].map(|key| cell(&case[key]));
    let [fen, note] = [cell(&case["amount_fen"]), cell(&case["closed"]["note"])];
    let (opened, closed) = (time(&case["opened_at_us"]), changed_by(&case["closed"]));
    format!("{id}  {kind}\n{subject}\n{text}\nfen {fen}\nopened {opened}\nclosed {closed}  {note}\n")
}
