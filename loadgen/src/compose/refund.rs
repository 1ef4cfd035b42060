//! 205: a refund of an earlier payment, whole or in part, to the customer who paid.

use super::identifiers::agreement_number;
use super::payment::{BUSINESS_TYPE, Parties, RESERVE_NAME, amount_text, digits};
use crate::error::Error;
use crate::history::Success;
use crate::tracker::Order;
use crate::wire::Draft;
use clearway_codec::{BeijingTime, Field, Header, MessageType, TrxId, Values};

/// Writes the document. Leg 1 debits the reserve bank, leg 2 credits the customer's bank.
pub(super) fn draft_refund(
    id: TrxId,
    order: &Order,
    parties: Parties,
    original: &Success,
    header: &Header,
    serial: u64,
) -> Result<Draft, Error> {
    let amount = amount_text(MessageType::Epcc205, order.fen)?;
    let original_amount = amount_text(MessageType::Epcc205, original.order.fen)?;
    let (id_text, original_text) = (id.to_text(), original.id.to_text());
    let (agreement, time) = (agreement_number(original.id), BeijingTime::from_unix_secs(order.started_s).to_text());
    let account = digits::<20>(serial);
    let reserve = digits::<18>(u64::from(order.institution) + 237_256_928_516_430_000);

    let mut values = Values::new();
    values.set(Field::PyerAcctIssrId, parties.institution.as_bytes());
    values.set(Field::PyerAcctId, &account);
    values.set(Field::PyerAcctTp, b"04");
    values.set(Field::PyeeAcctIssrId, parties.credit_bank.as_bytes());
    values.set(Field::PyeeAcctTp, b"00");
    values.set(Field::SgnNo, &agreement);
    values.set(Field::InstgAcctId, &reserve);
    values.set_text(Field::InstgAcctNm, RESERVE_NAME);
    values.set(Field::ResfdAcctIssrId, parties.debit_bank.as_bytes());
    values.set(Field::TrxCtgy, b"0121");
    values.set(Field::TrxId, &id_text);
    values.set(Field::TrxDtTm, &time);
    values.set(Field::TrxAmt, amount.as_bytes());
    values.set(Field::OriTrxId, &original_text);
    values.set(Field::OriDbtrBankId, original.serial.as_bytes());
    values.set(Field::OriTrxAmt, original_amount.as_bytes());
    values.set(Field::OriBizTp, BUSINESS_TYPE);
    // Present and empty, as institutions send them: the switch fills them in.
    values.set(Field::RPFlg, b"");
    values.set(Field::BatchId, b"");
    Draft::write(MessageType::Epcc205, header, &values)
}
