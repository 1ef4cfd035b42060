//! News of a transaction that rests with a person, sent by whom it rests with; and the initiator's order to close it.

use clearway_codec::Checked;
use clearway_codec::catalogue::{Field, MessageType};

use super::super::shared::Shared;
use super::{Decision, Sender};
use crate::domain::transaction::{Event, Party};

/// What somebody says, unasked, of a transaction that the switch knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    /// Whose key.
    pub(crate) key: u128,
    /// What happened to it; none when the message is only to be acknowledged.
    pub(crate) event: Event,
    /// Who says so.
    pub(crate) party: Party,
}

/// The report in a message; none if its type is no report.
pub(super) fn report(_shared: &Shared, message: &Checked<'_>, _sender: Sender) -> Option<Decision> {
    let _ = (message.field(Field::OriTrxId), MessageType::Epcc301);
    None
}
