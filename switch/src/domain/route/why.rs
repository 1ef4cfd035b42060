//! A decision as data: every step, in the order in which it was taken, and what came of it.

use serde::{Deserialize, Serialize};

use super::channel::{ChannelKind, Unfit};
use super::cutover;
use super::volume::VolumeBreach;
use crate::domain::transaction::Leg;

/// Why it was to be a channel of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// It is no customer's payment: always the switch.
    Always,
    /// The account is named in the table, with a channel of this kind.
    NamedCard,
    /// The payment that it refunds went over a channel of this kind.
    WayBack,
    /// It refunds a payment of the old direct channel.
    DirectRefund,
    /// The rules of the cut-over say so.
    CutOver(cutover::Decision),
}

/// Which channel is preferred, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preference {
    /// None is: by priority.
    Nothing,
    /// The account is named in the table.
    Card(u8),
    /// The payment that it refunds went over it.
    WayBack(u8),
    /// The customer's place, 0 to 9,999, is within the channel's share.
    Share {
        /// The channel.
        number: u8,
        /// The customer's place.
        place: u16,
    },
    /// The institution prefers it at this bank.
    Institution(u8),
    /// The bank prefers it.
    Bank(u8),
}

impl Preference {
    /// The preferred channel.
    #[must_use]
    pub const fn number(self) -> Option<u8> {
        match self {
            Self::Nothing => None,
            Self::Card(number)
            | Self::WayBack(number)
            | Self::Share { number, .. }
            | Self::Institution(number)
            | Self::Bank(number) => Some(number),
        }
    }
}

/// Whether a channel can take the leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It can.
    Fits {
        /// Whether any link of who is asked is up; otherwise it comes last.
        reachable: bool,
    },
    /// The leg could not be sent over it a moment ago.
    Tried,
    /// It belongs to the other world.
    OtherKind,
    /// The table says that it takes nothing new.
    Disabled,
    /// It cannot do this.
    Cannot(Unfit),
    /// Who is asked takes part in nothing new: drained, or under maintenance.
    Closed,
    /// Its volume is used up.
    Full(VolumeBreach),
    /// Its failures have switched it off.
    Off {
        /// The first trial comes then, microseconds since 1970.
        until_us: u64,
    },
    /// It is on trial, and all trial legs are out.
    OnTrial,
}

/// One channel in a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The channel.
    pub number: u8,
    /// Participant index of who is asked.
    pub via: u16,
    /// Its priority.
    pub priority: u8,
    /// Whether it can take the leg.
    pub verdict: Verdict,
}

/// A whole decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// Version of the table by which it was decided; 0 is that of the file.
    pub table: u32,
    /// 1 debit, 2 credit.
    pub leg: u8,
    /// Participant index of the account's bank.
    pub bank: u16,
    /// What kind of channel it was to be.
    pub kind: ChannelKind,
    /// Why.
    pub ground: Ground,
    /// Which one is preferred.
    pub preference: Preference,
    /// All channels of the bank: those that can take the leg in the order in which they would, then the others.
    pub candidates: Vec<Candidate>,
    /// The channel that takes it: the first of them.
    pub chosen: Option<u8>,
}

/// The leg goes directly, and there is no direct channel for it here (ours).
const NO_DIRECT_CHANNEL: [u8; 8] = *b"PB520096";
/// No channel of the bank can do this (PB040000, S: not supported).
const NOT_SUPPORTED: [u8; 8] = *b"PB040000";

impl Why {
    /// BizStsCd of the refusal where no channel takes the leg; `unreachable` is that of a leg that cannot be sent. The nearest
    /// miss decides: what would have gone but for its volume is told so.
    #[must_use]
    pub fn refusal(&self, unreachable: [u8; 8]) -> [u8; 8] {
        let is_wanted = |candidate: &&Candidate| candidate.verdict != Verdict::OtherKind;
        if self.kind == ChannelKind::Direct && !self.candidates.iter().any(|one| is_wanted(&one)) {
            return NO_DIRECT_CHANNEL;
        }
        let misses = self.candidates.iter().filter(is_wanted).map(|candidate| miss(candidate.verdict, unreachable));
        misses.max_by_key(|(nearness, _)| *nearness).map_or(unreachable, |(_, code)| code)
    }

