//! What a bank writes: a receipt to a leg, 245 or 113 when the customer has decided, 302 to a query, 303 to a notice or a
//! fault, 322 to a dispute, 992 to a probe.

use super::ledger::{Finding, Leg};
use crate::ask::{DisputeAsk, LegAsk};
use crate::business::{BUSINESSES, Effect};
use crate::clock::unix_micros;
use crate::compose::{Form, Opinion};
use crate::config::Identity;
use crate::error::Error;
use crate::sgn_no::SgnNo;
use crate::wire::{Draft, OpenedValues, answer_header, set_system, write_sealed};
use clearway_codec::{BeijingTime, Checked, Direction, Field, MessageType, ReturnCode, TrxId, TrxStatus, Values};

/// How a bank decided a leg.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verdict {
    /// Done, under this serial number.
    Done(u64),
    /// Business no.
    Refused(ReturnCode),
    /// The customer has still to decide.
    Waiting,
}

/// Twenty digits: the bank's place and its running number.
pub(crate) fn serial_text(place: usize, serial: u64) -> [u8; 20] {
    let mut text = *b"90000000000000000000";
    let mut number = (place as u64 % 1_000) * 10_000_000_000_000_000 + serial % 10_000_000_000_000_000;
    for digit in text[1..].iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    text
}

fn now() -> BeijingTime {
    BeijingTime::from_unix_micros(unix_micros())
}

pub(crate) const fn direction_of(leg: Leg) -> Direction {
    match leg {
        Leg::Credit => Direction::PAYEE_BANK_TO_SWITCH,
        Leg::Debit | Leg::Entry | Leg::Check => Direction::PAYER_BANK_TO_SWITCH,
    }
}

const fn serial_field(leg: Leg) -> Field {
    match leg {
        Leg::Credit => Field::CdtrBankId,
        Leg::Debit | Leg::Entry | Leg::Check => Field::DbtrBankId,
    }
}

/// What a verdict is on the wire: business code, state, serial number.
fn words(verdict: Verdict, place: usize) -> (ReturnCode, TrxStatus, Option<[u8; 20]>) {
    match verdict {
        Verdict::Done(serial) => (ReturnCode::SUCCESS, TrxStatus::Success, Some(serial_text(place, serial))),
        Verdict::Refused(code) => (code, TrxStatus::Failure, None),
        Verdict::Waiting => (ReturnCode::SUCCESS, TrxStatus::InProcess, None),
    }
}

/// The receipt of `ask`, for the transaction `id` (which a faulty bank may have confused). It repeats what the request
/// says of the transaction, and what was sealed in it, where the receipt has a place for it.
pub(crate) fn draft_receipt(
    identity: &Identity,
    place: usize,
    ask: &LegAsk,
    opened: &OpenedValues,
    id: TrxId,
    verdict: Verdict,
) -> Result<Draft, Error> {
    let receipt = ask.row.receipt;
    let (code, status, serial) = words(verdict, place);
    let (request, now) = (ask.request(), now());
    let number = SgnNo::issued(ask.row.effect.is_of_mandate(), ask.id);
    let is_page = matches!(verdict, Verdict::Waiting) && !ask.is_offline;
    let form = Form::fill(receipt, |field| match field {
        _ if field.is_encrypted_in(receipt) => {
            opened.get(field).map_or(Opinion::Absent, |text| Opinion::is(text.to_owned()))
        }
        Field::TrxId => Opinion::is(id.to_string()),
        Field::SgnNo if ask.row.effect.opens() => match verdict {
            Verdict::Done(_) => Opinion::is(number.to_string()),
            Verdict::Refused(_) | Verdict::Waiting => Opinion::Absent,
        },
        Field::PgUrl if is_page => Opinion::is(format!("https://bank.example/pay/{id}")),
        _ if field == serial_field(ask.leg) => serial.map_or(Opinion::Open, |serial| Opinion::is(text_of(&serial))),
        Field::TrxDtTm | Field::TrxAmt | Field::TrxCtgy | Field::BatchId | Field::InstgId | Field::SgnNo => {
            repeated(&request, field).map_or(Opinion::Open, Opinion::is)
        }
        _ => verdict_opinion(field, code, status, now)
            .or_else(|| repeated(&request, field).map(Opinion::Perhaps))
            .unwrap_or(Opinion::Open),
    });
    let header = answer_header(receipt, identity, direction_of(ask.leg), now);
    write_sealed(identity, form, &header)
}

