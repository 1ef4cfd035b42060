//! The table of routes: data, checked as a whole, swapped whole.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::channel::{CHANNELS_PER_BANK_MAX, Channel, ChannelKind};
use super::cutover::{Cutover, SHARE_MAX};

/// The channels of one bank, and which of them are preferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankRoutes {
    /// By rising number; the first is the bank itself.
    pub channels: Vec<Channel>,
    /// Preferred when nothing else is said.
    pub preferred: Option<u8>,
    /// Preferred for an institution, by its participant index.
    pub preferred_of: BTreeMap<u16, u8>,
    /// Accounts (keyed digests of their numbers) with a channel of their own.
    pub cards: HashMap<u64, u8, FixedState>,
}

impl BankRoutes {
    /// A bank with nothing but itself.
    #[must_use]
    pub fn plain(bank: u16) -> Self {
        Self {
            channels: vec![Channel::of_bank(bank)],
            preferred: None,
            preferred_of: BTreeMap::new(),
            cards: HashMap::default(),
        }
    }

    /// The channel with this number.
    #[must_use]
    pub fn channel(&self, number: u8) -> Option<&Channel> {
        let place = self.channels.binary_search_by_key(&number, |channel| channel.number).ok()?;
        self.channels.get(place)
    }

    fn is_plain(&self, bank: u16) -> bool {
        matches!(self.channels.as_slice(), [only] if *only == Channel::of_bank(bank)) && self.cards.is_empty()
    }
}

/// What makes a table impossible: which bank, and what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct TableFault {
    /// Participant index of the bank.
    pub bank: u16,
    /// The channel, if it is about one.
    pub number: Option<u8>,
    /// The key that is wrong.
    pub key: &'static str,
    /// What is wrong with it.
    pub what: String,
}

/// All routes of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTable {
    /// By participant index; none where the index is no bank.
    banks: Vec<Option<BankRoutes>>,
    /// By participant index: whether there is nothing to decide.
    plain: Vec<bool>,
    cutover: Cutover,
    version: u32,
}

impl RouteTable {
    /// Table number `version` of these banks.
    ///
    /// # Errors
    /// A number that is there twice, shares above the whole, a preference or a card for a channel that is not there, a way
    /// of the bank itself over somebody else.
    pub fn new(banks: BTreeMap<u16, BankRoutes>, cutover: Cutover, version: u32) -> Result<Self, TableFault> {
        let size = banks.keys().last().map_or(0, |last| usize::from(*last) + 1);
        let mut table = Self { banks: vec![None; size], plain: vec![true; size], cutover, version };
        for (bank, mut routes) in banks {
            routes.channels.sort_by_key(|channel| channel.number);
            check(bank, &routes)?;
            let place = usize::from(bank);
            if let (Some(slot), Some(plain)) = (table.banks.get_mut(place), table.plain.get_mut(place)) {
                *plain = routes.is_plain(bank) && table.cutover.is_over_at(bank);
                *slot = Some(routes);
            }
        }
        Ok(table)
    }

    /// A table that says nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self { banks: Vec::new(), plain: Vec::new(), cutover: Cutover::default(), version: 0 }
    }

    /// Whether there is nothing to decide for any bank.
    #[must_use]
    pub fn is_all_plain(&self) -> bool {
        self.plain.iter().all(|plain| *plain) && self.cutover.direct_refunds.is_empty()
    }

    /// The routes of a bank; none for what is no bank.
    #[must_use]
    pub fn bank(&self, bank: u16) -> Option<&BankRoutes> {
        self.banks.get(usize::from(bank))?.as_ref()
    }

    /// One channel.
    #[must_use]
    pub fn channel(&self, bank: u16, number: u8) -> Option<&Channel> {
        self.bank(bank)?.channel(number)
    }

    /// Whether there is nothing to decide for this bank: itself, over its own links, for all.
    #[must_use]
    pub fn is_plain(&self, bank: u16) -> bool {
        self.plain.get(usize::from(bank)).copied().unwrap_or(true)
    }

    /// All banks with their routes.
    pub fn banks(&self) -> impl Iterator<Item = (u16, &BankRoutes)> {
        (0..=u16::MAX).zip(&self.banks).filter_map(|(bank, routes)| Some((bank, routes.as_ref()?)))
    }

    /// Which table it is: 0 that of the file, else the number of the change that brought it.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The rules of the cut-over.
    #[must_use]
    pub const fn cutover(&self) -> &Cutover {
        &self.cutover
    }
}

fn check(bank: u16, routes: &BankRoutes) -> Result<(), TableFault> {
    let fault = |number, key, what: String| TableFault { bank, number, key, what };
    if routes.channels.len() > CHANNELS_PER_BANK_MAX {
        return Err(fault(None, "channel", format!("a bank has at most {CHANNELS_PER_BANK_MAX} channels")));
    }
    for pair in routes.channels.windows(2) {
        if let [one, other] = pair
            && one.number == other.number
        {
            return Err(fault(Some(one.number), "number", "is there twice".to_owned()));
        }
    }
    routes.channels.iter().try_for_each(|channel| check_channel(bank, channel))?;
    for kind in [ChannelKind::Switch, ChannelKind::Direct] {
        let of_kind = routes.channels.iter().filter(|channel| channel.kind == kind);
        let whole: u32 = of_kind.map(|channel| u32::from(channel.share)).sum();
        if whole > u32::from(SHARE_MAX) {
            return Err(fault(None, "share", format!("the shares add up to {whole}, above {SHARE_MAX}")));
        }
    }
    let named = routes.preferred.iter().chain(routes.preferred_of.values()).chain(routes.cards.values());
    match named.into_iter().find(|number| routes.channel(**number).is_none()) {
        Some(number) => Err(fault(Some(*number), "channel", "there is no such channel".to_owned())),
        None => Ok(()),
    }
}

fn check_channel(bank: u16, channel: &Channel) -> Result<(), TableFault> {
    let fault = |key, what: &str| Err(TableFault { bank, number: Some(channel.number), key, what: what.to_owned() });
    if channel.number == 0 && channel.via != bank {
        return fault("via", "channel 0 is the bank itself, over its own links");
    }
    if channel.number == 0 && channel.kind == ChannelKind::Direct {
        return fault("kind", "channel 0 is a way of the switch");
    }
    if channel.priority == 0 {
        return fault("priority", "1 is the first");
    }
    let Some(rule) = &channel.switch_off else { return Ok(()) };
    let is_share = |share| (1..=SHARE_MAX).contains(&share);
    if rule.least == 0 || rule.trials == 0 {
        return fault("switch_off", "least and trials are at least 1");
    }
    if !is_share(rule.failure_share) || !is_share(rule.timeout_share) {
        return fault("switch_off", "shares are 1 to 10000");
    }
    if rule.return_share >= rule.failure_share {
        return fault("switch_off.return_share", "must be below failure_share, or the channel would flap");
    }
    if rule.window_us == 0 || rule.rest_us == 0 || rule.rest_max_us < rule.rest_us {
        return fault("switch_off", "window and rest are above 0, and rest_max not below rest");
    }
    Ok(())
}
