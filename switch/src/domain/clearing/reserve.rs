//! Reserve accounts (备付金): what a batch moved on each, and the windows in which they are booked in total.
//!
//! ```text
//!  20:00 -> 09:00 of day D   booked before 12:00 of D        (S)
//!  09:00 -> 20:00 of day D   booked before 24:00 of D        (S)
//! ```

use std::collections::BTreeMap;
use std::fmt;

use clearway_codec::value::{Date, TrxStatus};
use serde::{Deserialize, Serialize};

use super::hour::{batches_of, day_after, day_before, hour_of, hour_us};
use super::{Adjusted, BatchName, Side, Sum};
use crate::domain::business::{Business, rules};
use crate::domain::statement::Line;
use crate::domain::transaction::{Leg, Payment};

/// The hour at which the night window begins, and the day window ends.
const EVENING: u32 = 20;
/// The hour at which the day window begins, and the night window ends.
const MORNING: u32 = 9;

/// The account of an institution at a reserve bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReserveAccount {
    /// Participant index of the institution whose it is.
    pub institution: u16,
    /// Participant index of the bank that keeps it.
    pub bank: u16,
}

/// What moved on an account: only what counts, 00 and 03.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReserveSum {
    /// Paid into it.
    pub paid_in: Sum,
    /// Paid out of it.
    pub paid_out: Sum,
}

impl ReserveSum {
    /// The sum with `other` added.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { paid_in: self.paid_in.plus(other.paid_in), paid_out: self.paid_out.plus(other.paid_out) }
    }

    /// What the account grows by, fen.
    #[must_use]
    pub const fn net_fen(&self) -> i128 {
        self.paid_in.amount_fen as i128 - self.paid_out.amount_fen as i128
    }

    /// Payments on it.
    ///
    /// # Panics
    /// Beyond 2^64: a bug.
    #[must_use]
    pub const fn payments(&self) -> u64 {
        self.paid_in.count.checked_add(self.paid_out.count).expect("fewer than 2^64 payments")
    }
}

/// The sums of all reserve accounts in one batch, or in several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reserves {
    accounts: BTreeMap<ReserveAccount, ReserveSum>,
}

impl Reserves {
    /// Adds to an account.
    pub fn add(&mut self, account: ReserveAccount, sum: ReserveSum) {
        let known = self.accounts.entry(account).or_default();
        *known = known.plus(sum);
    }

    /// Adds a payment. Passed over unless it has moved money on a reserve account.
    pub fn book(&mut self, payment: &Payment) {
        if payment.is_final() && payment.has_reserve() {
            self.book_parts(payment.business, payment.status, payment.institution, payment.banks, payment.amount_fen);
        }
    }

    /// Adds a line of a batch of payments. Passed over unless it has moved money on a reserve account.
    pub fn book_line(&mut self, line: &Line<'_>) {
        if line.has_reserve {
            self.book_parts(line.business, line.status, line.institution, line.banks, line.amount_fen);
        }
    }

    /// Adds an adjustment. Passed over unless the disputed payment has a leg on a reserve account, which then moves with its bank.
    pub fn book_adjustment(&mut self, adjusted: &Adjusted) {
        let sum = Sum { count: 1, amount_fen: adjusted.amount_fen };
        let (bank, sum) = match adjusted.reserve {
            Some(Side::Debit) => (adjusted.banks[0], ReserveSum { paid_out: sum, ..ReserveSum::default() }),
            Some(Side::Credit) => (adjusted.banks[1], ReserveSum { paid_in: sum, ..ReserveSum::default() }),
            Some(Side::Initiator) | None => return,
        };
        self.add(ReserveAccount { institution: adjusted.institution, bank }, sum);
    }

    /// All accounts on which anything moved, in their order.
    pub fn accounts(&self) -> impl Iterator<Item = (ReserveAccount, ReserveSum)> {
        self.accounts.iter().map(|(account, sum)| (*account, *sum))
    }

    /// What moved on one account.
    #[must_use]
    pub fn of(&self, account: ReserveAccount) -> ReserveSum {
        self.accounts.get(&account).copied().unwrap_or_default()
    }

    /// Whether nothing moved.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    fn book_parts(
        &mut self,
        business: Business,
        status: TrxStatus,
        institution: u16,
        banks: [u16; 2],
        amount_fen: u64,
    ) {
        if !matches!(status, TrxStatus::Success | TrxStatus::PresumedSuccess) {
            return;
        }
        let sum = Sum { count: 1, amount_fen };
        // The reserve account is on the side on which the customer is not.
        let (bank, sum) = match rules(business).customer_leg {
            Some(Leg::Two) => (banks[0], ReserveSum { paid_out: sum, ..ReserveSum::default() }),
            Some(Leg::One) | None => (banks[1], ReserveSum { paid_in: sum, ..ReserveSum::default() }),
        };
        self.add(ReserveAccount { institution, bank }, sum);
    }
}

/// A stretch of batches that is booked on the reserve accounts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u64", try_from = "u64")]
pub struct ReserveWindow {
    day: Date,
    is_by_day: bool,
}

