//! Requests that the switch answers from what it knows; they change nothing.

use clearway_codec::Checked;
use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::ReturnCode;

use super::super::shared::Shared;
use super::{Decision, Sender};
use crate::domain::transaction::Payment;

/// A request that is answered at once.
#[derive(Debug)]
pub(crate) enum Question {
    /// 301: what is known of a transaction.
    State(Option<Payment>),
    /// 991: whether the link works.
    Probe,
}

/// The question in a message; none if its type is no question.
pub(super) fn question(shared: &Shared, message: &Checked<'_>, sender: Sender) -> Option<Decision> {
    match message.message_type() {
        MessageType::Epcc301 => Some(state(shared, message, sender)),
        MessageType::Epcc991 => Some(Decision::Answer(Question::Probe)),
        _ => None,
    }
}

/// A participant learns of its own transactions only; of others it is told what it would be told of none.
fn state(shared: &Shared, query: &Checked<'_>, sender: Sender) -> Decision {
    let Ok(id) = query.trx_id(Field::OriTrxId) else { return Decision::Refuse(ReturnCode::ES000012) };
    let known = shared.table.get(id.as_u128());
    let found = known.filter(|payment| payment.institution == sender.index || payment.banks.contains(&sender.index));
    Decision::Answer(Question::State(found))
}
