//! Payments and events for the tests of `domain` and `table`.

use clearway_codec::value::TrxStatus;
use proptest::prelude::*;

use super::{Acceptance, Effects, Event, Leg, Outcome, Party, Payment, UnknownCause, transition};
use crate::domain::business::Business;
use crate::domain::timing::{Schedule, Timing};

/// When sample payments are accepted: 2026-11-20, in microseconds.
pub(crate) const START_US: u64 = 1_795_140_000_000_000;
/// What sample payments are about, fen.
pub(crate) const AMOUNT_FEN: u64 = 128_385;

/// TrxId number `number` of the sample day.
pub(crate) const fn trx_id(number: u64) -> u128 {
    20_261_120 * 10_u128.pow(23) + number as u128
}

/// Short schedules: legs 80 and 50 us, queries after 10 and 30 us, notices after 20, 60 and 200 us.
pub(crate) fn timing() -> Timing {
    let schedule = |offsets: &[u64]| Schedule::new(offsets).expect("rises");
    Timing {
        leg_deadline_us: [80, 50],
        query_schedule: schedule(&[10, 30]),
        notice_schedule: schedule(&[20, 60, 200]),
        receipt_deadline_us: 200,
        rest_until_us: 0,
        batch_from: 0,
    }
}

pub(crate) fn acceptance(number: u64) -> Acceptance {
    Acceptance {
        trx_id: trx_id(number),
        original: 0,
        digest: [7; 16],
        amount_fen: AMOUNT_FEN,
        account: 0,
        unrefundable: false,
        reserves_nothing: false,
        batch: 20_777 * 24 + 10,
        institution: 3,
        banks: [11, 12],
        ways: [0, 0],
        business: Business::AgreementPayment,
    }
}

/// An agreement payment, just accepted.
pub(crate) fn payment(number: u64) -> Payment {
    Payment::accept(&acceptance(number), START_US, &timing()).0
}

/// A refund of payment `original`, just accepted.
pub(crate) fn refund(number: u64, original: u64, amount_fen: u64) -> Payment {
    let acceptance = Acceptance {
        original: trx_id(original),
        amount_fen,
        business: Business::Refund,
        banks: [12, 11],
        ..acceptance(number)
    };
    Payment::accept(&acceptance, START_US, &timing()).0
}

/// The payment after `events`, each of which must change it; `Due` comes exactly when it is due.
pub(crate) fn after(payment: Payment, events: &[Event]) -> Payment {
    events.iter().fold(payment, |payment, event| changed(&payment, *event).0)
}

/// The payment that finished with 00.
pub(crate) fn succeeded(number: u64) -> Payment {
    after(payment(number), &[Event::LegSucceeded(Leg::One), Event::LegSucceeded(Leg::Two)])
}

/// Next after-image and effects of an event that must change the payment.
pub(crate) fn changed(payment: &Payment, event: Event) -> (Payment, Effects) {
    let now_us = if event == Event::Due { payment.due_at_us } else { payment.accepted_at_us + 1 };
    match transition(payment, event, now_us, &timing()) {
        Outcome::Changed { next, effects } => (next, effects),
        Outcome::Unchanged { reason, .. } => panic!("{event:?} leaves {payment:?} unchanged: {reason:?}"),
    }
}

pub(crate) fn any_leg() -> impl Strategy<Value = Leg> {
    prop::sample::select(Leg::ALL.as_slice())
}

pub(crate) fn any_party() -> impl Strategy<Value = Party> {
    prop::sample::select(Party::ALL.as_slice())
}

/// Every event, also those that make no sense.
pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    let code = prop_oneof![Just(*b"PB520011"), Just(*b"RB620005")];
    let cause = prop::sample::select(UnknownCause::ALL.as_slice());
    prop_oneof![
        3 => any_leg().prop_map(Event::LegSucceeded),
        1 => (any_leg(), code.clone()).prop_map(|(leg, code)| Event::LegRefused(leg, code)),
        3 => (any_leg(), cause).prop_map(|(leg, cause)| Event::LegUnknown(leg, cause)),
        1 => any_leg().prop_map(Event::LegNotSent),
        1 => (any_leg(), 0_u8..4).prop_map(|(leg, way)| Event::LegMoved(leg, way)),
        1 => any_leg().prop_map(Event::LegDeferred),
        1 => Just(Event::Closed),
        1 => any_leg().prop_map(Event::QuerySucceeded),
        1 => (any_leg(), code).prop_map(|(leg, code)| Event::QueryRefused(leg, code)),
        2 => any_leg().prop_map(Event::QueryNoSuchTransaction),
        1 => any_leg().prop_map(Event::QueryUnanswered),
        6 => Just(Event::Due),
        1 => Just(Event::ReceiptDue),
        1 => Just(Event::ReceiptDelivered),
        1 => Just(Event::ReceiptLost),
        1 => any_party().prop_map(Event::NoticeAcknowledged),
        1 => (0..=AMOUNT_FEN + 1).prop_map(Event::RefundReserved),
        1 => (0..=AMOUNT_FEN + 1).prop_map(Event::RefundReleased),
    ]
}

/// Any payment that a sequence of events can lead to.
pub(crate) fn any_payment() -> impl Strategy<Value = Payment> {
    let begun = prop_oneof![
        3 => (1_u64..1_000).prop_map(payment),
        1 => (1_001_u64..2_000, 1_u64..1_000, 1..=AMOUNT_FEN)
            .prop_map(|(number, original, amount_fen)| refund(number, original, amount_fen)),
    ];
    (begun, prop::collection::vec((any_event(), 0_u64..100), 0..30), any::<[u64; 2]>()).prop_map(
        |(payment, events, [request_position, receipt_position])| {
            let mut now_us = START_US;
            let reached = events.into_iter().fold(payment, |payment, (event, wait_us)| {
                now_us += wait_us;
                match transition(&payment, event, now_us, &timing()) {
                    Outcome::Changed { next, .. } => next,
                    Outcome::Unchanged { .. } => payment,
                }
            });
            Payment { request_position, receipt_position, ..reached }
        },
    )
}

/// 00 to 04 as the wire writes it.
pub(crate) const fn wire(status: TrxStatus) -> &'static str {
    status.code()
}
