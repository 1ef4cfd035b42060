//! The batches, newest last.

use serde::Serialize;

use super::super::{BatchEntry, Kept};
use crate::domain::clearing::{BatchName, BatchPhase};
use crate::error::Error;
use crate::registers::Registers;

/// Most batches that are listed of those with which nothing is left to do.
const DONE_MAX: usize = 48;

/// One batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchLine {
    /// Its name.
    pub batch: String,
    /// `open`, `closing`, or the word of its phase.
    pub phase: &'static str,
    /// Since when, unix microseconds.
    pub since_us: Option<u64>,
    /// Final payments in it.
    pub payments: u64,
    /// Fen that have moved.
    pub moved_fen: u64,
    /// Clearing banks that owe or are owed something.
    pub banks: usize,
}

/// All batches with which something is left to do, and the newest of the others.
///
/// # Errors
/// An entry that cannot be read.
pub fn batch_lines(registers: &Registers) -> Result<Vec<BatchLine>, Error> {
    let all = BatchEntry::all(registers)?;
    let done = all.values().filter(|kept| is_done(kept)).count();
    let mut passed_over = done.saturating_sub(DONE_MAX);
    let wanted = all.iter().filter(|(_, kept)| {
        let pass = is_done(kept) && passed_over > 0;
        passed_over -= usize::from(pass);
        !pass
    });
    Ok(wanted.map(|(batch, kept)| line(*batch, kept)).collect())
}

fn is_done(kept: &Kept<BatchEntry>) -> bool {
    kept.content.phase == BatchPhase::Retired
}

fn line(batch: BatchName, kept: &Kept<BatchEntry>) -> BatchLine {
    let entry = &kept.content;
    BatchLine {
        batch: batch.to_string(),
        phase: entry.phase.word(),
        since_us: entry.reached_us.get(&entry.phase).copied(),
        payments: entry.payments,
        moved_fen: entry.moved_fen,
        banks: entry.nets_fen.len(),
    }
}
