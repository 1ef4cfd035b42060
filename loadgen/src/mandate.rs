//! The terms of a mandate, as the generator asks for them: a function of the transaction that creates it.
//!
//! ```text
//! start (midnight of the day in the id) --- period (1 day) --- period --- ... --- end (365 days later)
//!                                             at most `payments_max` payments of at most `limit_fen` each
//! ```

use crate::random::Draws;
use clearway_codec::{BeijingTime, TrxId};

const DAY_S: u64 = 86_400;
/// How long a mandate holds, in days.
const DAYS: u64 = 365;

/// What a mandate allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MandateTerms {
    /// Most that one payment may take, in fen.
    pub(crate) limit_fen: u64,
    /// Payments allowed within one period.
    pub(crate) payments_max: u32,
    /// First moment, in seconds since 1970-01-01 UTC.
    pub(crate) start_s: u64,
    /// Last moment, the same.
    pub(crate) end_s: u64,
    /// The institution's request waits at the bank until the customer confirms, in place of the bank's page.
    pub(crate) is_offline: bool,
}

impl MandateTerms {
    /// The terms that the generator asks for in this transaction.
    pub(crate) fn of(id: TrxId) -> Self {
        let number = id.as_u128();
        let mut draws = Draws::new(0x4D41_4E44, (number % 10_u128.pow(19)) as u64);
        let start_s = midnight_s(id);
        Self {
            limit_fen: 1_000 + draws.bits() % 100_000,
            payments_max: 1 + (draws.bits() % 8) as u32,
            start_s,
            end_s: start_s + DAYS * DAY_S,
            is_offline: draws.chance(0.5),
        }
    }

    /// Which period a moment lies in; `None` outside of the mandate's time.
    pub(crate) fn period_of(&self, at_s: u64) -> Option<u64> {
        (self.start_s..=self.end_s).contains(&at_s).then(|| (at_s - self.start_s) / DAY_S)
    }
}

/// Midnight in Beijing of the day that an id carries.
fn midnight_s(id: TrxId) -> u64 {
    let mut text = *b"0000-00-00T00:00:00";
    let digits = id.to_text();
    text[..4].copy_from_slice(&digits[..4]);
    text[5..7].copy_from_slice(&digits[4..6]);
    text[8..10].copy_from_slice(&digits[6..8]);
    BeijingTime::parse(&text).map_or(0, BeijingTime::unix_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_belong_to_their_transaction_and_periods_are_days() {
        let id = |text: &[u8]| TrxId::parse(text).unwrap();
        let one = MandateTerms::of(id(b"2026112048291300000000420770101"));
        assert_eq!(one, MandateTerms::of(id(b"2026112048291300000000420770101")));
        assert_ne!(one, MandateTerms::of(id(b"2026112048291300000000430770101")));
        assert_eq!(BeijingTime::from_unix_secs(one.start_s).to_string(), "2026-11-20T00:00:00");
        assert_eq!(one.period_of(one.start_s), Some(0));
        assert_eq!(one.period_of(one.start_s + DAY_S), Some(1));
        assert_eq!([one.period_of(one.start_s - 1), one.period_of(one.end_s + 1)], [None, None]);
    }
}
