//! Payments of batches that are over leave the memory, onto a shelf.
//!
//! ```text
//!  memory --keys, sorted--> file --journal flushed, synced, named--> catalogue, filter --read back--> out of the memory
//! ```
//!
//! Invariant: a payment leaves only as it stands in a file that is named and was read back. It stays when it has changed since, or
//! there is something left to do for it, and goes with a later run. Stopped anywhere and run again, it does what is left to do.

use std::path::Path;

use clearway_codec::value::BeijingTime;

use super::{Draft, Progress, Steps};
use crate::domain::Payment;
use crate::domain::clearing::BatchName;
use crate::error::{Error, Fault};
use crate::journal::Journal;
use crate::shelf::{Shelves, Writer};
use crate::table::{Cursor, Orders, Table};

/// What retirement works on.
#[derive(Clone, Copy)]
pub struct Retirement<'a> {
    /// The memory.
    pub table: &'a Table,
    /// Orders by number, in memory as long as their payments are.
    pub orders: &'a Orders,
    /// Where payments go.
    pub shelves: &'a Shelves,
    /// What it is flushed for: no shelf knows a step that a crash could take back.
    pub journal: &'a Journal,
    /// Told of each step.
    pub steps: &'a dyn Steps,
    /// Told how far it is, in payments written and payments out of the memory.
    pub progress: &'a dyn Progress,
}

/// What a run has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retired {
    /// Payments put on the new shelf; without any there is none.
    pub written: u64,
    /// Payments that have left the memory.
    pub left: u64,
    /// Of those that were to leave, the ones that have stayed: they changed meanwhile.
    pub stayed: u64,
    /// Length of the new shelf's file.
    pub bytes: u64,
}

impl std::fmt::Debug for Retirement<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Retirement").field("shelves", &self.shelves).finish_non_exhaustive()
    }
}

impl Retirement<'_> {
    /// Retires the payments of `batch`, and with them the stragglers of all other batches for which `is_over` holds (batches in their
    /// compact form; it must hold for `batch` itself). Needs 16 bytes of memory for each of them, and
    /// twice that while they are found.
    ///
    /// # Errors
    /// The disk's; a shelf that is damaged. What has left by then is on a shelf.
    pub fn run(&self, batch: BatchName, is_over: &dyn Fn(u32) -> bool, now_us: u64) -> Result<Retired, Error> {
        let recalled = self.shelves.recalled(now_us);
        let may_leave = |payment: &Payment| {
            !payment.is_unfinished() && is_over(payment.batch) && !recalled.contains(&payment.trx_id)
        };
        // What is on a shelf as it is here needs no second place.
        let shed = self.shelves.shed(self.table, &may_leave, &mut |payment| self.orders.forget(payment))?;
        let mut done = Retired { left: shed as u64, ..Retired::default() };
        let keys = self.find(&may_leave);
        self.steps.taken("payments found");
        let (run, path) = self.shelves.next(batch);
        if !keys.is_empty() && self.write(run, batch, &path, &keys, &may_leave, &mut done)? {
            self.leave(&path, &may_leave, now_us, &mut done)?;
        }
        self.steps.taken("payments gone");
        Ok(done)
    }

    /// Takes what is on the new shelf out of the memory.
    fn leave(
        &self,
        path: &Path,
        may_leave: &dyn Fn(&Payment) -> bool,
        now_us: u64,
        done: &mut Retired,
    ) -> Result<(), Error> {
        let shelf = self.shelves.place(path, BeijingTime::from_unix_micros(now_us))?;
        self.steps.taken("shelf placed");
        done.bytes = std::fs::metadata(path).map_err(|error| Error::file("read the shelf", path, error))?.len();
        shelf.walk(0, &mut |images| {
            let left = self.table.retire(images, may_leave, &mut |payment| self.orders.forget(payment)) as u64;
            done.left += left;
            done.stayed += images.len() as u64 - left;
            self.progress.at(done.written + done.left, 2 * done.written);
            Ok(true)
        })
    }

    fn find(&self, may_leave: &dyn Fn(&Payment) -> bool) -> Vec<u128> {
        let (mut keys, mut cursor) = (Vec::new(), Some(Cursor::default()));
        while let Some(at) = cursor {
            cursor = self.table.collect(at, may_leave, &mut keys);
        }
        keys.sort_unstable();
        keys
    }

    /// Whether an older shelf has the payment: then that one is counted from.
    fn came_back(&self, payment: &Payment) -> Result<bool, Error> {
        // Few are of a batch that a shelf has.
        Ok(self.shelves.holds_batch(payment.batch) && self.shelves.find(payment.trx_id)?.is_some())
    }

    /// Writes what no shelf has; false when there is nothing.
    fn write(
        &self,
        run: u64,
        batch: BatchName,
        path: &Path,
        keys: &[u128],
        may_leave: &dyn Fn(&Payment) -> bool,
        done: &mut Retired,
    ) -> Result<bool, Error> {
        let failed = |error| Error::file("write the shelf", path, error);
        let mut writer = Writer::new(std::io::BufWriter::with_capacity(1 << 20, Draft::create(path)?), run, batch);
        for key in keys {
            if let Some(payment) = self.table.get(*key).filter(may_leave) {
                writer.add(&payment, self.came_back(&payment)?).map_err(failed)?;
                if writer.payments().is_multiple_of(1 << 16) {
                    self.progress.at(writer.payments(), 2 * keys.len() as u64);
                }
            }
        }
        done.written = writer.payments();
        if done.written == 0 {
            return Ok(false);
        }
        let (out, _) = writer.finish().map_err(failed)?;
        let draft = out.into_inner().map_err(|error| failed(error.into_error()))?;
        let flushed = self.journal.flush();
        flushed.map_err(|error| Error::new(Fault::Stopped, "the journal takes no record any more").caused_by(error))?;
        draft.finish(self.steps)?;
        Ok(true)
    }
}

#[cfg(test)]
#[path = "retirement_tests.rs"]
mod tests;
