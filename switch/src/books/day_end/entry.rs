//! What the journal keeps of a day: how it ended, and the balances of its ledger in parts.
//!
//! ```text
//!  number   days since 1970 | part (8 bits)       part 0: the day; 1 and on: up to 1,000 balances each
//! ```

use std::collections::BTreeMap;

use clearway_codec::value::Date;
use serde::{Deserialize, Serialize};

use crate::books::{Kept, Space};
use crate::domain::clearing::{BatchName, Ledger, LedgerAccount};
use crate::domain::register::BookEntry;
use crate::error::{Error, Fault};
use crate::registers::Registers;

const PART_BITS: u32 = 8;
/// Balances of one entry: some 40 bytes each.
const PART_BALANCES: usize = 1_000;
/// Parts of balances: a participant number has at most three accounts.
const PARTS_MAX: usize = 200;

/// Something in suspense.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspenseItem {
    /// Key of its case.
    pub case: u64,
    /// What suspense took, fen: above 0 it is owed.
    pub fen: i128,
}

/// A day that has ended. Amounts are fen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayEntry {
    /// When it began, unix microseconds.
    pub begins_us: u64,
    /// When it ended: the cut.
    pub ends_us: u64,
    /// Batches that it counts.
    pub batches: u32,
    /// Payments in them, of all final states.
    pub payments: u64,
    /// Sum of the amounts that have moved.
    pub moved_fen: u64,
    /// Batches of this day, or of one before, that were not sealed: counted in the day after they are.
    pub missing: Vec<BatchName>,
    /// Batches of days before that it counts.
    pub late: Vec<BatchName>,
    /// The last day whose interest it counts, as days since 1970.
    pub interest_until: u64,
    /// The last day of which all orders were acknowledged when it ended, as days since 1970.
    pub settled_until: u64,
    /// Bookings on reserve accounts that were released in it.
    pub bookings: u64,
    /// Payments that stand in those bookings.
    pub booked_payments: u64,
    /// Differences that it found.
    pub differences: u32,
    /// All that stands in suspense.
    pub suspense: Vec<SuspenseItem>,
    /// SHA-256, in hex, of the report's JSON.
    pub report: String,
}

impl DayEntry {
    /// What stands in suspense, fen.
    #[must_use]
    pub fn suspense_fen(&self) -> i128 {
        self.suspense.iter().map(|item| item.fen).sum()
    }

    /// The entries of a day and its ledger.
    ///
    /// # Errors
    /// [`Fault::Data`] when there are too many accounts.
    pub(super) fn entries(self, day: Date, at_us: u64, ledger: &Ledger) -> Result<Vec<BookEntry>, Error> {
        let balances: Vec<(String, i128)> =
            ledger.balances().map(|(account, fen)| (account.to_string(), fen)).collect();
        let parts = balances.chunks(PART_BALANCES);
        if parts.len() > PARTS_MAX {
            return Err(Error::new(Fault::Data, "too many accounts for a day").at(day.to_string()));
        }
        let mut entries = Vec::new();
        for (part, balances) in (1..).zip(parts) {
            let balances: BTreeMap<String, i128> = balances.iter().cloned().collect();
            entries.push(Kept::new(Space::Day, number(day, part), at_us, balances).entry()?);
        }
        // The day last, as it says that the balances are there; all are one record anyway.
        entries.push(Kept::new(Space::Day, number(day, 0), at_us, self).entry()?);
        Ok(entries)
    }
}

const fn number(day: Date, part: u64) -> u64 {
    (day.days() as u64) << PART_BITS | part
}

/// The days that have ended, in order, from `from` on.
///
/// # Errors
/// [`Fault::Data`] when an entry was written by a version that this one does not know.
pub fn days(registers: &Registers, from: Option<Date>) -> Result<Vec<(Date, Kept<DayEntry>)>, Error> {
    let first = from.map_or(0, |day| number(day, 0));
    let entries = registers.book_entries(Space::Day.key(first)..=*Space::Day.keys().end());
    let of_day = |entry: &&BookEntry| entry.key & ((1 << PART_BITS) - 1) == 0;
    entries.iter().filter(of_day).map(|entry| Ok((date_of(entry)?, Kept::read(entry)?))).collect()
}

/// The balances at the end of a day; empty before the first.
///
/// # Errors
/// [`Fault::Data`] when they do not add up to nothing, or an entry was written by a version that this one does not know.
pub fn ledger_of(registers: &Registers, day: Date) -> Result<Ledger, Error> {
    let damaged = || Error::new(Fault::Data, "the balances are not a ledger's").at(format!("accounting day {day}"));
    let mut all = Vec::new();
    for entry in registers.book_entries(Space::Day.key(number(day, 1))..=Space::Day.key(number(day, 0) | 0xff)) {
        let balances: BTreeMap<String, i128> = Kept::read(&entry)?.content;
        for (account, fen) in balances {
            all.push((account.parse::<LedgerAccount>().map_err(|_| damaged())?, fen));
        }
    }
    Ledger::from_balances(all).ok_or_else(damaged)
}

fn date_of(entry: &BookEntry) -> Result<Date, Error> {
    let days = i32::try_from(Space::number(entry.key) >> PART_BITS).ok();
    days.and_then(Date::from_days).ok_or_else(|| Error::new(Fault::Data, "an entry of the books names no day"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clearing::{Movement, MovementKind};
    use crate::domain::register::Image;

    #[test]
    fn a_large_ledger_reads_back() {
        let registers = Registers::new(0);
        let day = Date::parse(b"20261120").expect("a day");
        let mut ledger = Ledger::default();
        for bank in 0..2_500 {
            let (one, other) = (LedgerAccount::Clearing(bank), LedgerAccount::Reserve(bank));
            ledger.post(&Movement::between(MovementKind::Batch, one, other, i128::from(u64::MAX)));
        }
        let entry = DayEntry { batches: 48, ..DayEntry::default() };
        let entries = entry.clone().entries(day, 7, &ledger).expect("short");
        assert_eq!(entries.len(), 6);
        entries.into_iter().for_each(|entry| assert!(registers.apply(&Image::Book(entry))));
        assert_eq!(ledger_of(&registers, day).expect("readable"), ledger);
        let all = days(&registers, None).expect("readable");
        assert_eq!(all.iter().map(|(day, kept)| (*day, &kept.content)).collect::<Vec<_>>(), [(day, &entry)]);
        let next = Date::from_days(day.days() + 1);
        assert!(days(&registers, next).expect("readable").is_empty());
    }
}
