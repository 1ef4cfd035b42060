//! What a bank writes: 206 to a leg, 302 to a query, 303 to a notice or a fault, 992 to a probe.

use super::ledger::{Finding, Leg};
use crate::ask::LegAsk;
use crate::clock::unix_micros;
use crate::config::Identity;
use crate::error::Error;
use crate::wire::{Draft, answer_header, set_system};
use clearway_codec::{BeijingTime, Direction, Field, MessageType, ReturnCode, TrxId, TrxStatus, Values};

/// How a bank decided a leg.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Verdict {
    /// Done, under this serial number.
    Done(u64),
    /// Business no.
    Refused(ReturnCode),
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
        Leg::Debit => Direction::PAYER_BANK_TO_SWITCH,
        Leg::Credit => Direction::PAYEE_BANK_TO_SWITCH,
    }
}

const fn serial_field(leg: Leg) -> Field {
    match leg {
        Leg::Debit => Field::DbtrBankId,
        Leg::Credit => Field::CdtrBankId,
    }
}

/// 206 about `ask`, for the transaction `id` (which a faulty bank may have confused).
pub(crate) fn draft_receipt(
    identity: &Identity,
    place: usize,
    ask: &LegAsk,
    id: TrxId,
    verdict: Verdict,
) -> Result<Draft, Error> {
    let (now, amount) = (now(), ask.amount.to_text());
    let (now_text, time_text, id_text) = (now.to_text(), ask.time.to_text(), id.to_text());
    let (code, status, serial) = match verdict {
        Verdict::Done(serial) => (ReturnCode::SUCCESS, TrxStatus::Success, serial_text(place, serial)),
        Verdict::Refused(code) => (code, TrxStatus::Failure, [0; 20]),
    };
    let mut values = Values::new();
    set_system(&mut values, ReturnCode::SUCCESS.as_bytes(), "success", &now_text);
    values.set(Field::BizStsCd, code.as_bytes());
    values.set_text(Field::BizStsDesc, if code.is_success() { "success" } else { "refused" });
    values.set(Field::TrxStatus, status.as_bytes());
    values.set(Field::TrxFinishTm, &now_text);
    values.set(Field::TrxId, &id_text);
    values.set(Field::TrxDtTm, &time_text);
    values.set(Field::TrxAmt, amount.as_bytes());
    values.set(Field::TrxCtgy, &ask.category);
    if let Some(batch) = &ask.batch {
        values.set(Field::BatchId, batch);
    }
    if status == TrxStatus::Success {
        values.set(serial_field(ask.leg), &serial);
    }
    let header = answer_header(MessageType::Epcc206, identity, direction_of(ask.leg), now);
    Draft::write(MessageType::Epcc206, &header, &values)
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
        Finding::Absent => (absent_code(asked.leg), None, [0; 20]),
    };
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
    }
    let header = answer_header(MessageType::Epcc302, identity, direction_of(asked.leg), now);
    Draft::write(MessageType::Epcc302, &header, &values)
}

const fn absent_code(leg: Leg) -> ReturnCode {
    match leg {
        Leg::Debit => ReturnCode::PB531001,
        Leg::Credit => ReturnCode::PB631001,
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
