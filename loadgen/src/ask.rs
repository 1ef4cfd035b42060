//! What the switch asks of banks and institutions, taken out of its messages.
//!
//! ```text
//! 201, 205   leg      to a bank       RPFlg 1 = leg 1, debit; 2 = leg 2, credit
//! 301        query    to a bank       RPFlg if there, else Drctn: 22 = leg 1, 23 = leg 2
//! 207        notice   to all          Drctn 21 institution, 22 payer's bank, 23 payee's bank
//! 991        probe    to all
//! ```

use crate::bank::Leg;
use clearway_codec::{
    Amount, BeijingTime, Checked, Direction, Error, Field, InstitutionId, MessageType, TrxId, TrxStatus,
};

/// One request of the switch.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Leg(LegAsk),
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
    },
    Probe {
        nonce: Vec<u8>,
    },
    /// A message that neither banks nor institutions answer, or one without the leg it is about.
    Unfit,
}

/// One leg.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LegAsk {
    pub(crate) id: TrxId,
    pub(crate) leg: Leg,
    pub(crate) amount: Amount,
    pub(crate) category: [u8; 4],
    pub(crate) time: BeijingTime,
    pub(crate) batch: Option<[u8; 13]>,
    /// The bank that this leg is for, by the message's own account blocks.
    pub(crate) addressee: InstitutionId,
}

/// Takes a request out of a checked message.
pub(crate) fn understand(message: &Checked<'_>) -> Result<Ask, Error> {
    match message.message_type() {
        MessageType::Epcc201 | MessageType::Epcc205 => understand_leg(message),
        MessageType::Epcc301 => {
            let leg = leg_of_flag(message).or_else(|| leg_of_direction(message.header().direction));
            let (id, time) = (message.trx_id(Field::OriTrxId)?, message.time(Field::OriTrxDtTm)?);
            Ok(leg.map_or(Ask::Unfit, |leg| Ask::Query { id, leg, category: fixed(message, Field::OriTrxCtgy), time }))
        }
        MessageType::Epcc207 => {
            let leg = leg_of_direction(message.header().direction);
            Ok(Ask::Notice { id: message.trx_id(Field::OriTrxId)?, leg, status: message.status(Field::TrxStatus)? })
        }
        MessageType::Epcc991 => Ok(Ask::Probe { nonce: message.field(Field::Nonce).unwrap_or_default().to_vec() }),
        _ => Ok(Ask::Unfit),
    }
}

fn understand_leg(message: &Checked<'_>) -> Result<Ask, Error> {
    let Some(leg) = leg_of_flag(message) else { return Ok(Ask::Unfit) };
    let addressee = match (message.message_type(), leg) {
        (MessageType::Epcc201, Leg::Debit) => Field::PyerAcctIssrId,
        (MessageType::Epcc205, Leg::Credit) => Field::PyeeAcctIssrId,
        _ => Field::ResfdAcctIssrId,
    };
    Ok(Ask::Leg(LegAsk {
        id: message.trx_id(Field::TrxId)?,
        leg,
        amount: message.amount(Field::TrxAmt)?,
        category: fixed(message, Field::TrxCtgy),
        time: message.time(Field::TrxDtTm)?,
        batch: message.field(Field::BatchId).and_then(|batch| batch.try_into().ok()),
        addressee: message.institution(addressee)?,
    }))
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
