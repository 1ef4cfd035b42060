//! `clearway limits`.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value};

use super::super::Verdict;
use super::super::door::{ChangeArguments, DoorArguments, cell, changed_by, listed};
use super::bound::{Bound, put};
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LimitsCommand {
    /// Every limit that bounds something or was changed, and who changed it last.
    List(DoorArguments),
    /// Change the limits of a layer. What is not named stays as it is.
    Set(SetArguments),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LayerName {
    Bank,
    Institution,
    Card,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SetArguments {
    /// Of the bank as a whole, of one institution at it, or of each of its cards.
    #[arg(long)]
    layer: LayerName,
    /// The bank's id.
    #[arg(long, value_name = "ID")]
    bank: String,
    /// The institution's id, for the layer of that name.
    #[arg(long, value_name = "ID")]
    institution: Option<String>,
    /// Fen of one payment, or `none`.
    #[arg(long, value_name = "NUMBER")]
    per_payment_fen: Option<Bound>,
    /// Fen of one day, or `none`.
    #[arg(long, value_name = "NUMBER")]
    day_amount_fen: Option<Bound>,
    /// Payments of one day, or `none`.
    #[arg(long, value_name = "NUMBER")]
    day_count: Option<Bound>,
    /// Take back every change: as participants.toml says.
    #[arg(long)]
    as_configured: bool,
    #[command(flatten)]
    change: ChangeArguments,
}

impl LimitsCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        match self {
            Self::List(door) => door.open()?.show("/limits", list),
            Self::Set(arguments) => arguments.change.change("/limits", arguments.body()),
        }
    }
}

impl SetArguments {
    fn body(&self) -> Value {
        let mut body = Map::new();
        let layer = match self.layer {
            LayerName::Bank => "bank",
            LayerName::Institution => "institution",
            LayerName::Card => "card",
        };
        put(&mut body, "layer", Some(layer));
        put(&mut body, "bank", Some(self.bank.as_str()));
        put(&mut body, "institution", self.institution.as_deref());
        put(&mut body, "per_payment_fen", self.per_payment_fen);
        put(&mut body, "day_amount_fen", self.day_amount_fen);
        put(&mut body, "day_count", self.day_count);
        put(&mut body, "as_configured", self.as_configured.then_some(true));
        Value::Object(body)
    }
}

fn list(limits: &Value) -> String {
    let heads = ["LAYER", "BANK", "INSTITUTION", "FEN/PAYMENT", "FEN/DAY", "PAYMENTS/DAY", "CHANGED"];
    listed(limits, heads, |one| {
        let [layer, bank, institution] = ["layer", "bank", "institution"].map(|key| cell(&one[key]));
        let [payment, day, count] = ["per_payment_fen", "day_amount_fen", "day_count"].map(|key| cell(&one[key]));
        [layer, bank, institution, payment, day, count, changed_by(&one["changed"])]
    })
}
