//! What one message is about: everything that its values are taken from.

use crate::config::Config;
use crate::history::Success;
use crate::tracker::Order;
use clearway_codec::{InstitutionId, TrxId};

/// Who takes part in one transaction, by name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parties {
    pub(crate) institution: InstitutionId,
    pub(crate) debit_bank: InstitutionId,
    pub(crate) credit_bank: InstitutionId,
}

impl Parties {
    /// Of an order, by the configuration.
    pub(crate) fn of(order: &Order, config: &Config) -> Self {
        let bank = |place: u16| config.banks[usize::from(place)].identity.id;
        Self {
            institution: config.institutions[usize::from(order.institution)].identity.id,
            debit_bank: bank(order.debit_bank),
            credit_bank: bank(order.credit_bank),
        }
    }
}

/// A transaction as a message speaks of it: one that it starts, or an earlier one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) id: TrxId,
    pub(crate) order: &'a Order,
    pub(crate) parties: Parties,
    /// The payment that a refund is of.
    pub(crate) original: Option<&'a Success>,
    /// Varies what has no meaning: accounts, devices, terminals.
    pub(crate) serial: u64,
}
