//! The books of a batch once more: from the journal alone, by another path than the live sums.
//!
//! ```text
//!  record --Reading--> finals of the batch --by hash of the key--> 256 shares: keys once each, cells --> positions, reserves
//! ```
//!
//! It shares with the live sums the bytes of the journal and nothing else: it reads the fields of after-images, and of cases, at their
//! places in the layout itself, and has its own word on which businesses move money, which states count, and which bank keeps the
//! reserve account. Invariant: each payment counts once, and one whose final state changes is damage, not a sum.
//!
//! Memory: 40 bytes at most for each payment of the batch, up to a bound. What is beyond it is put off, share by share, to another walk
//! over the journal, so a batch of any size is recomputed within the bound.

mod cases;
mod closing;
mod ledger;
mod reading;
#[cfg(test)]
mod tests;
mod verdict;

use super::extract::{Records, Walk};
use super::{BatchEntry, Progress};
use crate::domain::clearing::{BatchName, Positions, Reserves};
use crate::error::{Error, Fault};
use ledger::Ledger;

pub use verdict::Difference;

/// Memory that a recomputation may take unless it is told otherwise, in bytes: a batch of 26 million payments in one walk.
pub const MEMORY_BYTES_MAX: usize = 1 << 30;

/// What the journal says of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recomputed {
    /// The sums.
    pub positions: Positions,
    /// What moved on each reserve account.
    pub reserves: Reserves,
    /// Payments, or adjustments, that are final.
    pub payments: u64,
    /// Records read, in all walks.
    pub records: u64,
    /// Walks over the journal: more than one when the batch did not fit into the memory.
    pub walks: u32,
    /// What was recorded when the batch was closed, if the stretch reaches so far. A walk ends there: all payments are final before.
    pub closed: Option<BatchEntry>,
}

/// Recomputes a batch within so many bytes of memory.
///
/// # Errors
/// The journal cannot be read or does not reach back to the batch; a record that cannot be; a payment whose final state changes.
pub fn recompute(
    records: &Records,
    batch: BatchName,
    memory_bytes_max: usize,
    progress: &dyn Progress,
) -> Result<Recomputed, Error> {
    if batch.is_of_disputes() {
        return cases::recompute(records, batch, progress);
    }
    let mut sums = Recomputed::default();
    let mut ledger = Ledger::new(memory_bytes_max);
    while ledger.has_shares() {
        sums.walks += 1;
        records.walk(batch, progress, &mut |position, record| {
            sums.records += 1;
            if let Some(entry) = closing::entry_of(record, batch).map_err(|wrong| damage(position, wrong))? {
                sums.closed = Some(entry);
                return Ok(Walk::End);
            }
            for payment in reading::finals(record, batch.hour()).map_err(|wrong| damage(position, wrong))? {
                ledger.take(payment).map_err(|wrong| damage(position, wrong))?;
            }
            Ok(Walk::On)
        })?;
        ledger.finish_walk(&mut sums).map_err(|wrong| damage(0, wrong))?;
    }
    Ok(sums)
}

fn damage(position: u64, wrong: String) -> Error {
    let error = Error::new(Fault::Data, wrong);
    if position == 0 { error.at("journal") } else { error.at(format!("journal position {position}")) }
}
