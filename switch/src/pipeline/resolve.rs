//! What a participant's answer means for its payment. Pure: a verified message (or its absence) in, an event out.
//!
//! The rule of wire.md section 6.2: a time-out, a non-200, an unreadable or badly signed answer, or one about another
//! transaction leaves a leg unknown. Only a clear, signed word settles it.

use bytes::Bytes;
use clearway_codec::Checked;
use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::{InstitutionId, ReturnCode, TrxStatus};

use super::arrival::{Arrival, Fault};
use super::inbox::{Purpose, Ticket};
use crate::domain::agreement::SgnNo;
use crate::domain::business::{BusinessRules, Chase, LegRules};
use crate::domain::transaction::{Event, Leg, UnknownCause};
use crate::net::{Answer, Trouble};

/// An answer's meaning, and the bank's serial when it gave one.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) event: Option<Event>,
    pub(crate) serial: Option<Bytes>,
    /// It is not signed by whom it should be: a fault of what stands at the other end of the link.
    pub(crate) is_unsigned: bool,
}

/// What was asked, and of whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) ticket: Ticket,
    /// The participant that must have signed the answer.
    pub(crate) expected: &'a InstitutionId,
    pub(crate) row: &'static BusinessRules,
}

impl Resolved {
    const fn of(event: Option<Event>) -> Self {
        Self { event, serial: None, is_unsigned: false }
    }
}

/// No readable answer came.
pub(crate) fn resolve_silence(purpose: Purpose, answer: &Answer) -> Option<Event> {
    match (purpose, answer) {
        (Purpose::Leg(leg), Answer::NotSent(_)) => Some(Event::LegNotSent(leg)),
        (Purpose::Leg(leg), Answer::Unknown(trouble)) => Some(Event::LegUnknown(leg, cause(*trouble))),
        (Purpose::Query(leg), _) => Some(Event::QueryUnanswered(leg)),
        (Purpose::Notice(_) | Purpose::Leg(_), _) => None,
    }
}

const fn cause(trouble: Trouble) -> UnknownCause {
    match trouble {
        Trouble::Connect
        | Trouble::Handshake
        | Trouble::Full
        | Trouble::NoLine
        | Trouble::NoLink
        | Trouble::Late
        | Trouble::Broken => UnknownCause::Broken,
        Trouble::Status(_) => UnknownCause::HttpStatus,
        Trouble::TooLarge => UnknownCause::Unreadable,
        Trouble::TimedOut => UnknownCause::TimedOut,
    }
}

/// An answer came and went through decode and verify.
pub(crate) fn resolve(asked: &Asked<'_>, arrival: &Arrival) -> Resolved {
    let Asked { ticket, expected, row } = *asked;
    let message = match (&arrival.fault, arrival.message()) {
        (None, Some(message)) if message.header().issuer == *expected => message,
        (None | Some(Fault::Impostor | Fault::Unsigned | Fault::Signature | Fault::Key(_)), _) => {
            return Resolved { is_unsigned: true, ..unusable(ticket.purpose, UnknownCause::BadSignature) };
        }
        (Some(Fault::Form(_)), _) => return unusable(ticket.purpose, UnknownCause::Unreadable),
    };
    match ticket.purpose {
        Purpose::Leg(leg) => leg_answer(leg, ticket.key, &message, arrival, row),
        Purpose::Query(leg) => query_answer(leg, ticket.key, &message, arrival, row),
        Purpose::Notice(party) => {
            let acknowledged = message.message_type() == MessageType::Epcc303
                && code(&message, Field::SysRtnCd) == Some(ReturnCode::SUCCESS);
            Resolved::of(acknowledged.then_some(Event::NoticeAcknowledged(party)))
        }
    }
}

fn unusable(purpose: Purpose, cause: UnknownCause) -> Resolved {
    Resolved::of(match purpose {
        Purpose::Leg(leg) => Some(Event::LegUnknown(leg, cause)),
        Purpose::Query(leg) => Some(Event::QueryUnanswered(leg)),
        Purpose::Notice(_) => None,
    })
}

fn leg_answer(leg: Leg, key: u128, message: &Checked<'_>, arrival: &Arrival, row: &'static BusinessRules) -> Resolved {
    let system = code(message, Field::SysRtnCd);
    let Some(rules) = row.leg(leg) else { return Resolved::of(None) };
    if message.message_type() == MessageType::Epcc303 {
        return Resolved::of(Some(general_answer(leg, system, rules)));
    }
    if message.message_type() != rules.answer {
        return unusable(Purpose::Leg(leg), UnknownCause::Unreadable);
    }
    if message.trx_id(Field::TrxId).ok().map(|id| row.key(id)) != Some(key) {
        return unusable(Purpose::Leg(leg), UnknownCause::OtherTransaction);
    }
    let business = code(message, Field::BizStsCd);
    let event = match verdict(status(message), system, business) {
        Some(Ok(())) if lacks_number(message, row) => Event::LegUnknown(leg, UnknownCause::Unreadable),
        Some(Ok(())) => Event::LegSucceeded(leg),
        Some(Err(code)) => Event::LegRefused(leg, code),
        None if rules.rest.is_some() => Event::LegDeferred(leg),
        None => Event::LegUnknown(leg, UnknownCause::InProcess),
    };
    Resolved { serial: serial(leg, message, arrival), ..Resolved::of(Some(event)) }
}

