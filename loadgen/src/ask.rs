//! What the switch asks of banks and institutions, taken out of its messages.
//!
//! ```text
//! 201 ... 241   leg      to a bank         RPFlg 1 = leg 1, debit; 2 = leg 2, credit
//! 101 ... 115   leg      to a bank         no RPFlg: an entry in the bank's register
//! 105, 117      leg      to an institution
//! 301           query    to a bank         RPFlg if there, else Drctn: 22 = leg 1, 23 = leg 2
//! 207           notice   to all            Drctn 21 institution, 22 payer's bank, 23 payee's bank
//! 113           notice   to an institution
//! 245           news     to an institution
//! 321, 322, 324 dispute  to all
//! 991           probe    to all
//! ```

use crate::bank::Leg;
use crate::business::{BUSINESSES, BusinessRow, Effect, row_of_request};
use crate::sgn_no::SgnNo;
use bytes::Bytes;
use clearway_codec::{
    BeijingTime, Checked, Direction, Error, Field, Fields, InstitutionId, MessageType, TrxId, TrxStatus,
};

/// One request of the switch.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Leg(Box<LegAsk>),
    Query {
        id: TrxId,
        leg: Leg,
        category: [u8; 4],
        time: BeijingTime,
    },
    /// `leg` is the role in which a bank is told; `None` for an institution.
    Notice {
        id: TrxId,
        leg: Option<Leg>,
        status: TrxStatus,
        /// About an identity check, which shares its id with the signing that follows.
        is_of_check: bool,
    },
    /// The outcome of something that its institution waits for.
    News,
    Dispute(Box<DisputeAsk>),
    Probe {
        nonce: Vec<u8>,
    },
    /// A message that neither banks nor institutions answer, or one without the leg it is about.
    Unfit,
}

/// One leg.
#[derive(Debug, Clone)]
pub(crate) struct LegAsk {
    pub(crate) row: &'static BusinessRow,
    pub(crate) id: TrxId,
    pub(crate) leg: Leg,
    /// 0 where no money moves.
    pub(crate) fen: u64,
    /// The institution that the agreement or mandate is with.
    pub(crate) institution: Option<InstitutionId>,
    /// The agreement or mandate that the request names.
    pub(crate) contract: Option<SgnNo>,
    /// The customer has to confirm without the bank's page.
    pub(crate) is_offline: bool,
    /// The bank that this leg is for, by the message's own account blocks.
    pub(crate) addressee: Option<InstitutionId>,
    body: Bytes,
    fields: Fields,
}

impl LegAsk {
    /// The request, to repeat what stands in it.
    pub(crate) fn request(&self) -> Checked<'_> {
        Checked::from_parts(&self.body, &self.fields)
    }
}

/// A dispute that the other side has raised, answered or carried out.
#[derive(Debug, Clone)]
pub(crate) struct DisputeAsk {
    pub(crate) message_type: MessageType,
    body: Bytes,
    fields: Fields,
}

impl DisputeAsk {
    /// The message, to answer with what stands in it.
    pub(crate) fn request(&self) -> Checked<'_> {
        Checked::from_parts(&self.body, &self.fields)
    }
}

/// Takes a request out of a checked message whose bytes are `body`.
pub(crate) fn understand(message: &Checked<'_>, body: &Bytes) -> Result<Ask, Error> {
    match message.message_type() {
        MessageType::Epcc301 => {
            let category = fixed(message, Field::OriTrxCtgy);
            let leg = leg_of(message, category);
            let (id, time) = (message.trx_id(Field::OriTrxId)?, message.time(Field::OriTrxDtTm)?);
            Ok(leg.map_or(Ask::Unfit, |leg| Ask::Query { id, leg, category, time }))
        }
        MessageType::Epcc207 => {
            let is_institution = message.header().direction == Direction::SWITCH_TO_PI;
            let about = leg_of(message, fixed(message, Field::OriTrxCtgy));
            Ok(Ask::Notice {
                id: message.trx_id(Field::OriTrxId)?,
                leg: about.filter(|_| !is_institution),
                status: message.status(Field::TrxStatus)?,
                is_of_check: about == Some(Leg::Check),
            })
        }
        // The receipt of a mandate as a notice: its end, for the institution.
        MessageType::Epcc113 if message.status(Field::TrxStatus).is_ok() => Ok(Ask::Notice {
            id: message.trx_id(Field::TrxId)?,
            leg: None,
            status: message.status(Field::TrxStatus)?,
            is_of_check: false,
        }),
        MessageType::Epcc113 | MessageType::Epcc245 => Ok(Ask::News),
        MessageType::Epcc321 | MessageType::Epcc322 | MessageType::Epcc324 => Ok(Ask::Dispute(Box::new(DisputeAsk {
            message_type: message.message_type(),
            body: body.clone(),
            fields: message.fields(),
        }))),
        MessageType::Epcc991 => Ok(Ask::Probe { nonce: message.field(Field::Nonce).unwrap_or_default().to_vec() }),
        other => match row_of_request(other, message.field(Field::TrxCtgy)) {
            Some(row) => understand_leg(row, message, body),
            None => Ok(Ask::Unfit),
        },
    }
}

fn understand_leg(row: &'static BusinessRow, message: &Checked<'_>, body: &Bytes) -> Result<Ask, Error> {
    let leg = match row.effect {
        Effect::Money => leg_of_flag(message),
        _ => Some(leg_of_row(row)),
    };
    let Some(leg) = leg else { return Ok(Ask::Unfit) };
    let fen = if row.effect == Effect::Money { message.amount(Field::TrxAmt)?.fen() } else { 0 };
    Ok(Ask::Leg(Box::new(LegAsk {
        row,
        id: message.trx_id(Field::TrxId)?,
        leg,
        fen,
        institution: message.institution(Field::InstgId).ok(),
        contract: message.field(Field::SgnNo).and_then(SgnNo::parse),
        is_offline: message.field(Field::EstblMd) == Some(b"02"),
        addressee: row.addressee(message, leg),
        body: body.clone(),
        fields: message.fields(),
    })))
}

/// The leg that a query or notice is about. Money has two; what has no money is one entry.
fn leg_of(message: &Checked<'_>, category: [u8; 4]) -> Option<Leg> {
    match BUSINESSES.iter().find(|row| *row.category == category) {
        Some(row) if row.effect != Effect::Money => Some(leg_of_row(row)),
        _ => leg_of_flag(message).or_else(|| leg_of_direction(message.header().direction)),
    }
}

fn leg_of_row(row: &BusinessRow) -> Leg {
    if row.effect == Effect::Check { Leg::Check } else { Leg::Entry }
}

fn leg_of_flag(message: &Checked<'_>) -> Option<Leg> {
    match message.field(Field::RPFlg)? {
        b"1" => Some(Leg::Debit),
        b"2" => Some(Leg::Credit),
        _ => None,
    }
}

fn leg_of_direction(direction: Direction) -> Option<Leg> {
    match direction {
        Direction::SWITCH_TO_PAYER_BANK => Some(Leg::Debit),
        Direction::SWITCH_TO_PAYEE_BANK => Some(Leg::Credit),
        _ => None,
    }
}

/// Four digits, checked by the schema; zeroes when the schema was not asked.
fn fixed(message: &Checked<'_>, field: Field) -> [u8; 4] {
    message.field(field).and_then(|value| value.try_into().ok()).unwrap_or(*b"0000")
}
