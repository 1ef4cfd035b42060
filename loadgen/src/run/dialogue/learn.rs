//! What an answer teaches an institution: the fate of the transaction, and what later requests can refer to.

use crate::answer::{Answer, denies};
use crate::business::{Business, Effect};
use crate::compose::Prepared;
use crate::history::{Contract, History, Sent, SerialText, Success};
use crate::kind::Kind;
use crate::run::outcome::Outcome;
use crate::sgn_no::SgnNo;
use crate::tracker::{Order, Payee, Told, Tracker, has_moved};
use crate::wire::ExchangeFault;
use clearway_codec::{TrxId, TrxStatus};

/// What an outcome means for what the institution knows of a transaction. Whether its final state or its number is news.
pub(crate) fn learn(tracker: &mut Tracker, kind: Kind, id: TrxId, outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Answered(Answer::Receipt { status, digest, code, contract, .. }) if kind.is_tracked() => {
            let receipt = status.is_final().then_some(*digest);
            return tracker.note_told(id, Told { status: *status, receipt, code: *code, contract: *contract });
        }
        Outcome::Answered(Answer::Reply { status: Some(status), code, contract, .. }) => {
            let told = Told { status: *status, receipt: None, code: Some(*code), contract: *contract };
            return tracker.note_told(id, told);
        }
        Outcome::Answered(Answer::Reply { status: None, code, .. } | Answer::Refusal(code))
            if kind == Kind::Query && denies(*code) =>
        {
            tracker.note_denied(id);
        }
        Outcome::Answered(Answer::Close { closed, status, .. }) => {
            tracker.note_closed(id, *closed);
            if let Some(status) = status {
                tracker.note_told(id, Told::status(*status));
            }
        }
        _ if !kind.is_tracked() => {}
        Outcome::Answered(Answer::Refusal(code)) => tracker.note_refusal(id, *code),
        Outcome::Failed(ExchangeFault::Unconnected) => tracker.note_unsent(id),
        Outcome::Failed(_) | Outcome::Unusable(_) => tracker.note_silence(id),
        Outcome::Answered(_) | Outcome::Bare(_) => {}
    }
    false
}

/// Keeps what later requests can refer to. `is_news`: a final state, or a number, was told for the first time.
pub(super) fn remember(history: &mut History, request: &Prepared, answer: &Answer, is_news: bool) {
    match *answer {
        Answer::Receipt { status, serial, contract, .. } => {
            if request.kind != Kind::Duplicate {
                remember_request(history, request, status);
            }
            // Not confirmed yet: to be asked again.
            if (request.order.business, status) == (Business::Mandate, TrxStatus::InProcess) {
                let Prepared { id, order, message_type, body, .. } = request.clone();
                History::keep(&mut history.unconfirmed, Sent { id, order, message_type, body });
            }
            if is_news {
                remember_end(history, request, status, serial, contract);
            }
        }
        Answer::Taken if request.kind == Kind::Dispute => {
            History::keep(&mut history.disputed, (request.id, request.order));
        }
        Answer::Reply { status: Some(status), serial, contract, .. } if is_news => {
            remember_end(history, request, status, serial, contract);
        }
        _ => {}
    }
}

fn remember_request(history: &mut History, request: &Prepared, status: TrxStatus) {
    let known = (request.id, request.order);
    match (request.order.business, status) {
        (Business::IdentityCheck, TrxStatus::Success) => return History::keep(&mut history.checked, known),
        (Business::IdentityCheck, _) => return,
        (Business::Gateway, TrxStatus::InProcess) => History::keep(&mut history.unpaid, known),
        _ => {}
    }
    history.acknowledged.push(known);
    if request.order.business == Business::Gateway {
        history.orders.push(known);
    }
}

fn remember_end(
    history: &mut History,
    request: &Prepared,
    status: TrxStatus,
    serial: Option<SerialText>,
    contract: Option<SgnNo>,
) {
    let (id, order) = (request.id, request.order);
    if matches!(status, TrxStatus::PresumedSuccess | TrxStatus::PresumedFailure) {
        history.presumed.push((id, order));
    }
    if let (true, true, Some(serial)) = (is_refundable(&order), has_moved(status), serial) {
        history.successes.push(Success { id, order, serial, refundable_fen: order.fen });
    }
    if let (true, Some(number)) = (status == TrxStatus::Success, contract) {
        remember_contract(history, id, &order, number);
    }
}

fn remember_contract(history: &mut History, id: TrxId, order: &Order, number: SgnNo) {
    let contract =
        Contract { number, opened_by: id, institution: order.institution, bank: order.debit_bank, is_ended: false };
    match order.business.row().effect {
        Effect::OpensAgreement => history.agreements.push(contract),
        Effect::OpensMandate => history.mandates.push(contract),
        _ => {}
    }
}

/// Whether the rules allow a refund of such a payment (business.md section 4: not of one to a bank account).
pub(crate) fn is_refundable(order: &Order) -> bool {
    order.business.row().is_refundable && order.payee == Payee::Reserve
}