/// A 303. Where it is the answer that the row asks for, success means that the receiver has taken note; where the outcome is
/// still to come, that it will decide. Any other code: the message itself was refused (signature, form), nothing was done, and the
/// receiver signed that.
fn general_answer(leg: Leg, system: Option<ReturnCode>, rules: &LegRules) -> Event {
    match system {
        Some(code) if !code.is_success() => Event::LegRefused(leg, *code.as_bytes()),
        Some(_) if rules.answer == MessageType::Epcc303 => Event::LegSucceeded(leg),
        Some(_) if rules.chase == Chase::Resend && rules.rest.is_some() => Event::LegDeferred(leg),
        _ => Event::LegUnknown(leg, UnknownCause::Unreadable),
    }
}

fn query_answer(
    leg: Leg,
    key: u128,
    message: &Checked<'_>,
    arrival: &Arrival,
    row: &'static BusinessRules,
) -> Resolved {
    let about_it = message.trx_id(Field::OriTrxId).ok().map(|id| row.key(id)) == Some(key);
    let served =
        message.message_type() == MessageType::Epcc302 && code(message, Field::SysRtnCd) == Some(ReturnCode::SUCCESS);
    if !about_it || !served {
        return Resolved::of(Some(Event::QueryUnanswered(leg)));
    }
    let business = code(message, Field::OriBizStsCd);
    if matches!(business, Some(ReturnCode::PB531001 | ReturnCode::PB631001)) {
        return Resolved::of(Some(Event::QueryNoSuchTransaction(leg)));
    }
    let event = match status(message) {
        Some(TrxStatus::Success | TrxStatus::PresumedSuccess) if lacks_number(message, row) => {
            Event::QueryUnanswered(leg)
        }
        Some(TrxStatus::Success | TrxStatus::PresumedSuccess) => Event::QuerySucceeded(leg),
        Some(TrxStatus::Failure | TrxStatus::PresumedFailure) => {
            let code = business
                .filter(|code| !code.is_success())
                .or_else(|| code(message, Field::OriSysRtnCd))
                .unwrap_or(ReturnCode::ES000099);
            Event::QueryRefused(leg, *code.as_bytes())
        }
        // It knows the order, and somebody has yet to act.
        Some(TrxStatus::InProcess) if row.leg(leg).is_some_and(|rules| rules.rest.is_some()) => Event::LegDeferred(leg),
        Some(TrxStatus::InProcess) | None => Event::QueryUnanswered(leg),
    };
    Resolved { serial: serial(leg, message, arrival), ..Resolved::of(Some(event)) }
}

/// Whether a yes leaves out the number that it should bring: no clear word, then.
pub(super) fn lacks_number(message: &Checked<'_>, row: &BusinessRules) -> bool {
    row.register.brings_number() && message.field(Field::SgnNo).and_then(SgnNo::parse).is_none()
}

/// Client rule (wire.md section 4): BizStsCd when present, else SysRtnCd; a status 02 is no verdict.
pub(super) fn verdict(
    status: Option<TrxStatus>,
    system: Option<ReturnCode>,
    business: Option<ReturnCode>,
) -> Option<Result<(), [u8; 8]>> {
    let decisive = business.or(system)?;
    match status {
        Some(TrxStatus::Success) if decisive.is_success() => Some(Ok(())),
        Some(TrxStatus::Failure) => Some(Err(*failure(business, system).as_bytes())),
        None if decisive.is_success() => Some(Ok(())),
        None if business.is_some() => Some(Err(*decisive.as_bytes())),
        _ => None,
    }
}

/// The code of a "no": the first that is no success, for a "no" must not read like one.
fn failure(business: Option<ReturnCode>, system: Option<ReturnCode>) -> ReturnCode {
    business.into_iter().chain(system).find(|code| !code.is_success()).unwrap_or(ReturnCode::ES000099)
}

pub(super) fn status(message: &Checked<'_>) -> Option<TrxStatus> {
    message.field(Field::TrxStatus).and_then(|text| TrxStatus::parse(text).ok())
}

pub(super) fn code(message: &Checked<'_>, field: Field) -> Option<ReturnCode> {
    message.field(field).and_then(|text| ReturnCode::parse(text).ok())
}

fn serial(leg: Leg, message: &Checked<'_>, arrival: &Arrival) -> Option<Bytes> {
    let field = match leg {
        Leg::One => Field::DbtrBankId,
        Leg::Two => Field::CdtrBankId,
    };
    message.field(field).map(|text| arrival.bytes.slice_ref(text))
}
