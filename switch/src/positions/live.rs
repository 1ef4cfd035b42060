//! All sheets together: the books of the batches that are not settled yet.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use clearway_codec::value::{BatchId, BeijingTime};
use parking_lot::{Mutex, MutexGuard};

use super::delta::Delta;
use super::entry::{Closed, Entry, Held};
use super::sheet::{Page, Sheet};
use super::view::BatchView;
use crate::domain::clearing::{BatchName, Positions, next_hour};
use crate::domain::transaction::Payment;

/// The live books of a node.
#[derive(Debug)]
pub struct Live {
    /// One for each worker, and one for the start of the node and for the console.
    sheets: Box<[PaddedSheet]>,
    /// Batches whose sums are no longer kept here.
    settled: Mutex<BTreeSet<BatchName>>,
    /// The first batch of payments behind every closed one, in the compact form of `BatchId`.
    takes_from: AtomicU32,
}

/// One lock and what it guards, on cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct PaddedSheet(Mutex<Sheet>);

impl Live {
    /// Empty books for this many workers.
    #[must_use]
    pub fn new(workers: usize) -> Self {
        Self {
            sheets: (0..=workers).map(|_| PaddedSheet::default()).collect(),
            settled: Mutex::default(),
            takes_from: AtomicU32::new(0),
        }
    }

    /// The earliest batch that a payment can still enter, in the compact form of `BatchId`: the one behind the last that has been
    /// closed, and 0 before any. A payment of now gets the batch of its hour, but never an earlier one than this: a clock that was
    /// set back while the node was down must not bring it into books that are closed.
    #[must_use]
    pub fn takes_from(&self) -> u32 {
        self.takes_from.load(Ordering::Acquire)
    }

    /// The batch of a payment that is accepted at `now_us`, in the compact form of `BatchId`.
    #[must_use]
    pub fn batch_at(&self, now_us: u64) -> u32 {
        BatchId::at(BeijingTime::from_unix_micros(now_us)).as_u32().max(self.takes_from())
    }

