//! What stands in each element of an institution's request.
//!
//! Invariant: a value depends on the element and on the subject alone. Where an element means different things in
//! different businesses (who is the payer, say), its arm here says so; everything else about a message is catalogue.

use super::form::Opinion;
use super::identifiers::order_number;
use super::person::Person;
use super::subject::Subject;
use crate::business::Business as B;
use crate::mandate::MandateTerms;
use crate::tracker::Payee;
use clearway_codec::{Amount, BeijingTime, Field as F, TrxId};

const AREA: &str = "110000";
const RESERVE_NAME: &str = "\u{6f14}\u{793a}\u{652f}\u{4ed8}\u{673a}\u{6784}\u{5907}\u{4ed8}\u{91d1}";
const MERCHANT: &str = "\u{6f14}\u{793a}\u{5546}\u{6237}";
const MERCHANT_NUMBER: &str = "0010000000000017";
/// Two merchants with two goods each, in the grammar of the field.
const GOODS: &str = "2|2|\u{6f14}\u{793a}\u{5546}\u{6237}\u{4e00}%0010000000000017%01%01%91110000000000000X%5411%2#2#\u{7c73}#\u{9762}^CNY12.50^2#\
|\u{6f14}\u{793a}\u{5546}\u{6237}\u{4e8c}%0010000000000025%01%01%91310000000000000Y%5812%2#2#\u{8336}#\u{996d}^CNY38.00^1#|";
/// The simulated banks take any code.
const AUTH_MESSAGE: &str = "246810";
/// How long a gateway order of the generator is valid, in seconds.
const ORDER_VALID_S: u64 = 600;

/// What `field` is in a message about `subject`.
pub(super) fn opinion(subject: &Subject<'_>, field: F) -> Opinion {
    own_transaction(subject, field)
        .or_else(|| earlier_transaction(subject, field))
        .or_else(|| sides(subject, field))
        .or_else(|| customer(subject, field))
        .or_else(|| mandate(subject, field))
        .or_else(|| order(subject, field))
        .unwrap_or(Opinion::Open)
}

/// A request about an earlier transaction: all of it is in the Ori elements.
pub(super) fn opinion_of_earlier(subject: &Subject<'_>, field: F) -> Opinion {
    let id = subject.id;
    match field {
        F::OriTrxCtgy => Opinion::is(text_of(subject.order.business.row().category)),
        F::OriTrxId => Opinion::is(text(id)),
        F::OriTrxDtTm => Opinion::is(time(subject.order.started_s)),
        F::OrdrId => Opinion::is(order_number(id)),
        F::InstgId => Opinion::is(subject.parties.institution.to_string()),
        F::DsptTp => Opinion::is("01"),
        F::DsptAmt => Opinion::is(amount((subject.order.fen / 2).max(1))),
        F::DsptRsn => Opinion::is("\u{6838}\u{5b9e}"),
        _ => Opinion::Open,
    }
}

fn own_transaction(subject: &Subject<'_>, field: F) -> Option<Opinion> {
    let order = subject.order;
    Some(match field {
        F::TrxId => Opinion::is(text(subject.id)),
        F::TrxDtTm => Opinion::is(time(order.started_s)),
        F::TrxAmt => Opinion::is(amount(order.fen)),
        F::TrxCtgy => Opinion::is(text_of(order.business.row().category)),
        F::BizTp if order.business == B::Mandate => Opinion::is("110001"),
        F::BizTp => Opinion::is("100001"),
        // Present and empty, as institutions send them: the switch fills them in.
        F::RPFlg | F::BatchId => Opinion::is(""),
        F::InstgId => Opinion::is(subject.parties.institution.to_string()),
        F::SgnNo => order.contract.map_or(Opinion::Absent, |number| Opinion::is(number.to_string())),
        _ => return None,
    })
}

fn earlier_transaction(subject: &Subject<'_>, field: F) -> Option<Opinion> {
    let original = subject.original?;
    Some(match field {
        F::OriTrxId => Opinion::is(text(original.id)),
        F::OriTrxAmt => Opinion::is(amount(original.order.fen)),
        F::OriBizTp => Opinion::is("100001"),
        F::OriDbtrBankId => Opinion::is(String::from_utf8_lossy(original.serial.as_bytes()).into_owned()),
        _ => return None,
    })
}

/// Who is on which side.
fn sides(subject: &Subject<'_>, field: F) -> Option<Opinion> {
    let (business, payee) = (subject.order.business, subject.order.payee);
    let parties = &subject.parties;
    let name = |id: clearway_codec::InstitutionId| Opinion::is(id.to_string());
    let institution_pays = matches!(business, B::Refund | B::Payout);
    let to_reserve = payee == Payee::Reserve;
    Some(match field {
        F::PyerAcctIssrId if institution_pays => name(parties.institution),
        F::PyerAcctIssrId | F::PyerBkId | F::SgnAcctIssrId => name(parties.debit_bank),
        F::PyerAcctTp if institution_pays => Opinion::is("04"),
        F::PyerAcctTp | F::SgnAcctTp => Opinion::is("00"),
        F::PyeeAcctIssrId if business == B::Refund || !to_reserve => name(parties.credit_bank),
        F::PyeeAcctIssrId => name(parties.institution),
        F::PyeeBkId => name(parties.credit_bank),
        F::PyeeAcctTp if institution_pays || payee == Payee::Person => Opinion::is("00"),
        F::PyeeAcctTp if payee == Payee::Company => Opinion::is("05"),
        F::PyeeAcctTp => Opinion::is("04"),
        F::ResfdAcctIssrId if business == B::Refund => name(parties.debit_bank),
        F::ResfdAcctIssrId if to_reserve => name(parties.credit_bank),
        F::InstgAcctId if to_reserve => Opinion::is(reserve_account(subject)),
        F::InstgAcctNm if to_reserve => Opinion::is(RESERVE_NAME),
        F::ResfdAcctIssrId | F::InstgAcctId | F::InstgAcctNm => Opinion::Absent,
        _ => return None,
    })
}

