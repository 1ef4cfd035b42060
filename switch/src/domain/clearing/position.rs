//! What a batch comes to: counts and sums by participant, side, business and status.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use clearway_codec::value::TrxStatus;

use super::Adjusted;
use crate::domain::business::{Business, rules};
use crate::domain::transaction::{Payment, status_code};

/// What a participant was in a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Side {
    /// It asked for it.
    Initiator = 0,
    /// Leg 1 went to it: it takes the money from the payer's account, and owes it.
    Debit = 1,
    /// Leg 2 went to it: it gives the money to the payee's account, and is owed it.
    Credit = 2,
}

impl Side {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::Initiator, Self::Debit, Self::Credit];
}

/// One cell of the books of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellKey {
    /// Participant index.
    pub participant: u16,
    /// What it was.
    pub side: Side,
    /// Number of the business, as in a record.
    pub business: u8,
    /// Number of the status: 0 is 00.
    pub status: u8,
}

impl Hash for CellKey {
    /// One word for all four: cells are looked up for every payment.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let side = u64::from(self.side as u8);
        let word = u64::from(self.participant) << 24 | side << 16 | u64::from(self.business) << 8;
        state.write_u64(word | u64::from(self.status));
    }
}

/// How many, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Payments.
    pub count: u64,
    /// Fen.
    pub amount_fen: u64,
}

impl Sum {
    /// The sum with `other` added.
    ///
    /// # Panics
    /// Beyond 2^64 fen, which is more money than there is: a bug.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        let count = self.count.checked_add(other.count).expect("fewer than 2^64 payments");
        Self { count, amount_fen: add_fen(self.amount_fen, other.amount_fen) }
    }
}

/// Adds money.
///
/// # Panics
/// Beyond 2^64 fen: a bug.
#[must_use]
pub const fn add_fen(one: u64, other: u64) -> u64 {
    one.checked_add(other).expect("fewer than 2^64 fen")
}

/// The sums of one batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    cells: BTreeMap<CellKey, Sum>,
}

impl Positions {
    /// Adds `sum` to a cell.
    pub fn add(&mut self, key: CellKey, sum: Sum) {
        let cell = self.cells.entry(key).or_default();
        *cell = cell.plus(sum);
    }

    /// Adds all of another's.
    pub fn absorb(&mut self, other: &Self) {
        other.cells().for_each(|(key, sum)| self.add(key, sum));
    }

    /// Adds a payment to the cells of its three parties. Passed over unless it is final and of a business that moves money.
    pub fn book(&mut self, payment: &Payment) {
        for key in cells_of(payment).into_iter().flatten() {
            self.add(key, Sum { count: 1, amount_fen: payment.amount_fen });
        }
    }

    /// Adds an adjustment that was made, as a success of its own business.
    pub fn book_adjustment(&mut self, adjusted: &Adjusted) {
        let [debited, credited] = adjusted.banks;
        let sides = [(adjusted.institution, Side::Initiator), (debited, Side::Debit), (credited, Side::Credit)];
        for (participant, side) in sides {
            let business = Business::DisputeAdjustment.code();
            let key = CellKey { participant, side, business, status: status_code(TrxStatus::Success) };
            self.add(key, Sum { count: 1, amount_fen: adjusted.amount_fen });
        }
    }

    /// All cells, in their order.
    pub fn cells(&self) -> impl Iterator<Item = (CellKey, Sum)> {
        self.cells.iter().map(|(key, sum)| (*key, *sum))
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Payments in it, of all statuses: each has one initiator.
    #[must_use]
    pub fn payments(&self) -> u64 {
        self.cells().filter(|(key, _)| key.side == Side::Initiator).fold(0, |all, (_, sum)| all + sum.count)
    }

    /// What each bank is owed (above 0) or owes, in fen, by the bank into which `clears_into` says that it clears; those at zero too.
    pub fn net_fen(&self, clears_into: impl Fn(u16) -> u16) -> BTreeMap<u16, i128> {
        let mut net = BTreeMap::new();
        for (key, sum) in self.cells().filter(|(key, _)| key.moves_money()) {
            let signed = match key.side {
                Side::Initiator => continue,
                Side::Debit => -i128::from(sum.amount_fen),
                Side::Credit => i128::from(sum.amount_fen),
            };
            *net.entry(clears_into(key.participant)).or_insert(0) += signed;
        }
        net
    }

    /// The sum of all positions: 0, or the books are wrong.
    #[must_use]
    pub fn sum_fen(&self) -> i128 {
        self.net_fen(|bank| bank).values().sum()
    }
}

/// The cells that a payment is counted in; none unless it is final and of a business that moves money.
#[must_use]
pub fn cells_of(payment: &Payment) -> [Option<CellKey>; 3] {
    let row = rules(payment.business);
    if !payment.is_final() || !row.moves_money {
        return [None; 3];
    }
    let cell = |participant, side| {
        Some(CellKey { participant, side, business: payment.business.code(), status: status_code(payment.status) })
    };
    [
        cell(payment.institution, Side::Initiator),
        cell(payment.banks[0], Side::Debit),
        cell(payment.banks[1], Side::Credit),
    ]
}

impl CellKey {
    /// Its business, if the number is one.
    #[must_use]
    pub fn business(self) -> Option<Business> {
        Business::from_code(self.business)
    }

    /// Whether its amounts have moved: 00 and 03 have.
    #[must_use]
    pub const fn moves_money(self) -> bool {
        matches!(self.status, 0 | 3)
    }
}
