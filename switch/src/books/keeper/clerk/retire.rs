//! Payments of batches that are told leave the memory.

use std::collections::BTreeSet;

use super::super::task::Outcome;
use super::Clerk;
use crate::books::{BatchEntry, Retirement, Silent};
use crate::domain::clearing::{BatchEvent, BatchName, BatchPhase};
use crate::error::Error;

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
        Ok(Outcome::Done)
    }

    /// The batches of payments, in their compact form, of which all has been told: stragglers of earlier ones leave with this one.
    fn told(&self) -> Result<BTreeSet<u32>, Error> {
        let all = BatchEntry::all(&self.parts.registers)?;
        let is_told = |phase| matches!(phase, BatchPhase::Stated | BatchPhase::Retired);
        let told = all.iter().filter(|(batch, kept)| !batch.is_of_disputes() && is_told(kept.content.phase));
        Ok(told.map(|(batch, _)| batch.hour().as_u32()).collect())
    }
}
