//! `clearway books orders`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::super::Verdict;
use super::super::door::{ChangeArguments, DoorArguments, cell, listed};
use super::time;
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OrdersCommand {
    /// The last sessions, and every order that is not acknowledged; of a day, all orders.
    List(ListArguments),
    /// One order, and the document that is sent.
    Show(ShowArguments),
    /// The money has moved: the large-value system, or the bank, says so.
    Acknowledge(JudgeArguments),
    /// The money has not moved and will not: the large-value system says so. The order is made again.
    Reject(JudgeArguments),
    /// Make a rejected order again now, under its next MsgId.
    Remake(JudgeArguments),
    /// Write the file of an order that is not answered once more: the same bytes, the same MsgId.
    Resend(JudgeArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArguments {
    /// A working day, yyyyMMdd.
    #[arg(long, value_name = "DAY")]
    day: Option<String>,
    #[command(flatten)]
    door: DoorArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArguments {
    /// The order: fourteen digits.
    order: String,
    #[command(flatten)]
    door: DoorArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct JudgeArguments {
    /// The order: fourteen digits.
    order: String,
    /// How it is known, for the journal.
    #[arg(long)]
    why: String,
    #[command(flatten)]
    change: ChangeArguments,
}

impl OrdersCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        let (deed, JudgeArguments { order, why, change }) = match self {
            Self::List(ListArguments { day, door }) => {
                let query = day.as_ref().map_or_else(String::new, |day| format!("?day={day}"));
                return door.open()?.show(&format!("/books/orders{query}"), list);
            }
            Self::Show(ShowArguments { order, door }) => {
                return door.open()?.show(&format!("/books/orders/{order}"), show);
            }
            Self::Acknowledge(arguments) => ("acknowledge", arguments),
            Self::Reject(arguments) => ("reject", arguments),
            Self::Remake(arguments) => ("remake", arguments),
            Self::Resend(arguments) => ("resend", arguments),
        };
        change.change(&format!("/books/orders/{order}"), json!({ "do": deed, "why": why }))
    }
}

fn list(answer: &Value) -> String {
    let heads = ["SESSION", "HELD", "BATCHES", "LEFT OUT", "ORDERS", "OPEN", "MOVED FEN"];
    let count = |value: &Value| value.as_array().map_or(0, Vec::len).to_string();
    let sessions = listed(&answer["sessions"], heads, |one| {
        let [session, orders, open, moved] =
            ["session", "orders", "open_orders", "moved_fen"].map(|key| cell(&one[key]));
        [session, time(&one["held_at_us"]), count(&one["batches"]), count(&one["left_out"]), orders, open, moved]
    });
    format!("sessions\n{sessions}\norders\n{}", orders(&answer["orders"]))
}

fn orders(orders: &Value) -> String {
    let heads = ["ORDER", "OF", "BANK", "NET FEN", "STATE", "SINCE", "ATTEMPT", "MSGID", "SAID"];
    listed(orders, heads, |one| {
        let [order, of, bank, net, state] = ["order", "of", "bank", "net_fen", "state"].map(|key| cell(&one[key]));
        let [attempt, msg_id] = ["attempt", "msg_id"].map(|key| cell(&one[key]));
        [order, of, bank, net, state, time(&one["since_us"]), attempt, msg_id, said(&one["answer"])]
    })
}

fn said(answer: &Value) -> String {
    match answer {
        Value::Null => "-".to_owned(),
        word => format!("{} {} {}", cell(&word["by"]), cell(&word["code"]), cell(&word["text"])).trim_end().to_owned(),
    }
}

fn show(answer: &Value) -> String {
    let document = answer["document"].as_str().unwrap_or_default();
    format!("{}\n{document}", orders(&json!([answer["order"]])))
}
