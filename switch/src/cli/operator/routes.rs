//! `clearway routes` and `clearway route why`.

use std::io::BufRead;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use clearway_codec::value::{BeijingTime, TrxId};
use serde_json::{Value, json};

use super::super::door::{ChangeArguments, DoorArguments, cell, changed_by, listed};
use super::super::progress::Bar;
use super::super::{Verdict, print};
use super::history::show_area;
use crate::audit;
use crate::config::{Config, read_toml};
use crate::error::{Error, Fault};
use crate::routing::{CutoverFile, Example, RoutesFile};
use crate::sensitive::Sealer;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RoutesCommand {
    /// The table in force, its channels and how they do.
    Show(DoorArguments),
    /// Put another table in force, or the file's again, or switch one channel off or on. Changes stand over restarts.
    Load(LoadArguments),
    /// Who changed routes and when, newest first.
    History(DoorArguments),
    /// Print the keyed digest of each line of stdin: account numbers, or customers' identities, for lists in a table.
    Digest(DigestArguments),
}

#[derive(Debug, Args)]
#[group(id = "wish", required = true, multiple = false)]
struct Wish {
    /// A table of routes, as in routes.toml.
    file: Option<PathBuf>,
    /// Only the rules of the cut-over, from this file; the rest of the table stays.
    #[arg(long, value_name = "FILE")]
    cutover: Option<PathBuf>,
    /// Switch this channel off: it takes nothing new.
    #[arg(long, value_name = "BANK:NUMBER")]
    disable: Option<String>,
    /// Switch this channel on again.
    #[arg(long, value_name = "BANK:NUMBER")]
    enable: Option<String>,
    /// Take back every change: the table that clearway.toml names.
    #[arg(long)]
    as_configured: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct LoadArguments {
    #[command(flatten)]
    wish: Wish,
    #[command(flatten)]
    change: ChangeArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DigestArguments {
    /// The node's clearway.toml: it names the key of digests.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum RouteCommand {
    /// Why legs go over the channels that they go over: of a payment as it was decided, of an example as it would be now.
    Why(WhyArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct WhyArguments {
    /// A transaction id, 31 digits; or an example: institution=ID,bank=ID,business=NAME,amount=100.00,card=NUMBER or #DIGEST.
    /// Other users of the machine can see arguments: prefer the digest.
    what: String,
    #[command(flatten)]
    door: DoorArguments,
}

impl RoutesCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        match self {
            Self::Show(door) => door.open()?.show("/routes", list),
            Self::Load(arguments) => arguments.change.change("/routes", arguments.wish.body()?),
            Self::History(door) => show_area(door, "routes"),
            Self::Digest(arguments) => arguments.run(),
        }
    }
}

impl RouteCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        let Self::Why(arguments) = self;
        match TrxId::parse(arguments.what.as_bytes()) {
            Ok(id) => arguments.of_payment(id),
            Err(_) => arguments.of_example(),
        }
    }
}

impl Wish {
    fn body(&self) -> Result<Value, Error> {
        if let Some(file) = &self.file {
            return Ok(json!({ "table": RoutesFile::read(file)? }));
        }
        if let Some(file) = &self.cutover {
            let rules: CutoverFile = read_toml(file)?;
            return Ok(json!({ "cutover": rules }));
        }
        match (&self.disable, &self.enable) {
            (Some(channel), _) => channel_body(channel, false),
            (None, Some(channel)) => channel_body(channel, true),
            (None, None) => Ok(json!({ "as_configured": true })),
        }
    }
}

fn channel_body(channel: &str, enabled: bool) -> Result<Value, Error> {
    let parsed = channel.split_once(':').and_then(|(bank, number)| Some((bank, number.parse::<u8>().ok()?)));
    let (bank, number) = parsed.ok_or_else(|| {
        Error::new(Fault::Configuration, format!("{channel:?} names no channel"))
            .remedy("the bank's id, a colon, and the channel's number")
    })?;
    Ok(json!({ "channel": { "bank": bank, "number": number, "enabled": enabled } }))
}

