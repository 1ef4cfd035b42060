//! A change on its way into the books.

use parking_lot::MutexGuard;

use super::Live;
use super::delta::Delta;
use super::sheet::Sheet;
use crate::domain::clearing::BatchName;
use crate::domain::transaction::Payment;

/// The batch takes nothing any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("batch {0} is closed")]
pub struct Closed(pub BatchName);

/// A change that the books will take: as long as it lives, no batch is closed. Dropped without [`Entry::book`] it was nothing.
#[derive(Debug)]
#[must_use = "a change is in the books only when it is booked"]
pub struct Entry<'l> {
    /// None for the many changes that do not concern the books.
    pub(super) sheet: Option<MutexGuard<'l, Sheet>>,
    pub(super) delta: Delta,
}

impl Entry<'_> {
    /// Books the change: `placed` is the payment after it, and `position` where the journal keeps its record.
    pub fn book(self, placed: &Payment, position: u64) {
        if let Some(mut sheet) = self.sheet {
            sheet.apply(&self.delta, placed, position);
        }
    }
}

/// Keeps a batch from being finished while something is done in its name. Given back when it is dropped.
#[derive(Debug)]
#[must_use = "the batch may be finished when this is dropped"]
pub struct Held<'l> {
    pub(super) live: &'l Live,
    pub(super) batch: BatchName,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.live.release(self.batch);
    }
}
