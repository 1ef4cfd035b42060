//! The general ledger: double entry, so what stands on all accounts together is nothing, always.
//!
//! ```text
//!  a batch        clearing accounts, by net position (they add up to nothing)
//!                 reserve accounts of a bank against reserve control: what is still to be booked there
//!  a booking      reserve control against reserve accounts of the bank
//!  an order       a clearing account against settlement: acknowledged, so the central bank has moved the money
//!  interest       interest accounts when made, what the roundings leave to rounding; against settlement when acknowledged
//!  a difference   the account against suspense; suspense against corrections when its case is closed
//! ```
//!
//! Amounts are fen. Above 0 is credit: the switch owes it. The central bank's account is the switch's asset and stands below 0 when
//! money is there.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// An account of the general ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAccount {
    /// What a clearing bank, by participant index, is owed for batches that have not been settled.
    Clearing(u16),
    /// What a reserve bank, by participant index, has still to book on the reserve accounts that it keeps.
    Reserve(u16),
    /// The other side of all reserve accounts.
    ReserveControl,
    /// What a clearing bank is owed of interest that has not been settled.
    Interest(u16),
    /// The account of the switch at the central bank.
    Settlement,
    /// What the roundings of interest leave over.
    Rounding,
    /// Differences whose cases are open.
    Suspense,
    /// Differences whose cases are closed.
    Corrections,
}

/// What moves accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MovementKind {
    /// A batch has been sealed.
    Batch,
    /// A reserve bank was told to book.
    Booking,
    /// The central bank has acknowledged an order.
    Settlement,
    /// Interest was computed.
    Interest,
    /// A difference was found, or its case closed.
    Correction,
}

impl MovementKind {
    /// All, in order.
    pub const ALL: [Self; 5] = [Self::Batch, Self::Booking, Self::Settlement, Self::Interest, Self::Correction];

    /// For people and files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Batch => "batches",
            Self::Booking => "bookings",
            Self::Settlement => "settled",
            Self::Interest => "interest",
            Self::Correction => "corrected",
        }
    }
}

/// Amounts on accounts that add up to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    kind: MovementKind,
    postings: Vec<(LedgerAccount, i128)>,
}

impl Movement {
    /// A movement. What `postings` leave over goes to suspense: the ledger balances whatever anybody computed.
    #[must_use]
    pub fn new(kind: MovementKind, mut postings: Vec<(LedgerAccount, i128)>) -> Self {
        let over = postings.iter().fold(0, |sum, (_, fen)| add(sum, *fen));
        if over != 0 {
            postings.push((LedgerAccount::Suspense, -over));
        }
        Self { kind, postings }
    }

    /// Credits one account with `fen`, and debits another.
    #[must_use]
    pub fn between(kind: MovementKind, credited: LedgerAccount, debited: LedgerAccount, fen: i128) -> Self {
        Self { kind, postings: vec![(credited, fen), (debited, -fen)] }
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> MovementKind {
        self.kind
    }

    /// Accounts and amounts, which add up to nothing.
    #[must_use]
    pub fn postings(&self) -> &[(LedgerAccount, i128)] {
        &self.postings
    }
}

/// Balances. Invariant: they add up to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    balances: BTreeMap<LedgerAccount, i128>,
}

impl Ledger {
    /// A ledger with these balances; none when they do not add up to nothing, or an account is there twice.
    #[must_use]
    pub fn from_balances(all: impl IntoIterator<Item = (LedgerAccount, i128)>) -> Option<Self> {
        let (mut balances, mut sum) = (BTreeMap::new(), 0_i128);
        for (account, fen) in all {
            sum = sum.checked_add(fen)?;
            if balances.insert(account, fen).is_some() {
                return None;
            }
        }
        balances.retain(|_, fen| *fen != 0);
        (sum == 0).then_some(Self { balances })
    }

    /// Adds a movement.
    pub fn post(&mut self, movement: &Movement) {
        for (account, fen) in movement.postings() {
            let balance = self.balances.entry(*account).or_insert(0);
            *balance = add(*balance, *fen);
            if *balance == 0 {
                self.balances.remove(account);
            }
        }
    }

    /// What stands on an account.
    #[must_use]
    pub fn balance(&self, account: LedgerAccount) -> i128 {
        self.balances.get(&account).copied().unwrap_or(0)
    }

    /// All accounts on which anything stands, in order.
    pub fn balances(&self) -> impl Iterator<Item = (LedgerAccount, i128)> {
        self.balances.iter().map(|(account, fen)| (*account, *fen))
    }
}

/// Fewer than 2^64 postings of fewer than 2^64 fen each fit.
pub(super) const fn add(one: i128, other: i128) -> i128 {
    one.checked_add(other).expect("fewer than 2^127 fen")
}

impl fmt::Display for LedgerAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clearing(bank) => write!(f, "clearing:{bank}"),
            Self::Reserve(bank) => write!(f, "reserve:{bank}"),
            Self::Interest(bank) => write!(f, "interest:{bank}"),
            Self::ReserveControl => f.write_str("reserve-control"),
            Self::Settlement => f.write_str("settlement"),
            Self::Rounding => f.write_str("rounding"),
            Self::Suspense => f.write_str("suspense"),
            Self::Corrections => f.write_str("corrections"),
        }
    }
}

/// A text that names no account of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no account of the ledger")]
pub struct NoLedgerAccount;

impl FromStr for LedgerAccount {
    type Err = NoLedgerAccount;

    fn from_str(text: &str) -> Result<Self, NoLedgerAccount> {
        let Some((kind, bank)) = text.split_once(':') else {
            let all = [Self::ReserveControl, Self::Settlement, Self::Rounding, Self::Suspense, Self::Corrections];
            return all.into_iter().find(|account| account.to_string() == text).ok_or(NoLedgerAccount);
        };
        let bank = bank.parse().map_err(|_| NoLedgerAccount)?;
        match kind {
            "clearing" => Ok(Self::Clearing(bank)),
            "reserve" => Ok(Self::Reserve(bank)),
            "interest" => Ok(Self::Interest(bank)),
            _ => Err(NoLedgerAccount),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_posted_adds_up_to_nothing() {
        let mut ledger = Ledger::default();
        let uneven = [(LedgerAccount::Clearing(1), 5), (LedgerAccount::Clearing(2), -3)];
        ledger.post(&Movement::new(MovementKind::Batch, uneven.to_vec()));
        assert_eq!(ledger.balance(LedgerAccount::Suspense), -2);
        let (clearing, settlement) = (LedgerAccount::Clearing(1), LedgerAccount::Settlement);
        ledger.post(&Movement::between(MovementKind::Settlement, settlement, clearing, 5));
        assert_eq!(ledger.balance(clearing), 0);
        assert_eq!(ledger.balances().map(|(_, fen)| fen).sum::<i128>(), 0);
        assert_eq!(Ledger::from_balances(ledger.balances()), Some(ledger));
        assert_eq!(Ledger::from_balances([(clearing, 1)]), None);
        assert_eq!(Ledger::from_balances([(clearing, 1), (clearing, -1)]), None);
    }

    #[test]
    fn accounts_read_back() {
        for name in
            ["clearing:0", "reserve:7", "interest:65534", "reserve-control", "settlement", "rounding", "suspense"]
        {
            let account: LedgerAccount = name.parse().expect("an account");
            assert_eq!(account.to_string(), name);
        }
        for name in ["", "clearing", "clearing:", "clearing:65536", "suspense:1", "bank:1"] {
            assert!(name.parse::<LedgerAccount>().is_err(), "{name:?}");
        }
    }
}
