//! A synthetic hour: who pays whom, how much, and how it ends; skewed like life.
//!
//! ```text
//!  seed, number --mix--> Order: institution (the first has 40 %), two banks (the first four have half), business, status, amount
//! ```
//!
//! Invariant: an order is a function of seed and number alone, so it can be made again wherever it is needed.

use clearway::domain::business::KEY_TAG;
use clearway::domain::{Acceptance, Business, Event, Leg, Outcome, Party, Payment, Timing, UnknownCause, transition};
use clearway_codec::{BatchId, BeijingTime};

use crate::error::Error;

/// Institutions, by index from 0; banks follow.
pub(super) const INSTITUTIONS: u16 = 100;
/// Banks.
pub(super) const BANKS: u16 = 40;
/// Of them, the last ones clear through one of the first.
pub(super) const INDIRECT_BANKS: u16 = 6;
/// 2026-11-20T10:00:00 in Beijing, in microseconds since 1970.
pub(super) const HOUR_US: u64 = 1_795_140_000_000_000;
const HOUR_LENGTH_US: u64 = 3_600_000_000;
/// Longest TrxId that the day and the shard digits leave room for.
const NUMBERS_MAX: u64 = 1_000_000_000;
const DAY: u128 = 20_261_120 * 10_u128.pow(23);
const SHARD: u128 = 770_101;

/// The id of a participant of the hour.
pub(super) fn institution_id(index: u16) -> String {
    if index < INSTITUTIONS {
        format!("Z2{index:04}44000010")
    } else {
        format!("C1{:04}44001362", index - INSTITUTIONS)
    }
}

/// One of the hour's payments, before anything has happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    /// What its request brings.
    pub(super) acceptance: Acceptance,
    /// When it is accepted.
    pub(super) accepted_at_us: u64,
    /// What happens to it.
    pub(super) fate: Fate,
    /// For its serials and agreement.
    pub(super) draw: u64,
}

/// How an order ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// 00.
    Success,
    /// 01, by the payer's bank.
    Refused,
    /// 01, by the payee's bank.
    Undone,
    /// 03.
    PresumedSuccess,
    /// 04.
    PresumedFailure,
}

/// The hour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hour {
    payments: u64,
    seed: u64,
}

impl Hour {
    /// An hour of so many payments.
    ///
    /// # Errors
    /// More than TrxIds can tell apart here.
    pub(super) fn new(payments: u64, seed: u64) -> Result<Self, Error> {
        if (1..=NUMBERS_MAX).contains(&payments) {
            Ok(Self { payments, seed })
        } else {
            Err(Error::Unsuited(format!("payments must be 1 to {NUMBERS_MAX}")))
        }
    }

    /// Its payments.
    pub(super) const fn payments(&self) -> u64 {
        self.payments
    }

    /// Its batch.
    pub(super) fn batch() -> BatchId {
        BatchId::at(BeijingTime::from_unix_micros(HOUR_US))
    }

    /// Payment `number`, from 0.
    pub(super) fn order(&self, number: u64) -> Order {
        let draw = mix(self.seed, number);
        let (who, whom) = (mix(draw, 1), mix(draw, 2));
        let business = business_of(mix(draw, 3) % 1_000);
        let institution = skewed(who, u64::from(INSTITUTIONS), 400);
        let (customer, reserve) = (bank(whom), reserve_bank(institution));
        let is_paid_out = matches!(business, Business::Payout | Business::Refund);
        let original = if business == Business::Refund { trx_id(number + NUMBERS_MAX) % KEY_TAG } else { 0 };
        let acceptance = Acceptance {
            trx_id: trx_id(number),
            original,
            digest: (u128::from(draw) << 64 | u128::from(who)).to_le_bytes(),
            amount_fen: amount_fen(mix(draw, 4)),
            account: mix(draw, 5),
            unrefundable: false,
            reserves_nothing: business == Business::Refund,
            batch: Self::batch().as_u32(),
            institution,
            banks: if is_paid_out { [reserve, customer] } else { [customer, reserve] },
            ways: [0; 2],
            business,
        };
        let accepted_at_us =
            HOUR_US + (u128::from(number) * u128::from(HOUR_LENGTH_US) / u128::from(self.payments)) as u64;
        Order { acceptance, accepted_at_us, fate: fate(mix(draw, 6) % 10_000), draw }
    }
}

impl Order {
    /// The payment as its first record has it.
    pub(super) fn begun(&self, timing: &Timing) -> Payment {
        Payment::accept(&self.acceptance, self.accepted_at_us, timing).0
    }

    /// The payment as its last record has it, and what decided it: final, and known to all its parties. What lies between is left out,
    /// and the steps are numbered as if nothing had.
    ///
    /// # Errors
    /// It does not end: the table of states is another one.
    pub(super) fn finished(&self, begun: &Payment, timing: &Timing) -> Result<(Event, Payment), Error> {
        let mut at_us = self.accepted_at_us + 150_000 + self.draw % 400_000;
        let (mut payment, mut decided) = (*begun, Event::Due);
        let patience = std::iter::repeat_n([Event::Due, UNANSWERED[0], UNANSWERED[1]], QUERIES_MAX).flatten();
        for event in self.fate.life().iter().copied().chain(patience) {
            if payment.is_final() {
                break;
            }
            if event == Event::Due {
                at_us = at_us.max(payment.due_at_us);
            }
            if let Outcome::Changed { next, .. } = transition(&payment, event, at_us, timing) {
                (payment, decided) = (next, event);
            }
        }
        if !payment.is_final() {
            return Err(Error::Failed { what: "finish a payment", why: format!("{:?} does not end", self.fate) });
        }
        for event in LAST_NEWS {
            if let Outcome::Changed { next, .. } = transition(&payment, event, at_us, timing) {
                payment = next;
            }
        }
        (payment.step, payment.due_at_us) = (begun.step + 1, 0);
        Ok((decided, payment))
    }
}

