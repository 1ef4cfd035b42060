//! A batch whose hour is over takes no more payments; once the last is final, its sums stand.

use super::super::task::Outcome;
use super::Clerk;
use crate::books::extract::Records;
use crate::books::{BatchEntry, BookCase, CaseKind, Kept, Space, store_positions};
use crate::domain::clearing::{BatchEvent, BatchName, Positions};
use crate::error::{Error, Fault};
use crate::journal::Position;

impl Clerk {
    pub(super) fn close(&self, batch: BatchName, now_us: u64) -> Result<Outcome, Error> {
        if BatchEntry::find(&self.parts.registers, batch)?.is_some() {
            return Ok(Outcome::Done);
        }
        let open = self.parts.live.close(batch);
        if open > 0 {
            return Ok(Outcome::Waits(format!("{open} payments are not final yet")));
        }
        let positions = self.live_positions(batch);
        if batch.is_of_disputes() && positions.is_empty() {
            // Hours without adjustments are many, and need no entry.
            self.parts.live.forget(batch);
            return Ok(Outcome::Done);
        }
        self.record_closed(batch, &positions, now_us)?;
        Ok(Outcome::Done)
    }

    /// What the memory says that a batch has come to.
    pub(super) fn live_positions(&self, batch: BatchName) -> Positions {
        let Some(disputes) = batch.dispute_batch() else { return self.parts.live.positions(batch) };
        let mut positions = Positions::default();
        self.parts.registers.adjusted(disputes).iter().for_each(|adjusted| positions.book_adjustment(adjusted));
        positions
    }

    fn record_closed(&self, batch: BatchName, positions: &Positions, now_us: u64) -> Result<(), Error> {
        let journal = &self.parts.journal;
        let stopped = |error| Error::new(Fault::Stopped, "the journal has stopped").caused_by(error);
        journal.flush().map_err(stopped)?;
        let until = journal.checkpoint_position();
        let from = self.first_position(batch)?;
        let digest = store_positions(positions, &self.parts.section.dir, batch, &*self.parts.steps)?;
        let participants = &self.parts.participants;
        let closed = BatchEntry::closed(now_us, [from.as_u64(), until.as_u64()], positions, |bank| {
            participants.clearing_bank_of(bank)
        });
        let mut entry = closed.with_digest("positions", digest);
        let mut entries = Vec::new();
        if positions.sum_fen() != 0 {
            entry = entry.after(BatchEvent::Disagreed, now_us).unwrap_or(entry);
            entries.extend(unbalanced(batch, positions).open(now_us, &self.parts.registers)?);
        }
        entries.push(Kept::new(Space::Batch, batch.as_u64(), now_us, entry).entry()?);
        self.parts.desk().record(now_us, entries)
    }
}

impl Clerk {
    /// Where in the journal the batch begins, by the clock, or by what has come into it: a clock that was set back brings payments into
    /// a batch before its hour.
    fn first_position(&self, batch: BatchName) -> Result<Position, Error> {
        let from = Records::of_journal(&self.parts.journal).start_of(batch)?;
        let entered = self.parts.live.view(batch).map_or(0, |view| view.first_position);
        Ok(if entered == 0 { from } else { from.min(Position(entered)) })
    }
}

/// The positions do not add up to nothing: nobody goes on with the batch.
pub(super) fn unbalanced(batch: BatchName, positions: &Positions) -> BookCase {
    let text = "the positions do not add up to nothing, so that the batch is stopped; look at its recomputation, then seal it again";
    BookCase::new(CaseKind::Unbalanced, batch.to_string(), text).of_batch(batch).of_fen(positions.sum_fen())
}
