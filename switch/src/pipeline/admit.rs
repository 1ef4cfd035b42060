//! Stage 3: may this sender have this done? Pure decisions on a verified message; nothing is changed here.
//!
//! The order is: sender and direction, type, category, repetition, date window, own side, banks, quotas, amount. Every "no" is a value that
//! becomes a return code; none of them costs the sender's neighbours anything.

use clearway_codec::Checked;
use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::{BatchId, BeijingTime, Direction, InstitutionId, ReturnCode};
use clearway_crypto::sha256;

use super::shared::Shared;
use crate::config::ParticipantKind;
use crate::constants::NO_PARTICIPANT;
use crate::domain::business::{Business, BusinessRules, LegRules, rules};
use crate::domain::transaction::{Acceptance, Leg, Payment, RefundRequest};
use crate::domain::window;

/// What becomes of a verified request.
#[derive(Debug)]
pub(crate) enum Decision {
    /// A new payment, or one that is declined at once.
    Accept(Admission),
    /// The same payment again.
    Repeat(Payment),
    /// A query about `found`.
    Answer { found: Option<Payment> },
    /// A link probe.
    Probe,
    /// A message that is not served: 303.
    Refuse(ReturnCode),
}

/// A payment that may begin, or a business "no" before anything was done: a receipt with status 01.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Admission {
    pub(crate) acceptance: Acceptance,
    /// Why it is declined, if it is.
    pub(crate) declined: Option<[u8; 8]>,
    /// What a refund asks of its original.
    pub(crate) refund: Option<RefundRequest>,
}

/// Why a request is not a plain new payment.
enum No {
    Refuse(ReturnCode),
    Repeat(Box<Payment>),
}

/// Decides on one verified request.
pub(crate) fn admit(shared: &Shared, message: &Checked<'_>, now: BeijingTime) -> Decision {
    let header = message.header();
    let Some(sender) = shared.participants.index_of(&header.issuer) else {
        return Decision::Refuse(ReturnCode::ES000021);
    };
    let institution =
        shared.participants.get(sender).is_some_and(|participant| participant.kind == ParticipantKind::Institution);
    let fits = match header.direction {
        Direction::PI_TO_SWITCH => institution,
        Direction::PAYER_BANK_TO_SWITCH | Direction::PAYEE_BANK_TO_SWITCH => !institution,
        _ => false,
    };
    if !fits {
        return Decision::Refuse(ReturnCode::ES000015);
    }
    match message.message_type() {
        MessageType::Epcc301 => answer(shared, message, sender),
        MessageType::Epcc991 => Decision::Probe,
        request => match Business::from_request(request) {
            Some(business) if institution => {
                let row = rules(business);
                match payment(shared, message, row, sender, now) {
                    Ok(admission) => Decision::Accept(admission),
                    Err(No::Refuse(code)) => Decision::Refuse(code),
                    Err(No::Repeat(known)) => Decision::Repeat(*known),
                }
            }
            Some(_) => Decision::Refuse(ReturnCode::ES000024),
            None => Decision::Refuse(ReturnCode::ES000014),
        },
    }
}

/// A participant learns of its own payments only; of others it is told what it would be told of none.
fn answer(shared: &Shared, query: &Checked<'_>, sender: u16) -> Decision {
    let Ok(id) = query.trx_id(Field::OriTrxId) else { return Decision::Refuse(ReturnCode::ES000012) };
    let known = shared.table.get(id.as_u128());
    let found = known.filter(|payment| payment.institution == sender || payment.banks.contains(&sender));
    Decision::Answer { found }
}

fn payment(
    shared: &Shared,
    message: &Checked<'_>,
    row: &'static BusinessRules,
    sender: u16,
    now: BeijingTime,
) -> Result<Admission, No> {
    let form = |_| No::Refuse(ReturnCode::ES000012);
    if message.field(Field::TrxCtgy) != Some(row.category.as_bytes()) {
        return Err(No::Refuse(ReturnCode::ES000012));
    }
    let id = message.trx_id(Field::TrxId).map_err(form)?;
    let digest = content_digest(message);
    repetition(shared, id.as_u128(), &digest, sender)?;
    if !window::accepts(id.date(), now) {
        return Err(No::Refuse(ReturnCode::ES000032));
    }
    own_side(message, row, &message.header().issuer)?;
    let banks = [Leg::One, Leg::Two].map(|leg| bank(shared, message, row.leg(leg)));
    let declined = banks.iter().find_map(|bank| bank.err());
    let banks = banks.map(|bank| bank.unwrap_or(NO_PARTICIPANT));
    if declined.is_none() && !shared.active.admits(sender, banks, &shared.participants) {
        return Err(No::Refuse(ReturnCode::PS500001));
    }
    let amount_fen = message.amount(Field::TrxAmt).map_err(form)?.fen();
    let (original, refund) = if row.reserves_original {
        let original = message.trx_id(Field::OriTrxId).map_err(form)?.as_u128();
        let original_amount_fen = message
            .field(Field::OriTrxAmt)
            .and_then(|_| message.amount(Field::OriTrxAmt).ok())
            .map(|amount| amount.fen());
        (original, Some(RefundRequest { amount_fen, institution: sender, original_amount_fen }))
    } else {
        (0, None)
    };
    let acceptance = Acceptance {
        trx_id: id.as_u128(),
        original,
        digest,
        amount_fen,
        batch: BatchId::at(now).as_u32(),
        institution: sender,
        banks,
        business: row.business,
    };
    Ok(Admission { acceptance, declined, refund })
}

/// Same TrxId again: the same content is a repetition, other content is refused (business.md section 1).
fn repetition(shared: &Shared, id: u128, digest: &[u8; 16], sender: u16) -> Result<(), No> {
    match shared.table.get(id) {
        None => Ok(()),
        Some(known) if known.digest == *digest && known.institution == sender => Err(No::Repeat(Box::new(known))),
        Some(_) => Err(No::Refuse(ReturnCode::ES000031)),
    }
}

/// The institution's own side of a payment must name the institution that signed it.
fn own_side(message: &Checked<'_>, row: &BusinessRules, issuer: &InstitutionId) -> Result<(), No> {
    match message.field(row.own_field) {
        Some(named) if named == issuer.as_bytes() => Ok(()),
        _ => Err(No::Refuse(ReturnCode::ES000024)),
    }
}

/// The bank of a leg, or the code that declines the payment.
fn bank(shared: &Shared, message: &Checked<'_>, leg: &LegRules) -> Result<u16, [u8; 8]> {
    let unknown = || leg.unknown_bank;
    let id = message.field(leg.bank_field).and_then(|text| InstitutionId::parse(text).ok()).ok_or_else(unknown)?;
    let index = shared.participants.index_of(&id).ok_or_else(unknown)?;
    let is_bank = shared.participants.get(index).is_some_and(|participant| participant.kind == ParticipantKind::Bank);
    if is_bank { Ok(index) } else { Err(unknown()) }
}

/// Tells a repetition from another payment under the same TrxId: half of the SHA-256 of the body as received.
pub(crate) fn content_digest(message: &Checked<'_>) -> [u8; 16] {
    let whole = sha256(message.body());
    let mut half = [0; 16];
    half.copy_from_slice(whole.first_chunk::<16>().unwrap_or(&[0; 16]));
    half
}
