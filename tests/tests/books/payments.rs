//! Payments as the switch has them, made by its own table of states.

use clearway::domain::{Acceptance, Business, Event, Leg, Outcome, Payment, Timing, UnknownCause, transition};
use clearway_codec::value::TrxStatus;

/// What asks for a payment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// Tells payments apart.
    pub(crate) number: u64,
    pub(crate) business: Business,
    /// Straight to a merchant's bank: never to be refunded, and on no reserve account.
    pub(crate) is_direct: bool,
    pub(crate) institution: u16,
    /// Of leg 1 and leg 2.
    pub(crate) banks: [u16; 2],
    pub(crate) amount_fen: u64,
    /// In the compact form of a BatchId.
    pub(crate) batch: u32,
    pub(crate) at_us: u64,
}

/// Seven digits that are the same in all TrxIds.
const SHARD: u128 = 770_101;
/// From a refund's number to that of the payment of the old direct channel that it refunds.
const UNKNOWN: u128 = 5_000_000;

impl Asked {
    /// TrxId as a number.
    pub(crate) const fn trx_id(&self) -> u128 {
        20_261_001 * 10_u128.pow(23) + self.number as u128 * 10_000_000 + SHARD
    }

    /// The payment, accepted.
    pub(crate) fn accepted(&self) -> Payment {
        let acceptance = Acceptance {
            trx_id: self.trx_id(),
            original: if self.business == Business::Refund { self.trx_id() + UNKNOWN } else { 0 },
            digest: [1; 16],
            amount_fen: self.amount_fen,
            account: 0,
            unrefundable: self.is_direct,
            reserves_nothing: self.business == Business::Refund,
            batch: self.batch,
            institution: self.institution,
            banks: self.banks,
            ways: [0; 2],
            business: self.business,
        };
        Payment::accept(&acceptance, self.at_us, &Timing::default()).0
    }
}

/// The payment with this final state, reached by what brings it: answers, or silence to the end.
pub(crate) fn finished(payment: &Payment, status: &str, at_us: u64) -> Payment {
    let leg_one = Event::LegSucceeded(Leg::One);
    let life = match status {
        "00" => vec![leg_one, Event::LegSucceeded(Leg::Two)],
        "01" => vec![Event::LegRefused(Leg::One, *b"PB520011")],
        "03" => vec![leg_one, Event::LegUnknown(Leg::Two, UnknownCause::TimedOut)],
        "04" => vec![Event::LegUnknown(Leg::One, UnknownCause::TimedOut)],
        other => panic!("{other} is no final state"),
    };
    let (mut next, mut now_us) = (*payment, at_us);
    let silence = [Event::Due, Event::QueryUnanswered(Leg::One), Event::QueryUnanswered(Leg::Two)];
    for event in life.into_iter().chain(silence.into_iter().cycle().take(100)) {
        if next.is_final() {
            break;
        }
        if event == Event::Due {
            now_us = now_us.max(next.due_at_us);
        }
        if let Outcome::Changed { next: changed, .. } = transition(&next, event, now_us, &Timing::default()) {
            next = changed;
        }
    }
    assert_eq!(next.status, TrxStatus::parse(status.as_bytes()).expect("a status"));
    next
}
