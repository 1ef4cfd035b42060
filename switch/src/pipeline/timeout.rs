//! Timers: what is due becomes events like any other.

use super::change::Change;
use super::worker::Worker;
use crate::domain::transaction::Event;

/// Wheel kind of a payment's own next step.
pub(super) const DUE: u8 = 0;
/// Wheel kind of the institution's deadline.
pub(super) const RECEIPT_DUE: u8 = 1;

impl Worker {
    /// Every timer that has run out by `now_us`.
    pub(super) fn take_timers(&mut self, now_us: u64) {
        let mut due = std::mem::take(&mut self.due);
        self.wheel.pop_due(now_us, &mut due);
        for timer in due.drain(..) {
            // A payment that is finished has no flight; its timers were left to run out.
            if self.flights.contains_key(&timer.key) {
                let event = if timer.kind == RECEIPT_DUE { Event::ReceiptDue } else { Event::Due };
                self.changes.push(Change::event(timer.key, event));
            }
        }
        self.due = due;
    }
}
