//! 301: what became of an earlier transaction.

use super::payment::PAYMENT_CATEGORY;
use crate::error::Error;
use crate::tracker::Order;
use crate::wire::Draft;
use clearway_codec::{BeijingTime, Field, Header, MessageType, TrxId, Values};

/// Writes the document: category, id and time of the original.
pub(crate) fn draft_query(id: TrxId, order: &Order, header: &Header) -> Result<Draft, Error> {
    let (id_text, time) = (id.to_text(), BeijingTime::from_unix_secs(order.started_s).to_text());
    let category: &[u8] = if order.original.is_some() { b"0121" } else { PAYMENT_CATEGORY };
    let mut values = Values::new();
    values.set(Field::OriTrxCtgy, category);
    values.set(Field::OriTrxId, &id_text);
    values.set(Field::OriTrxDtTm, &time);
    Draft::write(MessageType::Epcc301, header, &values)
}
