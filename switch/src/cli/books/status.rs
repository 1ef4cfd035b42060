//! `clearway books status`.

use clearway_codec::value::BeijingTime;
use serde_json::Value;

use super::super::Verdict;
use super::super::door::{DoorArguments, cell, listed};
use crate::error::Error;

pub(super) fn run(door: &DoorArguments) -> Result<Verdict, Error> {
    door.open()?.show("/books", |books| batches(&books["batches"]))
}

fn batches(batches: &Value) -> String {
    listed(batches, ["BATCH", "PHASE", "SINCE", "PAYMENTS", "MOVED FEN", "BANKS"], |one| {
        let [batch, phase, payments, moved, banks] =
            ["batch", "phase", "payments", "moved_fen", "banks"].map(|key| cell(&one[key]));
        [batch, phase, time(&one["since_us"]), payments, moved, banks]
    })
}

/// Beijing time of microseconds; `-` for none.
fn time(at_us: &Value) -> String {
    at_us.as_u64().map_or_else(|| "-".to_owned(), |at_us| BeijingTime::from_unix_micros(at_us).to_string())
}
