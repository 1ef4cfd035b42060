//! `clearway books status`.

use serde_json::Value;

use super::super::Verdict;
use super::super::door::{DoorArguments, cell, listed};
use super::time;
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
