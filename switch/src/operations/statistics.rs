//! A tally for every worker, and the minutes made of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::domain::statistics::{LegEnd, LegKind, Sums, Tally};

/// A worker's tally on cache lines of its own; its lock is contended once a minute.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Slot(Mutex<Tally>);

/// The statistics of one node.
#[derive(Debug)]
pub struct Statistics {
    slots: Vec<Arc<Slot>>,
    collected: Mutex<Collected>,
}

#[derive(Debug, Default)]
struct Collected {
    /// By (business, leg), all minutes that were collected.
    totals: BTreeMap<(u8, u8), Sums>,
    last: Arc<Minute>,
}

/// One collected minute.
#[derive(Debug, Default)]
pub struct Minute {
    /// Its end, unix microseconds; 0: none was collected yet.
    pub end_us: u64,
    /// What ended in it.
    pub tally: Tally,
}

/// Where one worker counts.
#[derive(Debug, Clone)]
pub struct WorkerStatistics(Arc<Slot>);

impl WorkerStatistics {
    /// Counts the end of a leg.
    #[inline]
    pub fn note(&self, kind: LegKind, end: LegEnd) {
        self.0.0.lock().note(kind, end);
    }
}

impl Statistics {
    /// Statistics for `workers` workers.
    #[must_use]
    pub fn new(workers: usize) -> Self {
        Self { slots: (0..workers).map(|_| Arc::default()).collect(), collected: Mutex::default() }
    }

    /// The handle of worker `worker`, counted from 0; `None`: there is no such worker.
    #[must_use]
    pub fn worker(&self, worker: usize) -> Option<WorkerStatistics> {
        self.slots.get(worker).map(|slot| WorkerStatistics(Arc::clone(slot)))
    }

    /// Ends the minute at `end_us` and starts the next.
    pub fn collect(&self, end_us: u64) -> Arc<Minute> {
        let mut collected = self.collected.lock();
        let mut tally = Tally::default();
        for slot in &self.slots {
            let taken = std::mem::take(&mut *slot.0.lock());
            tally.merge(&taken);
        }
        for (key, sums) in tally.by_business() {
            collected.totals.entry(key).or_default().merge(&sums);
        }
        collected.last = Arc::new(Minute { end_us, tally });
        Arc::clone(&collected.last)
    }

    /// The last minute that ended.
    #[must_use]
    pub fn last(&self) -> Arc<Minute> {
        Arc::clone(&self.collected.lock().last)
    }

    /// Sums since the start by (business, leg), the running minute included.
    #[must_use]
    pub fn totals(&self) -> BTreeMap<(u8, u8), Sums> {
        // Held over the reading, so that a minute which ends meanwhile is not missed.
        let collected = self.collected.lock();
        let mut totals = collected.totals.clone();
        for slot in &self.slots {
            for (key, sums) in slot.0.lock().by_business() {
                totals.entry(key).or_default().merge(&sums);
            }
        }
        totals
    }
}
