//! Questions over all agreements: is signing needed, and where do the ends disagree.

use super::{PaddedShard, Registers};
use crate::domain::agreement::{Agreement, Standing};
use crate::domain::transaction::Parties;

/// A way to debit a customer: one institution at one bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Channel {
    /// Participant index of the institution.
    pub institution: u16,
    /// Participant index of the bank.
    pub bank: u16,
}

/// What a channel holds of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Which channel.
    pub channel: Channel,
    /// The customer has a live agreement there.
    pub by_customer: bool,
    /// There is a live agreement on the card.
    pub by_account: bool,
}

/// An agreement on which an end has not acknowledged the last change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The agreement.
    pub agreement: Agreement,
    /// Who has not acknowledged.
    pub unacknowledged: Parties,
}

impl Registers {
    /// Which of `channels` hold a live agreement of the customer, and of the card, at `at_us` (business.md section 2: "is signing
    /// needed?"). A digest of 0 is nobody's.
    pub fn signed(&self, customer: u64, account: u64, channels: &[Channel], at_us: u64) -> Vec<Signed> {
        let of_customer = self.agreements_of_customer(customer);
        let of_account = self.agreements_of_account(account);
        let holds = |agreements: &[Agreement], channel: &Channel| {
            agreements.iter().any(|agreement| {
                let channel_fits = agreement.institution == channel.institution && agreement.bank == channel.bank;
                channel_fits && agreement.standing(at_us) == Standing::Live
            })
        };
        let signed = |channel: &Channel| Signed {
            channel: *channel,
            by_customer: holds(&of_customer, channel),
            by_account: holds(&of_account, channel),
        };
        channels.iter().map(signed).collect()
    }

    /// All agreements of a customer, ended ones too.
    pub fn agreements_of_customer(&self, customer: u64) -> Vec<Agreement> {
        self.collect(|shard, found| found.extend(shard.0.lock().of_customer(customer, &self.hasher)))
    }

    /// All agreements on an account, ended ones too.
    pub fn agreements_of_account(&self, account: u64) -> Vec<Agreement> {
        self.collect(|shard, found| found.extend(shard.0.lock().of_account(account, &self.hasher)))
    }

    /// Every agreement on which an end has not acknowledged: by the registry's own account, or because the transaction that
    /// changed it last owes a party its notice, which `owed` knows. Sorted by number. Walks all agreements, a shard at a
    /// time: a report, not for the hot path. `owed` is asked while nothing is locked.
    pub fn disagreements(&self, owed: impl Fn(u128) -> Parties) -> Vec<Disagreement> {
        let of = |agreement: Agreement| {
            let told = match agreement.changed_by {
                0 => Parties::NONE,
                transaction => owed(transaction),
            };
            let unacknowledged = told.iter().fold(agreement.unacknowledged, Parties::with);
            (!unacknowledged.is_empty()).then_some(Disagreement { agreement, unacknowledged })
        };
        let mut all: Vec<Disagreement> = Vec::new();
        for shard in &self.shards {
            let agreements: Vec<Agreement> = shard.0.lock().all().collect();
            all.extend(agreements.into_iter().filter_map(of));
        }
        all.sort_unstable_by_key(|disagreement| disagreement.agreement.number);
        all
    }

    fn collect<T>(&self, visit: impl Fn(&PaddedShard, &mut Vec<T>)) -> Vec<T> {
        let mut found = Vec::new();
        self.shards.iter().for_each(|shard| visit(shard, &mut found));
        found
    }
}
