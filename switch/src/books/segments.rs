//! Journal segments that nothing needs any more.
//!
//! Invariant: what stays is enough to restart from either checkpoint, to go on with every payment in memory, and to make every file that is
//! not made yet. What goes is evidence: requests, answers and receipts of batches that are archived; after-images stand on shelves.

use crate::error::{Error, Fault};
use crate::journal::{Journal, Position, checkpoint};
use crate::table::Table;

/// Removes the segments of `journal` that lie wholly before `keep_from`: the first position of the oldest batch
/// that is not retired yet, or whose days in the journal (`books.journal_days`) are not over. What a checkpoint or a payment in memory
/// needs stays in any case. Returns how many went; done again it does nothing.
///
/// # Errors
/// The disk's.
pub fn retire_segments(journal: &Journal, table: &Table, keep_from: Position) -> Result<usize, Error> {
    let failed = |error: crate::journal::Error| {
        Error::new(Fault::Environment, "segments of the journal cannot be removed")
            .at(journal.dir().display().to_string())
            .caused_by(error)
    };
    // Without a checkpoint a restart begins at the beginning.
    let Some(checkpoint) = checkpoint::oldest_kept(journal.dir()).map_err(failed)? else { return Ok(0) };
    let before = keep_from.min(checkpoint).min(needed_from(table));
    journal.retire(before).map_err(failed)
}

/// The first position that a payment in memory needs: its request to go on, its receipt to repeat it.
fn needed_from(table: &Table) -> Position {
    let mut from = u64::MAX;
    table.for_each(|payment| {
        let positions = [payment.request_position, payment.receipt_position];
        from = positions.into_iter().filter(|position| *position != 0).fold(from, u64::min);
    });
    Position(from)
}

#[cfg(test)]
#[path = "segments_tests.rs"]
mod tests;
