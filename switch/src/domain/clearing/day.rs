//! The accounting day, and its end.
//!
//! ```text
//!  yesterday's balances + today's movements --+--> balances = open items?     no: the account is set right against suspense
//!                                             |                                   (a difference, which becomes a case)
//!  sub-ledger (sums of the lines) of each batch = its positions?              no: likewise
//! ```
//!
//! Invariants: a day ends, whatever the numbers say; its ledger balances; what it adds to suspense is exactly the differences that it
//! found, with the sign turned.

use std::collections::{BTreeMap, BTreeSet};

use clearway_codec::value::{BeijingTime, Date};

use super::BatchName;
use super::hour::{HOUR_US, batches_of, day_after, day_before, hour_of, hour_us};
use super::ledger::{Ledger, LedgerAccount, Movement, MovementKind, add};

/// An accounting day: from the hour of its cut on the natural day before to that of its own (S: it is not the natural day). Days follow
/// each other without a gap, also when the cut changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountingDay {
    /// Its date: that of the natural day on which it ends.
    pub day: Date,
    /// When it begins, unix microseconds: a full hour.
    pub begins_us: u64,
    /// When it ends, unix microseconds: a full hour.
    pub ends_us: u64,
}

impl AccountingDay {
    /// The accounting day of a batch, by its hour, when the cut has always been at `cut_hour`, 0 to 23.
    #[must_use]
    pub fn of(batch: BatchName, cut_hour: u32) -> Self {
        let day = if hour_of(batch) < cut_hour { batch.date() } else { day_after(batch.date()) };
        Self { day, begins_us: hour_us(day_before(day), cut_hour), ends_us: hour_us(day, cut_hour) }
    }

    /// The one before, when the cut has always been at `cut_hour`.
    #[must_use]
    pub fn before(self, cut_hour: u32) -> Self {
        let day = day_before(self.day);
        Self { day, begins_us: hour_us(day_before(day), cut_hour), ends_us: self.begins_us }
    }

    /// The one after the day that ended on `day` at `ends_us`.
    #[must_use]
    pub fn after(day: Date, ends_us: u64, cut_hour: u32) -> Self {
        let day = day_after(day);
        Self { day, begins_us: ends_us, ends_us: hour_us(day, cut_hour) }
    }

    /// Whether a batch is of this day or of one before, by its hour.
    #[must_use]
    pub const fn reaches(self, batch: BatchName) -> bool {
        hour_us(batch.date(), hour_of(batch)) < self.ends_us
    }

    /// All its batches, of payments and of adjustments, in the order of time.
    #[must_use]
    pub fn batches(self) -> Vec<BatchName> {
        let hours = (self.begins_us..self.ends_us).step_by(HOUR_US as usize).map(BeijingTime::from_unix_micros);
        hours.flat_map(|hour| batches_of(hour.date(), hour.hour())).collect()
    }
}

/// What the lines of a batch say of an account, and what its positions said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchCheck {
    /// Which batch.
    pub batch: BatchName,
    /// Which account.
    pub account: LedgerAccount,
    /// By the sub-ledger: the sums of its lines.
    pub lines_fen: i128,
    /// By the movement that was posted.
    pub posted_fen: i128,
}

/// All that a day's end works from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayFacts {
    /// What moved.
    pub movements: Vec<Movement>,
    /// Sub-ledger against general ledger, batch by batch.
    pub checks: Vec<BatchCheck>,
    /// What should stand on the accounts of banks at its end, counted item by item: batches that are not settled, reserve accounts that
    /// are not booked, interest that is not settled. An account of a bank that is not here should stand at nothing.
    pub open_items: BTreeMap<LedgerAccount, i128>,
}

/// Something that does not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The batch whose lines and positions differ; none: a balance differs from its open items.
    pub batch: Option<BatchName>,
    /// Which account.
    pub account: LedgerAccount,
    /// What it should be, fen.
    pub expected_fen: i128,
    /// What it was.
    pub found_fen: i128,
}

impl Difference {
    /// By how much the account was set right; suspense took the opposite.
    #[must_use]
    pub const fn fen(&self) -> i128 {
        add(self.expected_fen, -self.found_fen)
    }
}

/// How an account went through the day, fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turnover {
    /// Yesterday's balance.
    pub before_fen: i128,
    /// Movements, in the order of [`MovementKind::ALL`].
    pub moved_fen: [i128; MovementKind::ALL.len()],
    /// Today's balance.
    pub after_fen: i128,
}

/// A day that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayEnd {
    /// Today's balances.
    pub ledger: Ledger,
    /// Every account that stood, or moved.
    pub turnovers: BTreeMap<LedgerAccount, Turnover>,
    /// What did not agree, batches first.
    pub differences: Vec<Difference>,
}

/// Ends a day. There is no way in which it cannot.
#[must_use]
pub fn end_day(yesterday: &Ledger, facts: &DayFacts) -> DayEnd {
    let mut ended = DayEnd { ledger: yesterday.clone(), turnovers: BTreeMap::new(), differences: Vec::new() };
    facts.movements.iter().for_each(|movement| ended.post(movement));
    for check in &facts.checks {
        let BatchCheck { batch, account, lines_fen: expected_fen, posted_fen: found_fen } = *check;
        ended.compare(Difference { batch: Some(batch), account, expected_fen, found_fen });
    }
    let standing = ended.ledger.balances().map(|(account, _)| account).filter(|account| has_open_items(*account));
    let checked: BTreeSet<LedgerAccount> = standing.chain(facts.open_items.keys().copied()).collect();
    for account in checked {
        let expected_fen = facts.open_items.get(&account).copied().unwrap_or(0);
        let found_fen = ended.ledger.balance(account);
        ended.compare(Difference { batch: None, account, expected_fen, found_fen });
    }
    ended.complete(yesterday)
}

/// Whether a balance can be counted item by item.
const fn has_open_items(account: LedgerAccount) -> bool {
    matches!(account, LedgerAccount::Clearing(_) | LedgerAccount::Reserve(_) | LedgerAccount::Interest(_))
}

impl DayEnd {
    /// What stands in suspense.
    #[must_use]
    pub fn suspense_fen(&self) -> i128 {
        self.ledger.balance(LedgerAccount::Suspense)
    }

    fn post(&mut self, movement: &Movement) {
        self.ledger.post(movement);
        let kind = movement.kind() as usize;
        for (account, fen) in movement.postings() {
            let moved = &mut self.turnovers.entry(*account).or_default().moved_fen[kind];
            *moved = add(*moved, *fen);
        }
    }

    /// Sets the account right against suspense, if there is a difference.
    fn compare(&mut self, difference: Difference) {
        if difference.fen() == 0 {
            return;
        }
        let (account, suspense) = (difference.account, LedgerAccount::Suspense);
        self.post(&Movement::between(MovementKind::Correction, account, suspense, difference.fen()));
        self.differences.push(difference);
    }

    fn complete(mut self, yesterday: &Ledger) -> Self {
        for (account, fen) in yesterday.balances() {
            self.turnovers.entry(account).or_default().before_fen = fen;
        }
        for (account, turnover) in &mut self.turnovers {
            turnover.after_fen = self.ledger.balance(*account);
        }
        self
    }
}
