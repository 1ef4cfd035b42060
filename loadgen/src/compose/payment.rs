//! 201: an agreement payment of a customer to a merchant of the institution.

use super::identifiers::agreement_number;
use crate::error::Error;
use crate::tracker::Order;
use crate::wire::Draft;
use clearway_codec::{Amount, BeijingTime, Field, Header, InstitutionId, MessageType, TrxId, Values};

/// Who takes part in one transaction, by name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parties {
    pub(super) institution: InstitutionId,
    pub(super) debit_bank: InstitutionId,
    pub(super) credit_bank: InstitutionId,
}

pub(super) const AREA: &[u8] = b"110000";
pub(super) const RESERVE_NAME: &str = "\u{6f14}\u{793a}\u{652f}\u{4ed8}\u{673a}\u{6784}\u{5907}\u{4ed8}\u{91d1}";
pub(super) const PAYMENT_CATEGORY: &[u8] = b"0110";
pub(super) const BUSINESS_TYPE: &[u8] = b"100001";
const MERCHANT: &str = "\u{6f14}\u{793a}\u{5546}\u{6237}";
/// Two merchants with two goods each, in the grammar of the field.
const GOODS: &str = "2|2|\u{6f14}\u{793a}\u{5546}\u{6237}\u{4e00}%0010000000000017%01%01%91110000000000000X%5411%2#2#\u{7c73}#\u{9762}^CNY12.50^2#\
|\u{6f14}\u{793a}\u{5546}\u{6237}\u{4e8c}%0010000000000025%01%01%91310000000000000Y%5812%2#2#\u{8336}#\u{996d}^CNY38.00^1#|";

/// Writes the document. `serial` varies what has no meaning: account, order and device numbers.
pub(super) fn draft_payment(
    id: TrxId,
    order: &Order,
    parties: Parties,
    header: &Header,
    serial: u64,
) -> Result<Draft, Error> {
    let amount = amount_text(MessageType::Epcc201, order.fen)?;
    let (id_text, agreement, time) =
        (id.to_text(), agreement_number(id), BeijingTime::from_unix_secs(order.started_s).to_text());
    let account = digits::<20>(serial);
    let reserve = digits::<18>(u64::from(order.institution) + 237_256_928_516_430_000);
    let order_number = digits::<24>(serial ^ 0x5555_5555);
    let mut device = *b"127.0.0.1||000000000000000|||00247e0a6c2e||";
    device[11..26].copy_from_slice(&digits::<15>(serial % 1_000_000_000_000_000));

    let mut values = Values::new();
    values.set(Field::PyerAcctIssrId, parties.debit_bank.as_bytes());
    values.set(Field::PyerAcctTp, b"00");
    values.set(Field::SgnNo, &agreement);
    values.set(Field::PyerTrxTrmTp, b"08");
    values.set(Field::PyeeAcctIssrId, parties.institution.as_bytes());
    values.set(Field::PyeeAcctId, &account);
    values.set_text(Field::PyeeNm, MERCHANT);
    values.set(Field::PyeeAcctTp, b"04");
    values.set(Field::PyeeAreaNo, AREA);
    values.set(Field::InstgAcctId, &reserve);
    values.set_text(Field::InstgAcctNm, RESERVE_NAME);
    values.set(Field::ResfdAcctIssrId, parties.credit_bank.as_bytes());
    values.set(Field::TrxId, &id_text);
    values.set(Field::TrxDtTm, &time);
    values.set(Field::TrxAmt, amount.as_bytes());
    values.set(Field::TrxCtgy, PAYMENT_CATEGORY);
    values.set(Field::BizTp, BUSINESS_TYPE);
    values.set(Field::AcctInTp, b"04");
    values.set(Field::OrdrId, &order_number);
    values.set_text(Field::OrdrDesc, GOODS);
    values.set(Field::TrxDevcInf, &device);
    // Present and empty, as institutions send them: the switch fills them in.
    values.set(Field::RPFlg, b"");
    values.set(Field::BatchId, b"");
    Draft::write(MessageType::Epcc201, header, &values)
}

/// `CNY...` of an amount.
pub(super) fn amount_text(message_type: MessageType, fen: u64) -> Result<clearway_codec::AmountText, Error> {
    let amount =
        Amount::from_fen(fen).map_err(|error| Error::Compose(message_type.code(), format!("{fen} fen: {error}")))?;
    Ok(amount.to_text())
}

/// `number` in exactly `N` digits, higher ones cut off.
pub(super) fn digits<const N: usize>(mut number: u64) -> [u8; N] {
    let mut text = [b'0'; N];
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    text
}