/// The customer's accounts and papers. Those of one transaction id are one customer's, so that both steps of a signing
/// agree.
fn customer(subject: &Subject<'_>, field: F) -> Option<Opinion> {
    let person = Person::new(person_of(subject.id));
    Some(match field {
        F::SgnAcctId | F::PyeeBkNo => Opinion::is(person.account()),
        // In a payout it is the reserve account, which is no secret.
        F::PyerBkNo if subject.order.business == B::Payout => Opinion::is(reserve_account(subject)),
        F::PyerBkNm if subject.order.business == B::Payout => Opinion::is(RESERVE_NAME),
        F::PyerBkNo => Opinion::is(person.account()),
        F::SgnAcctNm | F::PyeeBkNm | F::PyerBkNm => Opinion::is(person.name()),
        F::PyerAcctNo | F::InstgAcct => Opinion::is(digits(subject.serial, 20)),
        F::PyerAcctNm => Opinion::is(person.name()),
        F::IDTp => Opinion::is("01"),
        F::IDNo => Opinion::is(person.id_number()),
        F::MobNo => Opinion::is(person.mobile()),
        F::SgnAcctShrtId => Opinion::is(person.account_tail()),
        F::AuthMsg if subject.order.business == B::Signing => Opinion::is(AUTH_MESSAGE),
        F::AuthMsg if subject.order.business == B::IdentityCheck => Opinion::is(""),
        F::PyerAcctId | F::PyeeAcctId => Opinion::is(digits(subject.serial, 20)),
        F::PyeeNm => Opinion::is(MERCHANT),
        _ => return None,
    })
}

fn mandate(subject: &Subject<'_>, field: F) -> Option<Opinion> {
    if subject.order.business != B::Mandate {
        return None;
    }
    let terms = MandateTerms::of(subject.id);
    Some(match field {
        F::EstblMd => Opinion::is(if terms.is_offline { "02" } else { "01" }),
        F::PyeeMrchntNo => Opinion::is(MERCHANT_NUMBER),
        F::PyeeMrchntNm => Opinion::is(MERCHANT),
        F::EntrstAmtLmt => Opinion::is(amount(terms.limit_fen)),
        F::EntrstStrDtTm => Opinion::is(time(terms.start_s)),
        F::EntrstEndDtTm => Opinion::is(time(terms.end_s)),
        F::EntrstDtUnt => Opinion::is("01"),
        F::EntrstDtStp => Opinion::is("1"),
        F::EntrstFrqcy => Opinion::is(terms.payments_max.to_string()),
        _ => return None,
    })
}

fn order(subject: &Subject<'_>, field: F) -> Option<Opinion> {
    let business = subject.order.business;
    Some(match field {
        F::OrdrId if business != B::Refund => Opinion::is(order_number(subject.id)),
        F::OrdrDesc => Opinion::is(GOODS),
        F::OrdrExp => Opinion::is(time(subject.order.started_s + ORDER_VALID_S)),
        F::CBFlg => Opinion::is("01"),
        F::GwChnnlTp => Opinion::is(if subject.serial & 1 == 0 { "01" } else { "02" }),
        F::AcctInTp if business == B::Payment => Opinion::is("04"),
        F::PyerTrxTrmTp => Opinion::is("08"),
        F::PyeeAreaNo => Opinion::is(AREA),
        F::TrxDevcInf => Opinion::is(device(subject.serial)),
        _ => return None,
    })
}

fn device(serial: u64) -> String {
    format!("127.0.0.1||{}|||00247e0a6c2e||", digits(serial, 15))
}

fn reserve_account(subject: &Subject<'_>) -> String {
    digits(u64::from(subject.order.institution) + 237_256_928_516_430_000, 18)
}

/// The number of the customer that a transaction is of.
fn person_of(id: TrxId) -> u64 {
    (id.as_u128() / 1_000_000 % 10_u128.pow(17)) as u64
}

/// `CNY...` of an amount; amounts of the generator are always within the wire's range.
fn amount(fen: u64) -> String {
    let text = Amount::from_fen(fen).map(Amount::to_text);
    text.map_or_else(|_| String::new(), |text| text_of(text.as_bytes()).into())
}

fn time(unix_s: u64) -> String {
    BeijingTime::from_unix_secs(unix_s).to_string()
}

fn text(id: TrxId) -> String {
    id.to_string()
}

fn text_of(ascii: &[u8]) -> &str {
    std::str::from_utf8(ascii).unwrap_or_default()
}

/// `number` in exactly `count` digits, higher ones cut off.
pub(super) fn digits(number: u64, count: usize) -> String {
    let text = format!("{number:0>20}");
    match text.len().checked_sub(count) {
        Some(cut) => text[cut..].into(),
        None => format!("{text:0>count$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_cut_or_filled_up() {
        assert_eq!(digits(1_234, 3), "234");
        assert_eq!(digits(1_234, 6), "001234");
        assert_eq!(digits(u64::MAX, 24), format!("0000{}", u64::MAX));
    }
}
