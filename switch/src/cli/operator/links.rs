//! `clearway links`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::super::Verdict;
use super::super::door::{ChangeArguments, DoorArguments, cell, changed_by, listed};
use crate::error::Error;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LinksCommand {
    /// Every link: its state, since when and why, whether it is in use, and what it carries.
    List(DoorArguments),
    /// Send nothing new over a link; what is out is finished.
    Drain(LinkArguments),
    /// Take a drain back.
    Undrain(LinkArguments),
    /// Send everything over one link of a participant as long as it works, until `switch-back`.
    Switch(LinkArguments),
    /// As configured again, at once: the best link that works.
    SwitchBack(ParticipantArguments),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct LinkArguments {
    /// The participant's id.
    participant: String,
    /// The link's name.
    link: String,
    #[command(flatten)]
    change: ChangeArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ParticipantArguments {
    /// The participant's id.
    participant: String,
    #[command(flatten)]
    change: ChangeArguments,
}

impl LinksCommand {
    pub(in crate::cli) fn run(&self) -> Result<Verdict, Error> {
        let (deed, arguments) = match self {
            Self::List(door) => return door.open()?.show("/links", list),
            Self::SwitchBack(ParticipantArguments { participant, change }) => {
                return change.change("/links", json!({ "do": "switch-back", "participant": participant }));
            }
            Self::Drain(arguments) => ("drain", arguments),
            Self::Undrain(arguments) => ("undrain", arguments),
            Self::Switch(arguments) => ("switch", arguments),
        };
        let LinkArguments { participant, link, change } = arguments;
        change.change("/links", json!({ "do": deed, "participant": participant, "link": link }))
    }
}

fn list(links: &Value) -> String {
    let heads = [
        "PARTICIPANT",
        "LINK",
        "ROLE",
        "CENTRE",
        "STATE",
        "FOR S",
        "WHY",
        "IN USE",
        "DRAINED",
        "IN FLIGHT",
        "ANSWER US",
        "URL",
        "CHANGED",
    ];
    listed(links, heads, |one| {
        let [participant, link, role, centre] = ["participant", "link", "role", "centre"].map(|key| cell(&one[key]));
        let [state, since, why, in_use] = ["state", "since_s", "why", "in_use"].map(|key| cell(&one[key]));
        let [drained, in_flight, answer, url] =
            ["drained", "in_flight", "answer_mean_us", "url"].map(|key| cell(&one[key]));
        let changed = changed_by(&one["changed"]);
        [participant, link, role, centre, state, since, why, in_use, drained, in_flight, answer, url, changed]
    })
}
