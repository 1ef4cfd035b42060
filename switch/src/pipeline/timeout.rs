//! Timers: what is due becomes events like any other.

use super::change::Change;
use super::facts::order_terms;
use super::worker::Worker;
use crate::domain::business::rules;
use crate::domain::patience::rest_until_us;
use crate::domain::transaction::{Event, Leg, Payment};
use crate::metrics::Stage;

/// Wheel kind of a payment's own next step.
pub(super) const DUE: u8 = 0;
/// Wheel kind of the institution's deadline.
pub(super) const RECEIPT_DUE: u8 = 1;

impl Worker {
    /// Until when a payment may rest with a person; 0 when its business never rests.
    pub(super) fn rest_until_us(&self, payment: &Payment) -> u64 {
        let Some(rest) = rules(payment.business).leg(Leg::One).and_then(|leg| leg.rest) else { return 0 };
        let terms = self.flights.get(&payment.trx_id).map(|flight| order_terms(&flight.message())).unwrap_or_default();
        rest_until_us(rest.patience, payment.accepted_at_us, terms, &self.shared.calendar)
    }

    /// Every timer that has run out by `now_us`.
    pub(super) fn take_timers(&mut self, now_us: u64) {
        let mut due = std::mem::take(&mut self.due);
        self.wheel.pop_due(now_us, &mut due);
        for timer in due.drain(..) {
            if let Some(flight) = self.flights.get_mut(&timer.key) {
                // Whatever it has been doing, what has run out is the patience with a bank.
                flight.reach(Stage::BankWait, self.began.1);
            }
            // A payment that is finished has no flight; its timers were left to run out.
            if self.flights.contains_key(&timer.key) || self.is_parked(timer.key, now_us) {
                let event = if timer.kind == RECEIPT_DUE { Event::ReceiptDue } else { Event::Due };
                self.changes.push(Change::event(timer.key, event));
            }
        }
        self.due = due;
    }

    /// Whether a payment rests with a person and its time has come. Another worker may have had the news meanwhile, and be busy
    /// with it: then this one looks again when it is due anew, and forgets it when it is done.
    fn is_parked(&mut self, key: u128, now_us: u64) -> bool {
        if !self.parked.contains(&key) {
            return false;
        }
        let Some(payment) = self.shared.table.get(key).filter(Payment::is_unfinished) else {
            self.parked.remove(&key);
            return false;
        };
        if payment.due_at_us > now_us {
            self.wheel.insert(payment.due_at_us, key, DUE);
        }
        payment.due_at_us <= now_us
    }
}
