//! One channel, and what it can do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ask::{AccountType, Asked};
use super::health::SwitchOff;
use super::volume::VolumeLimits;
use crate::domain::business::Business;

/// Channels of one bank, the bank itself among them (ours).
pub const CHANNELS_PER_BANK_MAX: usize = 32;

/// Which world a channel belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// The switch's own ways to the bank.
    #[default]
    Switch,
    /// The adapter of an institution's old direct channel.
    Direct,
}

/// A named way to one bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its number within the bank; 0 is the bank itself. Stands in payments, so it never means another `via`.
    pub number: u8,
    /// For people.
    pub name: String,
    /// Participant index of who is asked: the bank itself, another bank as its agent, an adapter.
    pub via: u16,
    /// Which world it belongs to.
    pub kind: ChannelKind,
    /// Whether it takes anything new.
    pub is_enabled: bool,
    /// 1 comes first. Among equals the lower number.
    pub priority: u8,
    /// Share of the bank's customers that prefers it, in ten-thousandths.
    pub share: u16,
    /// What it can do.
    pub capabilities: Capabilities,
    /// How much it takes.
    pub limits: VolumeLimits,
    /// When its failures switch it off; `None`: never.
    pub switch_off: Option<SwitchOff>,
}

impl Channel {
    /// The bank itself, over its own links, with nothing said about it.
    #[must_use]
    pub fn of_bank(bank: u16) -> Self {
        Self {
            number: 0,
            name: "main".to_owned(),
            via: bank,
            kind: ChannelKind::Switch,
            is_enabled: true,
            priority: 1,
            share: 0,
            capabilities: Capabilities::default(),
            limits: VolumeLimits::default(),
            switch_off: None,
        }
    }
}

/// A row of the capability table. What is not said is no bound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// The businesses that it takes.
    pub businesses: Option<BTreeSet<u8>>,
    /// The types of account that it reaches. A leg whose request says none fits.
    pub account_types: Option<BTreeSet<AccountType>>,
    /// The institutions that may use it.
    pub institutions: Option<BTreeSet<u16>>,
    /// Smallest amount, fen.
    pub amount_min_fen: Option<u64>,
    /// Largest amount, fen.
    pub amount_max_fen: Option<u64>,
    /// It takes no refunds.
    pub no_refunds: bool,
}

/// What a channel cannot do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unfit {
    /// It is not for this institution.
    Institution,
    /// It does not take this business.
    Business,
    /// It takes no refunds.
    Refund,
    /// It does not reach this type of account.
    AccountType,
    /// Less than it takes.
    AmountBelow,
    /// More than it takes.
    AmountAbove,
}

impl Capabilities {
    /// Whether it can do what is asked.
    ///
    /// # Errors
    /// The first thing that it cannot.
    pub fn check(&self, asked: &Asked) -> Result<(), Unfit> {
        let lacks = |is_bound: bool, unfit| if is_bound { Err(unfit) } else { Ok(()) };
        let takes = |codes: &BTreeSet<u8>, business: Business| codes.contains(&business.code());
        lacks(self.institutions.as_ref().is_some_and(|known| !known.contains(&asked.institution)), Unfit::Institution)?;
        lacks(self.businesses.as_ref().is_some_and(|codes| !takes(codes, asked.business)), Unfit::Business)?;
        lacks(self.no_refunds && asked.is_refund(), Unfit::Refund)?;
        let other_type = |known: &BTreeSet<AccountType>| asked.account_type.is_some_and(|one| !known.contains(&one));
        lacks(self.account_types.as_ref().is_some_and(other_type), Unfit::AccountType)?;
        if asked.amount_fen == 0 {
            return Ok(());
        }
        lacks(self.amount_min_fen.is_some_and(|least| asked.amount_fen < least), Unfit::AmountBelow)?;
        lacks(self.amount_max_fen.is_some_and(|most| asked.amount_fen > most), Unfit::AmountAbove)
    }
}