/// SysRtnInf and BizInf.
fn verdict_opinion(field: Field, code: ReturnCode, status: TrxStatus, now: BeijingTime) -> Option<Opinion> {
    Some(match field {
        Field::SysRtnCd => Opinion::is(ReturnCode::SUCCESS.as_str().to_owned()),
        Field::SysRtnDesc => Opinion::is("success"),
        Field::SysRtnTm => Opinion::is(now.to_string()),
        Field::BizStsCd => Opinion::is(code.as_str().to_owned()),
        Field::BizStsDesc => Opinion::is(if code.is_success() { "success" } else { "refused" }),
        Field::TrxStatus => Opinion::is(status.code()),
        Field::TrxFinishTm => Opinion::is(now.to_string()),
        _ => return None,
    })
}

fn repeated(request: &Checked<'_>, field: Field) -> Option<String> {
    request.text(field).map(std::borrow::Cow::into_owned)
}

fn text_of(ascii: &[u8]) -> String {
    String::from_utf8_lossy(ascii).into_owned()
}

/// The news of a customer's decision: 245 for a payment, 113 for a mandate.
pub(crate) fn draft_news(identity: &Identity, place: usize, ask: &LegAsk, verdict: Verdict) -> Result<Draft, Error> {
    if ask.row.effect != Effect::Money {
        return draft_receipt(identity, place, ask, &OpenedValues::default(), ask.id, verdict);
    }
    let (code, status, serial) = words(verdict, place);
    let (request, now) = (ask.request(), now());
    let form = Form::fill(MessageType::Epcc245, |field| match field {
        Field::OriTrxCtgy => Opinion::is(text_of(ask.row.category)),
        Field::OriTrxId => Opinion::is(ask.id.to_string()),
        Field::OriTrxDtTm => repeated(&request, Field::TrxDtTm).map_or(Opinion::Open, Opinion::is),
        Field::PyerAcctIssrId => Opinion::is(identity.id.to_string()),
        Field::TrxAmt => repeated(&request, field).map_or(Opinion::Open, Opinion::is),
        Field::DbtrBankId => serial.map_or(Opinion::Open, |serial| Opinion::is(text_of(&serial))),
        _ => verdict_opinion(field, code, status, now).unwrap_or(Opinion::Open),
    });
    form.write(&answer_header(MessageType::Epcc245, identity, direction_of(ask.leg), now), None)
}

/// 118: what an institution says to the end of a mandate; nothing decided is 02.
pub(crate) fn draft_consent_of_institution(
    identity: &Identity,
    ask: &LegAsk,
    consent: Option<bool>,
) -> Result<Draft, Error> {
    let receipt = ask.row.receipt;
    let (code, status) = match consent {
        Some(true) => (ReturnCode::SUCCESS, TrxStatus::Success),
        Some(false) => (ReturnCode::PB500099, TrxStatus::Failure),
        None => (ReturnCode::SUCCESS, TrxStatus::InProcess),
    };
    let (request, now) = (ask.request(), now());
    let form = Form::fill(receipt, |field| match field {
        _ if field.is_encrypted_in(receipt) => Opinion::Absent,
        Field::TrxId | Field::TrxDtTm | Field::TrxCtgy | Field::InstgId => {
            repeated(&request, field).map_or(Opinion::Open, Opinion::is)
        }
        _ => verdict_opinion(field, code, status, now).unwrap_or(Opinion::Open),
    });
    form.write(&answer_header(receipt, identity, Direction::PI_TO_SWITCH, now), None)
}

