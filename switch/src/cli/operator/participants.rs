//! `clearway participants`.

use clap::{Args, Subcommand};
use serde_json::{Map, Value};

use super::super::Verdict;
use super::super::door::{ChangeArguments, DoorArguments, cell, changed_by, listed};
use super::bound::{Bound, put};
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ParticipantsCommand {
    /// What every participant may do, and who changed it last.
    List(DoorArguments),
    /// Change what a participant may do. What is not named stays as it is.
    Set(SetArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SetArguments {
    /// The participant's id.
    id: String,
    /// The businesses that it may ask for, with commas between them; `all` takes the bound away.
    #[arg(long, value_name = "NAMES")]
    businesses: Option<String>,
    /// Requests a second, or `none`.
    #[arg(long, value_name = "NUMBER")]
    rate_per_s: Option<Bound>,
    /// Requests at once, or `none`: as many as in one second.
    #[arg(long, value_name = "NUMBER")]
    rate_burst: Option<Bound>,
    /// Bank: legs for one account are kept so many milliseconds apart; 0: not at all.
    #[arg(long, value_name = "NUMBER")]
    pacing_ms: Option<u64>,
    /// Whether it takes part in nothing new: true or false.
    #[arg(long)]
    drained: Option<bool>,
    /// Take back every change: as participants.toml says.
    #[arg(long)]
    as_configured: bool,
    #[command(flatten)]
    change: ChangeArguments,
}

impl ParticipantsCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        match self {
            Self::List(door) => door.open()?.show("/participants", list),
            Self::Set(arguments) => {
                let path = format!("/participants/{}", arguments.id);
                arguments.change.change(&path, arguments.body())
            }
        }
    }
}

impl SetArguments {
    fn body(&self) -> Value {
        let mut body = Map::new();
        let names = |text: &str| text.split(',').map(|name| Value::from(name.trim())).collect::<Value>();
        let businesses = self.businesses.as_deref().map(|text| if text == "all" { Value::Null } else { names(text) });
        put(&mut body, "businesses", businesses);
        put(&mut body, "rate_per_s", self.rate_per_s);
        put(&mut body, "rate_burst", self.rate_burst);
        put(&mut body, "pacing_ms", self.pacing_ms);
        put(&mut body, "drained", self.drained);
        put(&mut body, "as_configured", self.as_configured.then_some(true));
        Value::Object(body)
    }
}

fn list(participants: &Value) -> String {
    let heads =
        ["ID", "KIND", "NAME", "BUSINESSES", "RATE/S", "BURST", "PACING MS", "DRAINED", "CLOSED NOW", "CHANGED"];
    listed(participants, heads, |one| {
        let businesses = if one["businesses"].is_null() { "all".to_owned() } else { cell(&one["businesses"]) };
        let [id, kind, name] = ["id", "kind", "name"].map(|key| cell(&one[key]));
        let [rate, burst, pacing] = ["rate_per_s", "rate_burst", "pacing_ms"].map(|key| cell(&one[key]));
        let [drained, closed] = ["drained", "closed_now"].map(|key| cell(&one[key]));
        [id, kind, name, businesses, rate, burst, pacing, drained, closed, changed_by(&one["changed"])]
    })
}