    /// The decision for people, a line a step; `name` gives a participant's id.
    pub fn lines(&self, name: &dyn Fn(u16) -> String) -> Vec<String> {
        let kind = match self.kind {
            ChannelKind::Switch => "switch",
            ChannelKind::Direct => "direct",
        };
        let mut lines = vec![
            format!("leg {} to {}, by table {}", self.leg, name(self.bank), self.table),
            format!("kind {kind}: {}", ground_words(&self.ground)),
            format!("preference: {}", preference_words(self.preference)),
        ];
        lines.extend(self.candidates.iter().map(|one| {
            let Candidate { number, via, priority, verdict } = one;
            format!("channel {number} over {}, priority {priority}: {}", name(*via), verdict_words(*verdict))
        }));
        lines.push(match self.chosen {
            Some(number) => format!("taken: channel {number}"),
            None => "taken: none".to_owned(),
        });
        lines
    }
}

/// How near a channel came to taking the leg, and the code of what it lacked.
const fn miss(verdict: Verdict, unreachable: [u8; 8]) -> (u8, [u8; 8]) {
    match verdict {
        Verdict::Full(VolumeBreach::DayCount | VolumeBreach::MonthCount) => (4, *b"PB521021"),
        Verdict::Full(VolumeBreach::DayAmount | VolumeBreach::MonthAmount) => (4, *b"PB521024"),
        Verdict::Fits { .. } | Verdict::Tried | Verdict::Closed | Verdict::Off { .. } | Verdict::OnTrial => {
            (3, unreachable)
        }
        Verdict::Cannot(Unfit::AmountBelow | Unfit::AmountAbove) => (2, *b"PB521023"),
        Verdict::Cannot(_) | Verdict::Disabled => (1, NOT_SUPPORTED),
        Verdict::OtherKind => (0, NOT_SUPPORTED),
    }
}

impl Leg {
    /// 1 or 2, as people count.
    pub(super) const fn number(self) -> u8 {
        self.code() + 1
    }
}

fn ground_words(ground: &Ground) -> String {
    match ground {
        Ground::Always => "what is no customer's payment goes through the switch".to_owned(),
        Ground::NamedCard => "the account is named in the table".to_owned(),
        Ground::WayBack => "the payment that it refunds went that way".to_owned(),
        Ground::DirectRefund => "it refunds a payment of the old direct channel".to_owned(),
        Ground::CutOver(decision) => decision.words(),
    }
}

fn preference_words(preference: Preference) -> String {
    match preference {
        Preference::Nothing => "none, by priority".to_owned(),
        Preference::Card(number) => format!("channel {number}, for which the account is named"),
        Preference::WayBack(number) => format!("channel {number}, over which the payment went"),
        Preference::Share { number, place } => format!("channel {number}, whose share has the place {place}"),
        Preference::Institution(number) => format!("channel {number}, which the institution prefers"),
        Preference::Bank(number) => format!("channel {number}, which the bank prefers"),
    }
}

fn verdict_words(verdict: Verdict) -> String {
    match verdict {
        Verdict::Fits { reachable: true } => "can take it".to_owned(),
        Verdict::Fits { reachable: false } => "could take it, but no link is up".to_owned(),
        Verdict::Tried => "could not be sent over it".to_owned(),
        Verdict::OtherKind => "is of the other kind".to_owned(),
        Verdict::Disabled => "takes nothing new".to_owned(),
        Verdict::Cannot(unfit) => unfit_words(unfit).to_owned(),
        Verdict::Closed => "is drained or under maintenance".to_owned(),
        Verdict::Full(breach) => breach_words(breach).to_owned(),
        Verdict::Off { until_us } => format!("is switched off for its failures until {until_us} us"),
        Verdict::OnTrial => "is on trial, and all trial legs are out".to_owned(),
    }
}

const fn unfit_words(unfit: Unfit) -> &'static str {
    match unfit {
        Unfit::Institution => "is not for this institution",
        Unfit::Business => "does not take this business",
        Unfit::Refund => "takes no refunds",
        Unfit::AccountType => "does not reach this type of account",
        Unfit::AmountBelow => "the amount is below what it takes",
        Unfit::AmountAbove => "the amount is above what it takes",
    }
}

const fn breach_words(breach: VolumeBreach) -> &'static str {
    match breach {
        VolumeBreach::DayAmount => "the day's amount is used up",
        VolumeBreach::DayCount => "the day's number is used up",
        VolumeBreach::MonthAmount => "the month's amount is used up",
        VolumeBreach::MonthCount => "the month's number is used up",
    }
}
