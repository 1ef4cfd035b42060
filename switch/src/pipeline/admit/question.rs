//! Requests that the switch answers from what it knows; they change nothing.

use clearway_codec::Checked;
use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::ReturnCode;

use super::super::known::Known;
use super::super::shared::Shared;
use super::{Decision, Sender};
use crate::domain::business::{Business, rules};
use crate::domain::transaction::Payment;

/// A request that is answered at once.
#[derive(Debug)]
pub(crate) enum Question {
    /// 301: what is known of a transaction.
    State(Option<Payment>),
    /// 305: what is known of an order.
    Order(Option<Payment>),
    /// 313: everything that is known of a transaction.
    Details(Option<Payment>),
    /// 317 for what is no order of the sender.
    NoOrder,
    /// 401: the sender's control numbers.
    ControlNumbers,
    /// 991: whether the link works.
    Probe,
    /// News that decides nothing.
    Noted,
}

/// The question in a message; none if its type is no question.
pub(super) fn question(known: &Known<'_>, shared: &Shared, message: &Checked<'_>, sender: Sender) -> Option<Decision> {
    let question = match message.message_type() {
        MessageType::Epcc301 => named(known, shared, message, sender).map(Question::State),
        MessageType::Epcc313 => named(known, shared, message, sender).map(Question::Details),
        MessageType::Epcc305 => own(message, || Question::Order(order(known, message, sender))),
        MessageType::Epcc401 => own(message, || Question::ControlNumbers),
        MessageType::Epcc991 => Ok(Question::Probe),
        _ => return None,
    };
    Some(question.map_or_else(Decision::Refuse, Decision::Answer))
}

/// The transaction that a query names by identity and category. A participant learns of its own transactions only; of others it
/// is told what it would be told of none.
fn named(
    known: &Known<'_>,
    shared: &Shared,
    query: &Checked<'_>,
    sender: Sender,
) -> Result<Option<Payment>, ReturnCode> {
    let id = query.trx_id(Field::OriTrxId).map_err(|_| ReturnCode::ES000012)?;
    let business = query.field(Field::OriTrxCtgy).and_then(Business::from_category);
    let key = business.map_or(id.as_u128(), |business| rules(business).key(id));
    Ok(known.get(key).filter(|payment| shared.takes_part(payment, sender.index)))
}

/// A question that names who asks must be asked by that one.
fn own(message: &Checked<'_>, ask: impl FnOnce() -> Question) -> Result<Question, ReturnCode> {
    match message.field(Field::InstgId) {
        Some(named) if named == message.header().issuer.as_bytes() => Ok(ask()),
        _ => Err(ReturnCode::ES000024),
    }
}

fn order(known: &Known<'_>, query: &Checked<'_>, sender: Sender) -> Option<Payment> {
    let number = query.text(Field::OrdrId)?;
    let key = known.order(sender.index, &number)?;
    known.get(key).filter(|payment| payment.institution == sender.index)
}