impl DigestArguments {
    fn run(&self) -> Result<Verdict, Error> {
        let keys = Config::load(&self.config)?.keys.load()?;
        let sealer = Sealer::new(keys.envelope, keys.digest);
        for line in std::io::stdin().lock().lines() {
            let line = line.map_err(|error| {
                Error::new(Fault::Environment, format!("cannot read stdin: {error}")).caused_by(error)
            })?;
            print(&format!("#{:016x}\n", sealer.digest(line.trim())));
        }
        Ok(Verdict::Good)
    }
}

impl WhyArguments {
    /// As it was decided: from the journal, whether the node runs or not.
    fn of_payment(&self, id: TrxId) -> Result<Verdict, Error> {
        let config = self.config()?;
        let Some(trace) = audit::trace(&config, id, false, &Bar::of_things("segments"))? else {
            eprintln!("clearway: no payment {id} in {}", config.journal.dir.display());
            return Ok(Verdict::Bad);
        };
        let decided: Vec<_> = trace.steps.iter().filter(|step| !step.routes.is_empty()).collect();
        if self.door.json {
            print(&format!(
                "{:#}\n",
                decided
                    .iter()
                    .map(|step| json!({ "at": step.at, "what": step.what, "routes": step.routes }))
                    .collect::<Value>()
            ));
            return Ok(Verdict::Good);
        }
        if decided.is_empty() {
            print("nothing was decided: its legs went to their banks over the banks' own links\n");
        }
        for step in decided {
            print(&format!("{}  {}\n", step.at, step.what));
            step.route_lines.iter().for_each(|line| print(&format!("    {line}\n")));
        }
        Ok(Verdict::Good)
    }

    /// As it would be now: the node that runs is asked.
    fn of_example(&self) -> Result<Verdict, Error> {
        let mut example = Example::parse(&self.what)?;
        let is_clear = |key| example.get(key).is_some_and(|text| !text.starts_with('#'));
        // What is clear is digested here: it goes into no address and no log.
        if is_clear("card") || is_clear("customer") {
            let keys = self.config()?.keys.load()?;
            let sealer = Sealer::new(keys.envelope, keys.digest);
            for key in ["card", "customer"] {
                example = example.with(key, |text| match text.starts_with('#') {
                    true => text.to_owned(),
                    false => format!("#{:016x}", sealer.digest(text)),
                });
            }
        }
        self.door.open()?.show(&format!("/routes/why?{}", example.to_query()), |answer| {
            let lines = answer["lines"].as_array().into_iter().flatten().map(cell);
            let refusal = answer["refusal"].as_str().map(|code| format!("declined with {code}"));
            lines.chain(refusal).map(|line| line + "\n").collect()
        })
    }

    fn config(&self) -> Result<Config, Error> {
        let file = self.door.config.as_deref().ok_or_else(|| {
            Error::new(Fault::Configuration, "this needs the node's files").remedy("say --config FILE")
        })?;
        Config::load(file)
    }
}

fn list(routes: &Value) -> String {
    let head = format!(
        "table {}, {}, changed {}\n",
        routes["version"],
        cell(&routes["source"]),
        changed_by(&routes["changed"])
    );
    let heads =
        ["BANK", "CHANNEL", "NAME", "VIA", "KIND", "ON", "STATE", "LEGS", "FAILED", "FEN TODAY", "FEN THIS MONTH"];
    let rows = listed(&routes["channels"], heads, |one| {
        let [bank, number, name, via, kind] = ["bank", "number", "name", "via", "kind"].map(|key| cell(&one[key]));
        let [enabled, legs, failures] = ["enabled", "legs", "failures"].map(|key| cell(&one[key]));
        let state = state(&one["state"]);
        let [today, month] = ["today", "month"].map(|key| cell(&one[key]["amount_fen"]));
        [bank, number, name, via, kind, enabled, state, legs, failures, today, month]
    });
    head + &rows
}

/// `on`, `off` until when, or `trial`.
fn state(state: &Value) -> String {
    match (state["off"]["until_us"].as_u64(), state.get("trial")) {
        (Some(until_us), _) => format!("off until {}", BeijingTime::from_unix_micros(until_us)),
        (None, Some(_)) => "trial".to_owned(),
        (None, None) => cell(state),
    }
}
