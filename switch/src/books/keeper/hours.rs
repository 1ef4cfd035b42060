//! Which hours are over and have not been closed yet.

use std::collections::BTreeSet;

use crate::domain::clearing::BatchName;

/// Hours longer ago that nobody has heard of are passed over: 62 days (ours). The longest stretch without a session is eleven.
const GAP_US_MAX: u64 = 62 * 86_400_000_000;

/// The hours since the books began.
#[derive(Debug)]
pub struct Hours {
    /// The first hour of all.
    first: BatchName,
    /// Over, and not closed: both batches of an hour.
    due: BTreeSet<BatchName>,
    /// The first hour that was not over when it was last looked at.
    running: BatchName,
}

impl Hours {
    /// The hours of books in which `closed` are closed and `live` have payments; without either they begin now.
    pub(super) fn new(closed: &BTreeSet<BatchName>, live: &BTreeSet<BatchName>, now_us: u64) -> Self {
        let now = BatchName::at(now_us);
        let first = closed.iter().chain(live).map(|batch| BatchName::payments(batch.hour())).min();
        let first = first.map_or(now, |first| first.min(now));
        let oldest = BatchName::at(now_us.saturating_sub(GAP_US_MAX));
        let mut hours = Self { first, due: BTreeSet::new(), running: first.max(oldest) };
        hours.pass(now_us);
        hours.due.extend(live.iter().filter(|batch| BatchName::payments(batch.hour()) < hours.running));
        hours.due.retain(|batch| !closed.contains(batch));
        hours
    }

    /// Adds what is over by now.
    pub(super) fn pass(&mut self, now_us: u64) {
        let now = BatchName::at(now_us);
        while self.running < now {
            self.due.extend([self.running, self.running.of_disputes()]);
            let next = self.running.next_hour();
            if next == self.running {
                return;
            }
            self.running = next;
        }
    }

    /// What is over and not closed, in the order of time.
    pub(super) fn due(&self) -> impl Iterator<Item = BatchName> {
        self.due.iter().copied()
    }

    /// The first hour of the books.
    #[must_use]
    pub const fn first(&self) -> BatchName {
        self.first
    }

    /// Whether a batch is still to be closed. One that is not, and that nobody knows, has nothing in it.
    #[must_use]
    pub fn is_awaited(&self, batch: BatchName) -> bool {
        self.due.contains(&batch) || BatchName::payments(batch.hour()) >= self.running
    }

    /// The books of this batch are begun, or there is nothing in it.
    pub(super) fn close(&mut self, batch: BatchName) {
        self.due.remove(&batch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_US: u64 = 3_600_000_000;

    fn batch(name: &str) -> BatchName {
        name.parse().expect("a batch")
    }

    #[test]
    fn every_hour_since_the_books_began_is_due_once() {
        let now_us = batch("B202611200009").ends_us();
        let mut fresh = Hours::new(&BTreeSet::new(), &BTreeSet::new(), now_us);
        assert_eq!(fresh.due().count(), 0, "books begin with the running hour");
        fresh.pass(now_us + HOUR_US);
        assert_eq!(fresh.due().map(|due| due.to_string()).collect::<Vec<_>>(), ["B202611200010", "D202611200010"]);
        fresh.close(batch("B202611200010"));
        fresh.pass(now_us + HOUR_US);
        assert_eq!(fresh.due().map(|due| due.to_string()).collect::<Vec<_>>(), ["D202611200010"]);

        let closed = ["B202611200003", "D202611200003", "B202611200006"].map(batch).into();
        let live = ["B202611200004"].map(batch).into();
        let back = Hours::new(&closed, &live, now_us);
        let due: Vec<_> = back.due().filter(|due| !due.is_of_disputes()).map(|due| due.to_string()).collect();
        let expected = ["B202611200004", "B202611200005", "B202611200007", "B202611200008", "B202611200009"];
        assert_eq!(due, expected, "nothing is left out after a stop");
        assert_eq!(back.due().filter(|due| due.is_of_disputes()).count(), 6);
    }
}