    /// Takes up the change of a payment by `worker`, from `before` (none: it begins) to `after`. To be called under the lock of the
    /// payment's shard, and booked when the change is recorded.
    ///
    /// # Errors
    /// [`Closed`] when it would bring the payment into a batch that takes nothing any more.
    pub fn enter(&self, worker: usize, before: Option<&Payment>, after: &Payment) -> Result<Entry<'_>, Closed> {
        let delta = Delta::between(before, after);
        if delta.is_none() {
            return Ok(Entry { sheet: None, delta });
        }
        let mut sheet = self.sheet(worker);
        if let Some(new) = delta.new_in() {
            self.check(&mut sheet, new)?;
        }
        Ok(Entry { sheet: Some(sheet), delta })
    }

    /// [`Live::enter`] and [`Entry::book`] in one, for whoever records nothing in between.
    ///
    /// # Errors
    /// As [`Live::enter`].
    pub fn moved(&self, worker: usize, before: Option<&Payment>, after: &Payment, position: u64) -> Result<(), Closed> {
        self.enter(worker, before, after)?.book(after, position);
        Ok(())
    }

    /// Counts a payment that was there when the node started, closed or not. What is settled is passed over.
    pub fn restore(&self, payment: &Payment) {
        let delta = Delta::between(None, payment);
        let Some(batch) = delta.new_in() else { return };
        if !self.settled.lock().contains(&batch) {
            self.lock(self.sheets.len() - 1).apply(&delta, payment, entered_at(payment));
        }
    }

    /// Keeps `batch` from being finished while something is done in its name that no payment stands for.
    ///
    /// # Errors
    /// [`Closed`] when it takes nothing any more.
    pub fn hold(&self, batch: BatchName) -> Result<Held<'_>, Closed> {
        let mut sheet = self.lock(self.sheets.len() - 1);
        self.check(&mut sheet, batch)?;
        sheet.page_mut(batch).open += 1;
        Ok(Held { live: self, batch })
    }

    pub(super) fn release(&self, batch: BatchName) {
        if let Some(page) = self.lock(self.sheets.len() - 1).known_mut(batch) {
            page.open -= 1;
        }
    }

    /// Closes a batch: nothing enters it any more. The number of payments that it still waits for, exactly; ask again until it is 0.
    pub fn close(&self, batch: BatchName) -> u64 {
        let mut sheets = self.lock_all();
        if !batch.is_of_disputes() {
            self.takes_from.fetch_max(behind(batch), Ordering::AcqRel);
        }
        if self.settled.lock().contains(&batch) {
            return 0;
        }
        for sheet in &mut sheets {
            sheet.page_mut(batch).is_closed = true;
        }
        open_of(&sheets, batch)
    }

    /// The number of payments that a batch waits for now.
    #[must_use]
    pub fn open(&self, batch: BatchName) -> u64 {
        open_of(&self.lock_all(), batch)
    }

    /// What a batch comes to so far; nothing for one that is settled.
    #[must_use]
    pub fn positions(&self, batch: BatchName) -> Positions {
        positions_of(&self.lock_all(), batch)
    }

    /// A batch that is not settled, if anything has come into it or it has been closed.
    #[must_use]
    pub fn view(&self, batch: BatchName) -> Option<BatchView> {
        let sheets = self.lock_all();
        let is_known = pages(&sheets, batch).next().is_some();
        is_known.then(|| view_of(&sheets, batch))
    }

    /// Every batch that is not settled, in the order of time.
    #[must_use]
    pub fn batches(&self) -> Vec<BatchView> {
        let sheets = self.lock_all();
        let names: BTreeSet<BatchName> = sheets.iter().flat_map(|sheet| sheet.pages()).map(|page| page.batch).collect();
        names.into_iter().map(|batch| view_of(&sheets, batch)).collect()
    }

    /// A batch is settled: its sums stand elsewhere, and are no longer kept here. It stays closed.
    pub fn forget(&self, batch: BatchName) {
        let mut sheets = self.lock_all();
        if !batch.is_of_disputes() {
            self.takes_from.fetch_max(behind(batch), Ordering::AcqRel);
        }
        self.settled.lock().insert(batch);
        sheets.iter_mut().for_each(|sheet| sheet.remove(batch));
    }

    /// Whether the batch still takes something. A batch that this sheet has not seen yet gets its page.
    fn check(&self, sheet: &mut Sheet, batch: BatchName) -> Result<(), Closed> {
        let is_closed = match sheet.page(batch) {
            Some(page) => page.is_closed,
            // Once for each sheet and hour.
            None if self.settled.lock().contains(&batch) => true,
            None => sheet.page_mut(batch).is_closed,
        };
        if is_closed { Err(Closed(batch)) } else { Ok(()) }
    }

    /// A worker's own sheet.
    fn sheet(&self, worker: usize) -> MutexGuard<'_, Sheet> {
        debug_assert!(worker + 1 < self.sheets.len(), "every worker has a sheet");
        self.lock(worker.min(self.sheets.len() - 1))
    }

    fn lock(&self, sheet: usize) -> MutexGuard<'_, Sheet> {
        self.sheets[sheet].0.lock()
    }

    /// All at once, in their order: what is read is true of one moment.
    fn lock_all(&self) -> Vec<MutexGuard<'_, Sheet>> {
        self.sheets.iter().map(|sheet| sheet.0.lock()).collect()
    }
}

fn pages<'s>(sheets: &'s [MutexGuard<'_, Sheet>], batch: BatchName) -> impl Iterator<Item = &'s Page> {
    sheets.iter().filter_map(move |sheet| sheet.page(batch))
}

fn open_of(sheets: &[MutexGuard<'_, Sheet>], batch: BatchName) -> u64 {
    let open: i64 = pages(sheets, batch).map(|page| page.open).sum();
    u64::try_from(open).expect("nothing leaves a batch that it has not entered")
}

fn positions_of(sheets: &[MutexGuard<'_, Sheet>], batch: BatchName) -> Positions {
    let mut positions = Positions::default();
    pages(sheets, batch).for_each(|page| page.add_to(&mut positions));
    positions
}

fn view_of(sheets: &[MutexGuard<'_, Sheet>], batch: BatchName) -> BatchView {
    let positions = positions_of(sheets, batch);
    let first_position = pages(sheets, batch).map(|page| page.first_position).min();
    BatchView {
        batch,
        is_closed: pages(sheets, batch).any(|page| page.is_closed),
        open: open_of(sheets, batch),
        booked: positions.payments(),
        sum_fen: positions.sum_fen(),
        first_position: first_position.filter(|position| *position != u64::MAX).unwrap_or(0),
    }
}

/// A journal position that is not behind the record by which the payment became final, or will. Usually that of its request; one that
/// has rested came into its batch much later, and by then the journal knew its answer.
fn entered_at(payment: &Payment) -> u64 {
    let accepted_in = BatchId::at(BeijingTime::from_unix_micros(payment.accepted_at_us));
    if accepted_in.as_u32() == payment.batch || payment.receipt_position == 0 {
        payment.request_position
    } else {
        payment.receipt_position
    }
}

/// The batch of the hour after, in the compact form. The last of all has none.
fn behind(batch: BatchName) -> u32 {
    next_hour(batch.hour()).unwrap_or_else(|| batch.hour()).as_u32()
}
