//! `clearway books day`.

use clap::Args;
use clearway_codec::value::{Date, ValueError};
use serde_json::Value;

use super::super::Verdict;
use super::super::door::{DoorArguments, cell, listed};
use super::time;
use crate::error::Error;

#[derive(Debug, Args)]
pub(in crate::cli) struct DayArguments {
    /// The accounting day, yyyyMMdd: its report. Left out: the last days that have ended.
    #[arg(value_parser = date)]
    day: Option<Date>,
    #[command(flatten)]
    door: DoorArguments,
}

fn date(text: &str) -> Result<Date, ValueError> {
    Date::parse(text.as_bytes())
}

impl DayArguments {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        let door = self.door.open()?;
        match self.day {
            Some(day) => door
                .show(&format!("/books/days/{day}"), |answer| answer["text"].as_str().unwrap_or_default().to_owned()),
            None => door.show("/books/days", days),
        }
    }
}

fn days(answer: &Value) -> String {
    let heads = ["DAY", "ENDED", "BATCHES", "PAYMENTS", "MOVED FEN", "BOOKINGS", "DIFFERENCES", "SUSPENSE FEN"];
    listed(&answer["days"], heads, |one| {
        let [day, batches, payments, moved] = ["day", "batches", "payments", "moved_fen"].map(|key| cell(&one[key]));
        let [bookings, differences, suspense] = ["bookings", "differences", "suspense_fen"].map(|key| cell(&one[key]));
        [day, time(&one["ended_at_us"]), batches, payments, moved, bookings, differences, suspense]
    })
}
