//! A batch is computed again, from the journal and by other code: only what both agree on counts.

use super::super::task::Outcome;
use super::Clerk;
use super::close::unbalanced;
use crate::books::extract::Records;
use crate::books::recompute::{Difference, MEMORY_BYTES_MAX, recompute};
use crate::books::{BatchEntry, BatchSums, BookCase, CaseKind, Kept, Silent, load_positions, store_positions};
use crate::domain::clearing::{BatchEvent, BatchName, BatchPhase, Positions};
use crate::error::Error;

/// Differing cells that a case tells; the command `clearway books recompute` shows all.
const DIFFERENCES_MAX: usize = 10;

impl Clerk {
    pub(super) fn recompute(&self, batch: BatchName, now_us: u64) -> Result<Outcome, Error> {
        let kept = self.entry(batch)?;
        let is_again = kept.content.phase == BatchPhase::Stopped;
        let (positions, digest) = self.closed_positions(batch, is_again)?;
        let [from, until] = [kept.content.from_position, kept.content.until_position];
        let records = Records::of_journal(&self.parts.journal).from(from).until(until).stopped_by(&self.parts.stop);
        let recomputed = recompute(&records, batch, MEMORY_BYTES_MAX, &Silent)?;
        self.parts.steps.taken("recomputed");
        if let Some(differences) = recomputed.disagreement(&positions) {
            self.stop_batch(&kept, disagreement(batch, &differences), now_us)?;
        } else if positions.sum_fen() != 0 {
            self.stop_batch(&kept, unbalanced(batch, &positions), now_us)?;
        } else {
            // Both with the clearing banks of this moment: a restart may have brought others since the closing.
            let clears_into = |bank| self.parts.participants.clearing_bank_of(bank);
            let sums = BatchSums::of(&recomputed.positions, recomputed.reserves, clears_into);
            sums.store(&self.parts.section.dir, batch, &*self.parts.steps)?;
            self.record_event(&kept, BatchEvent::Agreed, Vec::new(), now_us, |entry| {
                let entry = entry.with_positions(&positions, clears_into);
                match digest {
                    Some(digest) => entry.with_digest("positions", digest),
                    None => entry,
                }
            })?;
            self.parts.live.forget(batch);
        }
        Ok(Outcome::Done)
    }

    /// As they were when the batch was closed; of one that was stopped, as they are now, with the digest of their new file: a restart
    /// has made them anew.
    fn closed_positions(&self, batch: BatchName, is_again: bool) -> Result<(Positions, Option<String>), Error> {
        let dir = &self.parts.section.dir;
        if !is_again {
            return Ok((load_positions(dir, batch)?, None));
        }
        let positions = self.live_positions(batch);
        let digest = store_positions(&positions, dir, batch, &*self.parts.steps)?;
        Ok((positions, Some(digest)))
    }

    fn stop_batch(&self, kept: &Kept<BatchEntry>, case: BookCase, now_us: u64) -> Result<(), Error> {
        tracing::error!(batch = %case.subject, case = case.kind.word(), "a batch is stopped: a person must look");
        let case = case.open(now_us, &self.parts.registers)?;
        self.record_event(kept, BatchEvent::Disagreed, case.into_iter().collect(), now_us, |entry| entry)
    }
}

fn disagreement(batch: BatchName, differences: &[Difference]) -> BookCase {
    let told = differences.iter().take(DIFFERENCES_MAX).map(ToString::to_string);
    let told: Vec<_> = told.collect();
    let text = format!(
        "the journal says something else than the live sums in {} cells, so that the batch is stopped: {}",
        differences.len(),
        told.join("; ")
    );
    BookCase::new(CaseKind::Recomputation, batch.to_string(), text).of_batch(batch)
}
