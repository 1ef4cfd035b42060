//! `clearway maintenance`.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::super::Verdict;
use super::super::door::{ChangeArguments, DoorArguments, cell, changed_by, listed};
use super::bound::put;
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MaintenanceCommand {
    /// Windows announced and running.
    List(DoorArguments),
    /// Announce a time in which a bank, or the whole centre, takes nothing new.
    Announce(AnnounceArguments),
    /// Take a window back that was announced at run time.
    Cancel(CancelArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AnnounceArguments {
    /// The bank's id.
    #[arg(long, value_name = "ID", required_unless_present = "centre")]
    bank: Option<String>,
    /// The whole centre instead of a bank.
    #[arg(long, conflicts_with = "bank")]
    centre: bool,
    /// First second, Beijing time: 2026-11-21T01:00:00.
    #[arg(long, value_name = "TIME")]
    from: String,
    /// End, Beijing time.
    #[arg(long, value_name = "TIME")]
    until: String,
    /// What participants are told.
    #[arg(long, default_value = "")]
    text: String,
    #[command(flatten)]
    change: ChangeArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CancelArguments {
    /// The window's number, as `clearway maintenance list` shows it.
    number: u64,
    #[command(flatten)]
    change: ChangeArguments,
}

impl MaintenanceCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        match self {
            Self::List(door) => door.open()?.show("/maintenance", list),
            Self::Announce(arguments) => arguments.change.change("/maintenance", arguments.body()),
            Self::Cancel(arguments) => {
                arguments.change.change("/maintenance", serde_json::json!({ "cancel": arguments.number }))
            }
        }
    }
}

impl AnnounceArguments {
    fn body(&self) -> Value {
        let mut body = Map::new();
        put(&mut body, "bank", self.bank.as_deref());
        put(&mut body, "centre", self.centre.then_some(true));
        put(&mut body, "from", Some(self.from.as_str()));
        put(&mut body, "until", Some(self.until.as_str()));
        put(&mut body, "text", Some(self.text.as_str()));
        Value::Object(body)
    }
}

fn list(windows: &Value) -> String {
    listed(windows, ["NUMBER", "BANK", "FROM", "UNTIL", "PHASE", "TEXT", "CHANGED"], |one| {
        let bank = if one["bank"].is_null() { "(centre)".to_owned() } else { cell(&one["bank"]) };
        let [number, from, until] = ["number", "from", "until"].map(|key| cell(&one[key]));
        let [phase, text] = ["phase", "text"].map(|key| cell(&one[key]));
        [number, bank, from, until, phase, text, changed_by(&one["changed"])]
    })
}
