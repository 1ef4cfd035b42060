//! What goes by the clock: sessions and orders, bookings on reserve accounts, accounting days.

use clearway_codec::value::BatchId;

use super::super::hours::Hours;
use super::super::task::Outcome;
use super::Clerk;
use crate::books::BatchEntry;
use crate::books::settlement::{Batches, Terms};
use crate::domain::clearing::BatchName;
use crate::error::Error;

impl Batches for Hours {
    fn first(&self) -> Option<BatchId> {
        Some(Self::first(self).hour())
    }

    fn is_awaited(&self, batch: BatchName) -> bool {
        Self::is_awaited(self, batch)
    }
}

impl Clerk {
    pub(super) fn settle(&self, hours: &Hours, now_us: u64) -> Result<Outcome, Error> {
        let parts = &self.parts;
        let terms = Terms::new(&parts.calendar, &parts.section, parts.switch);
        let did = self.settlement.lock().turn(&parts.desk(), &terms, hours, now_us)?;
        Ok(if did.is_nothing() { Outcome::Nothing } else { Outcome::Done })
    }

    pub(super) fn book_reserves(&self, hours: &Hours, now_us: u64) -> Result<Outcome, Error> {
        let is_over = |batch| self.is_over(hours, batch);
        let did = self.reserve.lock().turn(&self.parts.desk(), now_us, &is_over)?;
        Ok(if did.is_none() { Outcome::Nothing } else { Outcome::Done })
    }

    pub(super) fn end_day(&self, hours: &Hours, now_us: u64) -> Result<Outcome, Error> {
        let (is_over, cut_hour) = (|batch| self.is_over(hours, batch), self.parts.section.accounting_cut_hour);
        let ended = self.day.lock().turn(&self.parts.desk(), now_us, cut_hour, &is_over)?;
        Ok(if ended.is_none() { Outcome::Nothing } else { Outcome::Done })
    }

    /// Whether a batch is sealed, or certainly has nothing in it.
    fn is_over(&self, hours: &Hours, batch: BatchName) -> bool {
        match BatchEntry::find(&self.parts.registers, batch) {
            Ok(Some(kept)) => kept.content.phase.is_sealed(),
            Ok(None) => !hours.is_awaited(batch),
            // Whoever else reads it says so.
            Err(_) => false,
        }
    }
}
