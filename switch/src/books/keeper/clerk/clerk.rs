//! Which task is done how.

use std::collections::BTreeSet;
use std::sync::Arc;

use clearway_codec::value::Date;
use clearway_crypto::EncryptionRing;
use parking_lot::Mutex;

use super::super::hours::Hours;
use super::super::task::{Outcome, Task, Works};
use super::parts::Parts;
use crate::books::day_end::DayWork;
use crate::books::reserve::ReserveWork;
use crate::books::settlement::Settlement;
use crate::books::{BatchEntry, Kept};
use crate::domain::clearing::{BatchEvent, BatchName, BatchPhase};
use crate::domain::register::BookEntry;
use crate::error::{Error, Fault};

/// Does what is due over the parts of a node.
#[derive(Debug)]
pub struct Clerk {
    pub(super) parts: Parts,
    pub(super) settlement: Arc<Mutex<Settlement>>,
    pub(super) reserve: Mutex<ReserveWork>,
    pub(super) day: Mutex<DayWork>,
    /// For which day, and with which certificates, keys were handed out last.
    pub(super) handed: Mutex<Option<(Date, Arc<EncryptionRing>)>>,
}

impl Clerk {
    /// A clerk over these parts, with what the registers say of earlier work.
    ///
    /// # Errors
    /// [`Fault::Data`] when an entry was written by a version that this one does not know.
    pub fn new(parts: Parts) -> Result<Self, Error> {
        let settlement = Arc::new(Mutex::new(Settlement::open(&parts.registers)?));
        let reserve = Mutex::new(ReserveWork::open(&parts.registers)?);
        let day = Mutex::new(DayWork::open(&parts.registers)?);
        Ok(Self { parts, settlement, reserve, day, handed: Mutex::new(None) })
    }

    /// The settlement, for the console.
    #[must_use]
    pub fn settlement(&self) -> Arc<Mutex<Settlement>> {
        Arc::clone(&self.settlement)
    }

    /// A batch that must be closed.
    pub(super) fn entry(&self, batch: BatchName) -> Result<Kept<BatchEntry>, Error> {
        let found = BatchEntry::find(&self.parts.registers, batch)?;
        found.ok_or_else(|| Error::new(Fault::Caller, "the batch is not closed").at(batch.to_string()))
    }

    /// Records that something has happened to a batch, with what else is decided by it.
    pub(super) fn record_event(
        &self,
        kept: &Kept<BatchEntry>,
        event: BatchEvent,
        mut others: Vec<BookEntry>,
        now_us: u64,
        change: impl FnOnce(BatchEntry) -> BatchEntry,
    ) -> Result<(), Error> {
        let after = kept.content.after(event, now_us).ok_or_else(|| {
            let what = format!("{event:?} cannot happen to a batch that is {}", kept.content.phase.word());
            Error::new(Fault::Data, what)
        })?;
        others.push(kept.next(now_us, change(after)).entry()?);
        self.parts.desk().record(now_us, others)
    }
}

impl Works for Clerk {
    fn phases(&self) -> Result<Vec<(BatchName, BatchPhase)>, Error> {
        let all = BatchEntry::all(&self.parts.registers)?;
        Ok(all.into_iter().map(|(batch, kept)| (batch, kept.content.phase)).collect())
    }

    fn phase(&self, batch: BatchName) -> Result<Option<BatchPhase>, Error> {
        Ok(BatchEntry::find(&self.parts.registers, batch)?.map(|kept| kept.content.phase))
    }

    fn batches(&self) -> BTreeSet<BatchName> {
        self.parts.live.batches().into_iter().map(|view| view.batch).collect()
    }

    fn run(&self, task: Task, hours: &Hours, now_us: u64) -> Result<Outcome, Error> {
        match task {
            Task::Close(batch) => self.close(batch, now_us),
            Task::Recompute(batch) => self.recompute(batch, now_us),
            Task::Archive(batch) => self.archive(batch, now_us),
            Task::State(batch) => self.state(batch, now_us),
            Task::Retire(batch) => self.retire(batch, now_us),
            Task::Settle => self.settle(hours, now_us),
            Task::Reserve => self.book_reserves(hours, now_us),
            Task::EndDay => self.end_day(hours, now_us),
            Task::HandOutKeys => self.hand_out_keys(now_us),
        }
    }
}
