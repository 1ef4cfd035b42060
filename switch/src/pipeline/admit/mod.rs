//! Stage 3: may this sender have this done? Pure decisions on a verified message; nothing is changed here.
//!
//! The order is: sender and direction, type, category, repetition, date window, own side, counterparts, registers, quotas, amount. Every
//! "no" is a value that becomes a return code; none of them costs the sender's neighbours anything.

mod begin;
mod earlier;
mod question;
mod report;
mod ways;

use bytes::Bytes;
use clearway_codec::Checked;
use clearway_codec::value::{Direction, ReturnCode};

pub(crate) use begin::Admission;
pub(crate) use question::Question;
pub(crate) use report::Report;

use super::known::{Fetched, Known, Wanted};
use super::shared::Shared;
use crate::config::ParticipantKind;
use crate::domain::business::Business;
use crate::domain::transaction::Payment;
use crate::sensitive::Clear;

/// What becomes of a verified request.
#[derive(Debug)]
pub(crate) enum Decision {
    /// A new transaction, or one that is declined at once; and why its legs go over their channels.
    Accept(Admission, Option<Box<Bytes>>),
    /// The same transaction again.
    Repeat(Payment),
    /// News of a transaction that rests with a person, or an order to close it.
    Report(Report),
    /// Answered by what the switch knows.
    Answer(Question),
    /// It cannot be decided on before this was fetched.
    Fetch(Wanted),
    /// A message that is not served: 303.
    Refuse(ReturnCode),
}

/// Who sent a request.
#[derive(Clone, Copy, Debug)]
struct Sender {
    index: u16,
    kind: ParticipantKind,
}

/// Decides on one verified request, with what was fetched for it.
pub(crate) fn admit(
    shared: &Shared,
    message: &Checked<'_>,
    clear: Option<&Clear>,
    fetched: Option<&Fetched>,
    now_us: u64,
) -> Decision {
    let known = Known::new(shared, fetched);
    let decision = decide(&known, shared, message, clear, now_us);
    known.wanted().map_or(decision, Decision::Fetch)
}

fn decide(known: &Known<'_>, shared: &Shared, message: &Checked<'_>, clear: Option<&Clear>, now_us: u64) -> Decision {
    let sender = match sender_of(shared, message) {
        Ok(sender) => sender,
        Err(code) => return Decision::Refuse(code),
    };
    if known.is_first() && !shared.admission.rate(sender.index, now_us) {
        return Decision::Refuse(ReturnCode::PS500001);
    }
    let request = message.message_type();
    if Business::is_request(request) {
        return begin::begin(known, shared, message, clear, sender, now_us);
    }
    report::report(known, shared, message, sender)
        .or_else(|| question::question(known, shared, message, sender))
        .unwrap_or(Decision::Refuse(ReturnCode::ES000014))
}

/// The participant that sent it, if its direction is one for such a participant.
fn sender_of(shared: &Shared, message: &Checked<'_>) -> Result<Sender, ReturnCode> {
    let header = message.header();
    let index = shared.participants.index_of(&header.issuer).ok_or(ReturnCode::ES000021)?;
    let kind = shared.participants.get(index).map(|participant| participant.kind).ok_or(ReturnCode::ES000021)?;
    let fits = match header.direction {
        Direction::PI_TO_SWITCH => kind == ParticipantKind::Institution,
        Direction::PAYER_BANK_TO_SWITCH | Direction::PAYEE_BANK_TO_SWITCH => kind == ParticipantKind::Bank,
        _ => false,
    };
    if fits { Ok(Sender { index, kind }) } else { Err(ReturnCode::ES000015) }
}
