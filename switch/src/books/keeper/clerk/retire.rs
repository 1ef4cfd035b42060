//! Payments of batches that are told leave the memory, and what nobody needs any more of the journal goes.

use std::collections::BTreeSet;

use super::super::task::Outcome;
use super::Clerk;
use crate::books::{BatchEntry, Retirement, Silent, retire_segments};
use crate::domain::clearing::{BatchEvent, BatchName, BatchPhase};
use crate::error::Error;
use crate::journal::Position;

const DAY_US: u64 = 86_400_000_000;

impl Clerk {
    pub(super) fn retire(&self, batch: BatchName, now_us: u64) -> Result<Outcome, Error> {
        let kept = self.entry(batch)?;
        if !batch.is_of_disputes() {
            let over = self.told()?;
            let parts = &self.parts;
            let retirement = Retirement {
                table: &parts.table,
                orders: &parts.orders,
                shelves: &parts.shelves,
                journal: &parts.journal,
                steps: &*parts.steps,
                progress: &Silent,
            };
            let retired = retirement.run(batch, &|batch| over.contains(&batch), now_us)?;
            tracing::info!(%batch, written = retired.written, left = retired.left, stayed = retired.stayed, "retired");
        }
        self.record_event(&kept, BatchEvent::Retired, Vec::new(), now_us, |entry| entry)?;
        self.retire_segments(now_us)?;
        Ok(Outcome::Done)
    }

    /// Segments of the journal whose batches are all retired, and have been over for `books.journal_days`.
    fn retire_segments(&self, now_us: u64) -> Result<(), Error> {
        let days = u64::from(self.parts.section.journal_days);
        if days == 0 {
            return Ok(());
        }
        let over_us = now_us.saturating_sub(days * DAY_US);
        let all = BatchEntry::all(&self.parts.registers)?;
        let is_kept =
            |batch: BatchName, entry: &BatchEntry| entry.phase != BatchPhase::Retired || batch.ends_us() > over_us;
        let kept = all.iter().filter(|(batch, kept)| is_kept(**batch, &kept.content));
        let of_closed = kept.map(|(_, kept)| kept.content.from_position);
        let of_open = self.parts.live.batches().into_iter().map(|view| view.first_position).filter(|first| *first != 0);
        // Without a batch that is kept nothing is known of what may go.
        let Some(keep_from) = of_closed.chain(of_open).min() else { return Ok(()) };
        let gone = retire_segments(&self.parts.journal, &self.parts.table, Position(keep_from))?;
        if gone > 0 {
            tracing::info!(gone, keep_from, "segments of the journal are gone: books.journal_days are over");
        }
        Ok(())
    }

    /// The batches of payments, in their compact form, of which all has been told: stragglers of earlier ones leave with this one.
    fn told(&self) -> Result<BTreeSet<u32>, Error> {
        let all = BatchEntry::all(&self.parts.registers)?;
        let is_told = |phase| matches!(phase, BatchPhase::Stated | BatchPhase::Retired);
        let told = all.iter().filter(|(batch, kept)| !batch.is_of_disputes() && is_told(kept.content.phase));
        Ok(told.map(|(batch, _)| batch.hour().as_u32()).collect())
    }
}