/// More than any schedule of queries has.
const QUERIES_MAX: usize = 32;
/// What a query brings when nobody answers.
const UNANSWERED: [Event; 2] = [Event::QueryUnanswered(Leg::One), Event::QueryUnanswered(Leg::Two)];

/// What everybody has been told in the end.
const LAST_NEWS: [Event; 4] = [
    Event::ReceiptDelivered,
    Event::NoticeAcknowledged(Party::Institution),
    Event::NoticeAcknowledged(Party::Bank1),
    Event::NoticeAcknowledged(Party::Bank2),
];

impl Fate {
    /// TrxStatus.
    pub(super) const fn status(self) -> &'static str {
        match self {
            Self::Success => "00",
            Self::Refused | Self::Undone => "01",
            Self::PresumedSuccess => "03",
            Self::PresumedFailure => "04",
        }
    }

    /// What happens, up to where only time decides.
    const fn life(self) -> &'static [Event] {
        const LEG_ONE: Event = Event::LegSucceeded(Leg::One);
        const NO_MONEY: Event = Event::LegRefused(Leg::One, *b"PB520011");
        const FROZEN: Event = Event::LegRefused(Leg::Two, *b"RB620006");
        match self {
            Self::Success => &[LEG_ONE, Event::LegSucceeded(Leg::Two)],
            Self::Refused => &[NO_MONEY],
            Self::Undone => &[LEG_ONE, FROZEN],
            Self::PresumedSuccess => &[LEG_ONE, Event::LegUnknown(Leg::Two, UnknownCause::TimedOut)],
            Self::PresumedFailure => &[Event::LegUnknown(Leg::One, UnknownCause::TimedOut)],
        }
    }
}

/// Of ten thousand: how payments end.
const fn fate(draw: u64) -> Fate {
    match draw {
        0..=9 => Fate::PresumedSuccess,
        10..=24 => Fate::PresumedFailure,
        25..=44 => Fate::Undone,
        45..=320 => Fate::Refused,
        _ => Fate::Success,
    }
}

/// Of a thousand: which business.
const fn business_of(draw: u64) -> Business {
    match draw {
        0..=19 => Business::Refund,
        20..=109 => Business::Payout,
        110..=159 => Business::EntrustedPayment,
        160..=259 => Business::CertifiedPayment,
        _ => Business::AgreementPayment,
    }
}

/// Most are small, some are large: 0.01 to 50,000 yuan.
const fn amount_fen(draw: u64) -> u64 {
    let most = match draw % 100 {
        0..=49 => 5_000,
        50..=84 => 50_000,
        85..=97 => 500_000,
        _ => 5_000_000,
    };
    1 + (draw >> 8) % most
}

/// A customer's bank: the first four have half of all.
const fn bank(draw: u64) -> u16 {
    let draw_high = draw >> 16;
    let nth = if draw.is_multiple_of(2) { draw_high % 4 } else { draw_high % BANKS as u64 };
    INSTITUTIONS + nth as u16
}

/// Where an institution keeps its reserve: one of the first twelve banks, by its number.
const fn reserve_bank(institution: u16) -> u16 {
    INSTITUTIONS + institution % 12
}

/// Below `count`; 0 with a chance of `first_permille` in a thousand, the smaller of two draws otherwise, so small numbers are likelier.
const fn skewed(draw: u64, count: u64, first_permille: u64) -> u16 {
    if draw % 1_000 < first_permille {
        return 0;
    }
    let (one, other) = ((draw >> 10) % (count - 1), (draw >> 34) % (count - 1));
    1 + if one < other { one } else { other } as u16
}

const fn trx_id(number: u64) -> u128 {
    DAY + number as u128 * 10_000_000 + SHARD
}

/// A number that shows nothing of the two it is made of (splitmix64).
const fn mix(seed: u64, number: u64) -> u64 {
    let mut mixed = seed.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearway_codec::{TrxId, TrxStatus};

    #[test]
    fn the_hour_is_skewed_like_life_and_every_payment_ends() {
        let hour = Hour::new(20_000, 1).unwrap();
        let timing = Timing::default();
        let (mut largest, mut statuses) = (0, [0_u64; 5]);
        for number in 0..hour.payments() {
            let order = hour.order(number);
            assert!(TrxId::from_u128(order.acceptance.trx_id).is_some());
            assert_eq!(BatchId::at(BeijingTime::from_unix_micros(order.accepted_at_us)), Hour::batch());
            largest += u64::from(order.acceptance.institution == 0);
            let begun = order.begun(&timing);
            let (_, done) = order.finished(&begun, &timing).unwrap();
            assert!(done.is_final() && done.owed.is_empty() && done.step == 2, "{done:?}");
            statuses[done.status as usize] += 1;
        }
        assert!((7_600..8_400).contains(&largest), "{largest}");
        let [success, failure, open, presumed_success, presumed_failure] = statuses;
        assert_eq!((open, TrxStatus::ALL.len()), (0, 5));
        assert!(success > 19_000 && failure > 300 && presumed_success > 0 && presumed_failure > 0, "{statuses:?}");
        assert_eq!(hour.order(77).acceptance, Hour::new(20_000, 1).unwrap().order(77).acceptance);
        assert_ne!(hour.order(77).acceptance, Hour::new(20_000, 2).unwrap().order(77).acceptance);
    }
}
