//! `clearway books agree` and `clearway books reserve`.

use clap::Args;
use serde_json::{Value, json};

use super::super::Verdict;
use super::super::door::{ChangeArguments, DoorArguments, cell, listed};
use crate::domain::clearing::BatchName;
use crate::error::Error;

#[derive(Debug, Args)]
pub(in crate::cli) struct AgreeArguments {
    /// The batch.
    batch: BatchName,
    /// IssrId of the bank that agrees to its files.
    bank: String,
    #[command(flatten)]
    change: ChangeArguments,
}

impl AgreeArguments {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        let Self { batch, bank, change } = self;
        change.change(&format!("/books/agreements/{batch}"), json!({ "participant": bank }))
    }
}

pub(super) fn run_reserve(door: &DoorArguments) -> Result<Verdict, Error> {
    door.open()?.show("/books/reserve", reserve)
}

fn reserve(answer: &Value) -> String {
    let windows = listed(&answer["windows"], ["WINDOW", "MADE", "LATE", "BOOKINGS", "PAYMENTS"], |one| {
        ["window", "is_made", "is_late", "bookings", "payments"].map(|key| cell(&one[key]))
    });
    let heads = ["WAITING", "BANK", "ACCOUNTS", "PAYMENTS", "NET FEN", "LATE", "NOT AGREED"];
    let keys = ["window", "bank", "accounts", "payments", "net_fen", "is_late", "not_agreed"];
    format!("{windows}\n{}", listed(&answer["sheets"], heads, |one| keys.map(|key| cell(&one[key]))))
}
