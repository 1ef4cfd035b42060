//! The words in which the audit speaks of records and states.

use crate::domain::record::{RecordKind, Role};
use crate::domain::transaction::{Event, Leg, Party, Payment, Phase, UnknownCause};
use clearway_codec::value::{Amount, BeijingTime, ReturnCode, TrxStatus};

pub(super) fn kind(kind: RecordKind) -> String {
    match kind {
        RecordKind::Accepted => "accepted".to_owned(),
        RecordKind::Evidence => "kept as evidence".to_owned(),
        RecordKind::Event(happening) => event(happening),
    }
}

fn event(event: Event) -> String {
    match event {
        Event::LegSucceeded(at) => format!("{} succeeded", leg(at)),
        Event::LegRefused(at, why) => format!("{} refused with {}", leg(at), code(why)),
        Event::LegDeferred(at) => format!("{} taken, outcome to come", leg(at)),
        Event::LegUnknown(at, cause) => format!("{} unknown: {}", leg(at), unknown_cause(cause)),
        Event::LegNotSent(at) => format!("{} not sent", leg(at)),
        Event::LegMoved(at, way) => format!("{} not sent, moved to channel {way}", leg(at)),
        Event::QuerySucceeded(at) => format!("query: {} succeeded", leg(at)),
        Event::QueryRefused(at, why) => format!("query: {} refused with {}", leg(at), code(why)),
        Event::QueryNoSuchTransaction(at) => format!("query: no such transaction for {}", leg(at)),
        Event::QueryUnanswered(at) => format!("query for {} unanswered", leg(at)),
        Event::Due => "due".to_owned(),
        Event::ReceiptDue => "receipt deadline".to_owned(),
        Event::ReceiptDelivered => "receipt delivered".to_owned(),
        Event::ReceiptLost => "receipt lost".to_owned(),
        Event::NoticeAcknowledged(by) => format!("notice acknowledged by {}", party(by)),
        Event::Closed => "closed by who asked for it".to_owned(),
        Event::RefundReserved(fen) => format!("refund reserved {}", amount(fen)),
        Event::RefundReleased(fen) => format!("refund released {}", amount(fen)),
    }
}

/// Whether the switch went by a message with this role in a record of this kind: by what it sent itself, by the
/// request that it accepted, and by the answer that decided. Other answers are kept although they were not
/// believed.
pub(super) fn relies_on(kind: RecordKind, role: Role) -> bool {
    let answer_decided = matches!(
        kind,
        RecordKind::Event(
            Event::LegSucceeded(_)
                | Event::LegDeferred(_)
                | Event::LegRefused(..)
                | Event::QuerySucceeded(_)
                | Event::QueryRefused(..)
                | Event::QueryNoSuchTransaction(_)
                | Event::NoticeAcknowledged(_)
        )
    );
    answer_decided || role == Role::Request || role.is_sent()
}

fn leg(leg: Leg) -> &'static str {
    match leg {
        Leg::One => "leg 1 (debit)",
        Leg::Two => "leg 2 (credit)",
    }
}

fn unknown_cause(cause: UnknownCause) -> &'static str {
    match cause {
        UnknownCause::TimedOut => "no answer in time",
        UnknownCause::Broken => "connection broke",
        UnknownCause::HttpStatus => "HTTP status other than 200",
        UnknownCause::Unreadable => "answer cannot be read",
        UnknownCause::BadSignature => "answer's signature does not verify",
        UnknownCause::OtherTransaction => "answer is about another transaction",
        UnknownCause::InProcess => "the bank does not know yet",
    }
}

pub(super) fn party(party: Party) -> &'static str {
    match party {
        Party::Institution => "institution",
        Party::Bank1 => "bank of leg 1",
        Party::Bank2 => "bank of leg 2",
    }
}

pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Request => "request",
        Role::LegRequest => "leg request",
        Role::LegAnswer => "leg answer",
        Role::Query => "query",
        Role::QueryAnswer => "query answer",
        Role::Receipt => "receipt",
        Role::Notice => "terminal notice",
        Role::NoticeAnswer => "notice answer",
        Role::Report => "report",
        Role::Route => "route",
        Role::Particulars => "particulars",
    }
}

pub(super) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Leg1Sent => "leg 1 sent",
        Phase::Leg1Unknown => "leg 1 unknown",
        Phase::Leg2Sent => "leg 2 sent",
        Phase::Leg2Unknown => "leg 2 unknown",
        Phase::Waiting => "waiting for a person",
        Phase::Final => "final",
    }
}

pub(super) fn status(status: TrxStatus) -> &'static str {
    match status {
        TrxStatus::Success => "success",
        TrxStatus::Failure => "failure",
        TrxStatus::InProcess => "in process",
        TrxStatus::PresumedSuccess => "presumed success",
        TrxStatus::PresumedFailure => "presumed failure",
    }
}

/// The state in one line, for people.
pub(super) fn state(payment: &Payment) -> String {
    if payment.is_final() {
        let owed: Vec<_> = payment.owed.iter().map(party).collect();
        let owed = if owed.is_empty() { String::new() } else { format!(", owed to {}", owed.join(" and ")) };
        return format!("{} {} ({}){owed}", payment.status.code(), status(payment.status), code(payment.code));
    }
    let queries = if payment.queries == 0 { String::new() } else { format!(", {} queries", payment.queries) };
    format!("{} {}{queries}", payment.status.code(), phase(payment.phase))
}

pub(super) fn code(bytes: [u8; 8]) -> String {
    ReturnCode::parse(&bytes).map_or_else(|_| "no code".to_owned(), |code| code.to_string())
}

/// Without its leg, party, code or amount: for counting.
pub(super) fn kind_name(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Accepted => "accepted",
        RecordKind::Evidence => "evidence",
        RecordKind::Event(event) => match event {
            Event::LegSucceeded(_) => "leg-succeeded",
            Event::LegRefused(..) => "leg-refused",
            Event::LegDeferred(_) => "leg-deferred",
            Event::LegUnknown(..) => "leg-unknown",
            Event::LegNotSent(_) => "leg-not-sent",
            Event::LegMoved(..) => "leg-moved",
            Event::QuerySucceeded(_) => "query-succeeded",
            Event::QueryRefused(..) => "query-refused",
            Event::QueryNoSuchTransaction(_) => "query-no-such-transaction",
            Event::QueryUnanswered(_) => "query-unanswered",
            Event::Due => "due",
            Event::ReceiptDue => "receipt-due",
            Event::ReceiptDelivered => "receipt-delivered",
            Event::ReceiptLost => "receipt-lost",
            Event::NoticeAcknowledged(_) => "notice-acknowledged",
            Event::Closed => "closed",
            Event::RefundReserved(_) => "refund-reserved",
            Event::RefundReleased(_) => "refund-released",
        },
    }
}

/// Money as on the wire; an amount that no wire could carry, as fen.
pub(super) fn amount(fen: u64) -> String {
    Amount::from_fen(fen).map_or_else(|_| format!("{fen} fen"), |amount| amount.to_string())
}

/// Beijing time with microseconds.
pub(super) fn time(micros: u64) -> String {
    let text = BeijingTime::from_unix_micros(micros).to_text();
    format!("{}.{:06}", String::from_utf8_lossy(&text), micros % 1_000_000)
}
