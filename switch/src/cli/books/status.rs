//! `clearway books status`.

use serde_json::Value;

use super::super::Verdict;
use super::super::door::{DoorArguments, cell, listed};
use super::time;
use crate::error::Error;

pub(super) fn run(door: &DoorArguments) -> Result<Verdict, Error> {
    door.open()?.show("/books", text)
}

fn text(books: &Value) -> String {
    let mut text = batches(&books["batches"]);
    let is_none = |rows: &Value| rows.as_array().is_none_or(Vec::is_empty);
    if !is_none(&books["sessions"]) {
        text += &format!("\nlast sessions\n{}", sessions(&books["sessions"]));
    }
    if !is_none(&books["open_orders"]) {
        text += &format!("\norders that are not acknowledged\n{}", orders(&books["open_orders"]));
    }
    let troubles: Value =
        books["troubles"].as_array().into_iter().flatten().filter(|one| one["attempts"] != 0).cloned().collect();
    if !is_none(&troubles) {
        text += &format!("\nwhat fails, and is tried again\n{}", failing(&troubles));
    }
    let [cases, failures] = ["open_cases", "failures"].map(|key| cell(&books[key]));
    text + &format!(
        "\nopen cases {cases}; failures since the start {failures}; last looked through {}\n",
        time(&books["turned_us"])
    )
}

fn batches(batches: &Value) -> String {
    listed(
        batches,
        ["BATCH", "PHASE", "SINCE", "PAYMENTS", "UNFINISHED", "MOVED FEN", "BANKS", "CLOSES BY", "WAITS FOR"],
        |one| {
            let [batch, phase, payments, unfinished] =
                ["batch", "phase", "payments", "unfinished"].map(|key| cell(&one[key]));
            let [moved, banks, waits] = ["moved_fen", "banks", "waits_for"].map(|key| cell(&one[key]));
            let [since, closes_by] = ["since_us", "closes_by_us"].map(|key| time(&one[key]));
            [batch, phase, since, payments, unfinished, moved, banks, closes_by, waits]
        },
    )
}

fn sessions(sessions: &Value) -> String {
    listed(sessions, ["SESSION", "HELD", "BATCHES", "LEFT OUT", "ORDERS", "OPEN", "MOVED FEN"], |one| {
        let count = |key: &str| one[key].as_array().map_or(0, Vec::len).to_string();
        let [session, orders, open, moved] =
            ["session", "orders", "open_orders", "moved_fen"].map(|key| cell(&one[key]));
        [session, time(&one["held_at_us"]), count("batches"), count("left_out"), orders, open, moved]
    })
}

fn orders(orders: &Value) -> String {
    listed(orders, ["ORDER", "OF", "BANK", "NET FEN", "STATE", "SINCE"], |one| {
        let [order, of, bank, net, state] = ["order", "of", "bank", "net_fen", "state"].map(|key| cell(&one[key]));
        [order, of, bank, net, state, time(&one["since_us"])]
    })
}

fn failing(troubles: &Value) -> String {
    listed(troubles, ["TASK", "FAILED", "SINCE", "WHY"], |one| {
        let [task, attempts, why] = ["task", "attempts", "why"].map(|key| cell(&one[key]));
        [task, attempts, time(&one["since_us"]), why]
    })
}