/// 322: the bank agrees to a dispute.
pub(crate) fn draft_consent(identity: &Identity, ask: &DisputeAsk) -> Result<Draft, Error> {
    let request = ask.request();
    let form = Form::fill(MessageType::Epcc322, |field| match field {
        Field::DsptRslt => Opinion::is("00"),
        _ => repeated(&request, field).map_or(Opinion::Open, Opinion::is),
    });
    let header = answer_header(MessageType::Epcc322, identity, direction_of(Leg::Debit), now());
    form.write(&header, None)
}

/// A query as far as its answer repeats it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    pub(crate) id: TrxId,
    pub(crate) leg: Leg,
    pub(crate) category: [u8; 4],
    pub(crate) time: BeijingTime,
}

/// 302 with what the ledger says.
pub(crate) fn draft_finding(
    identity: &Identity,
    place: usize,
    asked: &Asked,
    finding: Finding,
) -> Result<Draft, Error> {
    let now = now();
    let (now_text, time_text, id_text) = (now.to_text(), asked.time.to_text(), asked.id.to_text());
    let (code, status, serial) = match finding {
        Finding::Executed(serial) => (ReturnCode::SUCCESS, Some(TrxStatus::Success), serial_text(place, serial)),
        Finding::Refused(code) => (code, Some(TrxStatus::Failure), [0; 20]),
        Finding::Waiting => (ReturnCode::SUCCESS, Some(TrxStatus::InProcess), [0; 20]),
        Finding::Absent => (absent_code(asked.leg), None, [0; 20]),
    };
    let opened = opened_by(asked);
    let mut values = Values::new();
    set_system(&mut values, ReturnCode::SUCCESS.as_bytes(), "success", &now_text);
    values.set(Field::OriTrxCtgy, &asked.category);
    values.set(Field::OriTrxId, &id_text);
    values.set(Field::OriTrxDtTm, &time_text);
    values.set(Field::OriBizStsCd, code.as_bytes());
    if let Some(status) = status {
        values.set(Field::OriSysRtnCd, ReturnCode::SUCCESS.as_bytes());
        values.set(Field::TrxStatus, status.as_bytes());
    }
    if status == Some(TrxStatus::Success) {
        values.set(serial_field(asked.leg), &serial);
        if let Some(number) = &opened {
            values.set(Field::SgnNo, number.as_bytes());
        }
    }
    let header = answer_header(MessageType::Epcc302, identity, direction_of(asked.leg), now);
    Draft::write(MessageType::Epcc302, &header, &values)
}

/// Number of what the transaction opened, if it opens something.
fn opened_by(asked: &Asked) -> Option<SgnNo> {
    let row = BUSINESSES.iter().find(|row| *row.category == asked.category)?;
    row.effect.opens().then(|| SgnNo::issued(row.effect.is_of_mandate(), asked.id))
}

const fn absent_code(leg: Leg) -> ReturnCode {
    match leg {
        Leg::Credit => ReturnCode::PB631001,
        Leg::Debit | Leg::Entry | Leg::Check => ReturnCode::PB531001,
    }
}

/// 303 with a system code.
pub(crate) fn draft_general(identity: &Identity, direction: Direction, code: ReturnCode) -> Result<Draft, Error> {
    let now = now();
    let now_text = now.to_text();
    let mut values = Values::new();
    set_system(&mut values, code.as_bytes(), if code.is_success() { "success" } else { "refused" }, &now_text);
    let header = answer_header(MessageType::Epcc303, identity, direction, now);
    Draft::write(MessageType::Epcc303, &header, &values)
}

/// 992 with the nonce of the probe.
pub(crate) fn draft_echo(identity: &Identity, direction: Direction, nonce: &[u8]) -> Result<Draft, Error> {
    let mut values = Values::new();
    values.set(Field::InstgId, identity.id.as_bytes());
    values.set(Field::Nonce, nonce);
    let header = answer_header(MessageType::Epcc992, identity, direction, now());
    Draft::write(MessageType::Epcc992, &header, &values)
}
