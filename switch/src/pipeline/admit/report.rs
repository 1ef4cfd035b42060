//! News of a transaction that rests with a person, sent by whom it rests with; and the initiator's order to close it.

use clearway_codec::Checked;
use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::ReturnCode;

use super::super::known::Known;
use super::super::resolve::{code, lacks_number, status, verdict};
use super::super::shared::Shared;
use super::{Decision, Question, Sender};
use crate::domain::business::{BUSINESSES, BusinessRules, LegRules, rules};
use crate::domain::transaction::{Event, Leg, Party, Payment};

/// What somebody says, unasked, of a transaction that the switch knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    /// Whose key.
    pub(crate) key: u128,
    /// What happened to it.
    pub(crate) event: Event,
    /// Who says so.
    pub(crate) party: Party,
}

/// The report in a message; none if its type is no report.
pub(super) fn report(known: &Known<'_>, shared: &Shared, message: &Checked<'_>, sender: Sender) -> Option<Decision> {
    let message_type = message.message_type();
    if message_type == MessageType::Epcc317 {
        return Some(closing(known, message, sender));
    }
    let rest_of = |leg: &LegRules| leg.rest.filter(|rest| rest.news == message_type);
    let (row, rest) = BUSINESSES.iter().find_map(|row| Some((row, row.leg(Leg::One).and_then(rest_of)?)))?;
    let id = message.trx_id(rest.news_id).ok()?;
    let known = known.get_to_change(row.key(id));
    // Whoever took the order brings its news, or the bank behind that one.
    let rests_with = |known: &Payment| [known.bank(Leg::One), shared.asked(known, Leg::One)].contains(&sender.index);
    let Some(payment) = known.filter(|known| known.business == row.business && rests_with(known)) else {
        // Of another's transaction nobody learns more than of none.
        return Some(Decision::Refuse(ReturnCode::PB531001));
    };
    Some(if is_of_another_amount(message, &payment) {
        Decision::Refuse(ReturnCode::ES000031)
    } else {
        news(message, &payment, row)
    })
}

/// Whether the news names an amount that is not the order's: then nothing happens, whatever it says (ours).
fn is_of_another_amount(message: &Checked<'_>, payment: &Payment) -> bool {
    let named = message.field(Field::TrxAmt).map(|_| message.amount(Field::TrxAmt));
    named.is_some_and(|amount| amount.map_or(true, |amount| amount.fen() != payment.amount_fen))
}

/// What whoever it rests with has decided. A word that decides nothing is acknowledged.
fn news(message: &Checked<'_>, payment: &Payment, row: &BusinessRules) -> Decision {
    let decided = verdict(status(message), code(message, Field::SysRtnCd), code(message, Field::BizStsCd));
    let event = match decided {
        Some(Ok(())) if lacks_number(message, row) => return Decision::Refuse(ReturnCode::ES000010),
        Some(Ok(())) => Event::LegSucceeded(Leg::One),
        Some(Err(code)) => Event::LegRefused(Leg::One, code),
        None => return Decision::Answer(Question::Noted),
    };
    Decision::Report(Report { key: payment.trx_id, event, party: Party::Bank1 })
}

/// 317: only who asked for an order may close it.
fn closing(known: &Known<'_>, message: &Checked<'_>, sender: Sender) -> Decision {
    let Ok(id) = message.trx_id(Field::OriTrxId) else { return Decision::Refuse(ReturnCode::ES000012) };
    let known = known.get_to_change(id.as_u128());
    let own = known.filter(|known| known.institution == sender.index && rules(known.business).closable);
    match own {
        Some(order) => Decision::Report(Report { key: order.trx_id, event: Event::Closed, party: Party::Institution }),
        None => Decision::Answer(Question::NoOrder),
    }
}
