//! What the journal keeps: a window, and for each bank what it is to book.

use serde::{Deserialize, Serialize};

use crate::books::{Kept, Space};
use crate::domain::clearing::{BatchName, ReserveSum, ReserveWindow, Sum};
use crate::domain::register::BookEntry;
use crate::error::Error;
use crate::registers::Registers;

const BANK_BITS: u32 = 16;
/// In place of a bank: the window itself. No participant has this number.
const OF_THE_WINDOW: u16 = u16::MAX;

/// How far a sheet, or a window, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SheetState {
    /// A sheet: its bank has not agreed to all its batches. A window: a batch is not sealed.
    Waiting,
    /// A sheet: its instructions are out. A window: its sheets are made.
    Released,
}

/// All that a bank is to book for a window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReserveSheet {
    /// The window.
    pub window: ReserveWindow,
    /// Participant index of the bank.
    pub bank: u16,
    /// Batches of the window in which anything moved on its reserve accounts, in order.
    pub batches: Vec<BatchName>,
    /// Reserve accounts on which anything moved: so many bookings.
    pub accounts: u32,
    /// Payments into the accounts, and fen.
    pub paid_in: [u64; 2],
    /// Payments out of the accounts, and fen.
    pub paid_out: [u64; 2],
    /// How far it is.
    pub state: SheetState,
    /// Whether its deadline passed while it waited.
    pub is_late: bool,
    /// SHA-256, in hex, of the file over its instructions, once they are out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl ReserveSheet {
    /// What moved on all its accounts.
    #[must_use]
    pub fn sum(&self) -> ReserveSum {
        let sum = |[count, amount_fen]: [u64; 2]| Sum { count, amount_fen };
        ReserveSum { paid_in: sum(self.paid_in), paid_out: sum(self.paid_out) }
    }

    /// Its first entry.
    pub(super) fn kept(self, at_us: u64) -> Kept<Self> {
        Kept::new(Space::Reserve, number(self.window, self.bank), at_us, self)
    }
}

/// A window as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowEntry {
    /// Which.
    pub window: ReserveWindow,
    /// Whether its sheets are made.
    pub state: SheetState,
    /// Whether its deadline passed before they were.
    pub is_late: bool,
    /// Bookings: reserve accounts on which anything moved.
    pub bookings: u64,
    /// Payments that moved something on them.
    pub payments: u64,
}

impl WindowEntry {
    /// The entry that the registers hold of `window`.
    pub(super) fn find(registers: &Registers, window: ReserveWindow) -> Result<Option<Kept<Self>>, Error> {
        let entry = registers.book_entry(Space::Reserve.key(number(window, OF_THE_WINDOW)));
        Ok(entry.map(|entry| Kept::read(&entry)).transpose()?)
    }

    /// Its first entry.
    pub(super) fn kept(self, at_us: u64) -> Kept<Self> {
        Kept::new(Space::Reserve, number(self.window, OF_THE_WINDOW), at_us, self)
    }
}

const fn number(window: ReserveWindow, bank: u16) -> u64 {
    window.as_u64() << BANK_BITS | bank as u64
}

const fn is_of_window(entry: &BookEntry) -> bool {
    entry.key as u16 == OF_THE_WINDOW
}

/// All sheets of the windows from `from` on, by window and bank.
///
/// # Errors
/// [`crate::error::Fault::Data`] when an entry was written by a version that this one does not know.
pub fn sheets(registers: &Registers, from: Option<ReserveWindow>) -> Result<Vec<Kept<ReserveSheet>>, Error> {
    let entries = entries(registers, from);
    entries.iter().filter(|entry| !is_of_window(entry)).map(|entry| Ok(Kept::read(entry)?)).collect()
}

/// All windows from `from` on.
///
/// # Errors
/// As [`sheets`].
pub fn windows(registers: &Registers, from: Option<ReserveWindow>) -> Result<Vec<Kept<WindowEntry>>, Error> {
    let entries = entries(registers, from);
    entries.iter().filter(|entry| is_of_window(entry)).map(|entry| Ok(Kept::read(entry)?)).collect()
}

fn entries(registers: &Registers, from: Option<ReserveWindow>) -> Vec<BookEntry> {
    let first = from.map_or(0, |window| number(window, 0));
    registers.book_entries(Space::Reserve.key(first)..=*Space::Reserve.keys().end())
}