impl ReserveWindow {
    /// The window of a batch, by the hour of its payments.
    #[must_use]
    pub fn of(batch: BatchName) -> Self {
        let day = batch.date();
        match hour_of(batch) {
            ..MORNING => Self { day, is_by_day: false },
            MORNING..EVENING => Self { day, is_by_day: true },
            _ => Self { day: day_after(day), is_by_day: false },
        }
    }

    /// The day by which people call it: the one on which it ends and is booked.
    #[must_use]
    pub const fn day(self) -> Date {
        self.day
    }

    /// Its name in files: 1 for 20:00 to 09:00, 2 for 09:00 to 20:00.
    #[must_use]
    pub const fn sequence(self) -> u32 {
        if self.is_by_day { 2 } else { 1 }
    }

    /// A number for it, below 2^23.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        (self.day.days() as u64) << 1 | self.is_by_day as u64
    }

    /// The window with this number.
    #[must_use]
    pub fn from_u64(number: u64) -> Option<Self> {
        let day = Date::from_days(i32::try_from(number >> 1).ok()?)?;
        Some(Self { day, is_by_day: number & 1 == 1 })
    }

    /// The window after it.
    #[must_use]
    pub fn next(self) -> Self {
        if self.is_by_day {
            Self { day: day_after(self.day), is_by_day: false }
        } else {
            Self { is_by_day: true, ..self }
        }
    }

    /// The window before it.
    #[must_use]
    pub fn before(self) -> Self {
        if self.is_by_day {
            Self { is_by_day: false, ..self }
        } else {
            Self { day: day_before(self.day), is_by_day: true }
        }
    }

    /// All its batches, of payments and of adjustments, in the order of time.
    pub fn batches(self) -> Vec<BatchName> {
        let hours: Vec<(Date, u32)> = if self.is_by_day {
            (MORNING..EVENING).map(|hour| (self.day, hour)).collect()
        } else {
            let evening = (EVENING..24).map(|hour| (day_before(self.day), hour));
            evening.chain((0..MORNING).map(|hour| (self.day, hour))).collect()
        };
        hours.into_iter().flat_map(|(day, hour)| batches_of(day, hour)).collect()
    }

    /// When its first hour begins, unix microseconds.
    #[must_use]
    pub fn begins_us(self) -> u64 {
        if self.is_by_day { hour_us(self.day, MORNING) } else { hour_us(day_before(self.day), EVENING) }
    }

    /// When its last hour is over, unix microseconds.
    #[must_use]
    pub const fn ends_us(self) -> u64 {
        hour_us(self.day, if self.is_by_day { EVENING } else { MORNING })
    }

    /// When it must be booked, unix microseconds.
    #[must_use]
    pub const fn deadline_us(self) -> u64 {
        hour_us(self.day, if self.is_by_day { 24 } else { 12 })
    }
}

impl fmt::Display for ReserveWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reserve window {} {}", self.day, self.sequence())
    }
}

impl From<ReserveWindow> for u64 {
    fn from(window: ReserveWindow) -> Self {
        window.as_u64()
    }
}

impl TryFrom<u64> for ReserveWindow {
    type Error = &'static str;

    fn try_from(number: u64) -> Result<Self, &'static str> {
        Self::from_u64(number).ok_or("no window has this number")
    }
}

#[cfg(test)]
mod tests {
    use clearway_codec::value::BeijingTime;

    use super::*;

    fn window(batch: &str) -> ReserveWindow {
        ReserveWindow::of(batch.parse().expect("a batch"))
    }

    #[test]
    fn windows_follow_each_other_and_hold_every_batch_once() {
        let mut at = window("B202610010021");
        for _ in 0..20 {
            let batches = at.batches();
            assert_eq!(batches.len(), if at.sequence() == 1 { 26 } else { 22 });
            assert!(batches.is_sorted());
            assert!(batches.iter().all(|batch| ReserveWindow::of(*batch) == at), "{at:?}");
            assert_eq!(ReserveWindow::from_u64(at.as_u64()), Some(at));
            assert!(at.next() > at && at.next().as_u64() > at.as_u64() && at.ends_us() < at.deadline_us());
            assert_eq!((at.next().begins_us(), at.next().before()), (at.ends_us(), at));
            at = at.next();
        }
    }

    #[test]
    fn windows_by_hand() {
        let time = |us| BeijingTime::from_unix_micros(us).to_string();
        let night = window("B202611190024");
        assert_eq!((night.day().to_number(), night.sequence()), (20_261_120, 1));
        assert_eq!(time(night.ends_us()), "2026-11-20T09:00:00");
        assert_eq!(time(night.deadline_us()), "2026-11-20T12:00:00");
        assert_eq!(window("D202611200009"), night);
        let day = window("B202611200010");
        assert_eq!((day.sequence(), time(day.ends_us())), (2, "2026-11-20T20:00:00".to_owned()));
        assert_eq!(time(day.deadline_us()), "2026-11-21T00:00:00");
        assert_eq!(window("B202611200020"), day);
    }
}
