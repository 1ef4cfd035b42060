//! The account of a payment's time: when the stages of the present burst ended, and what came of messages that were out.
//!
//! A message waits for the whole stage of its burst, so one burst's instants are those of every payment in it. Invariant: an account
//! is closed with the delivery of its receipt, and then explains all of the time until there.

use std::time::Instant;

use super::flight::Flight;
use super::inbox::Ticket;
use super::worker::Worker;
use crate::metrics::Stage;
use crate::net::{Delivery, Sent};

/// Instants in the order of the stages; a stage that had nothing to do ended with the one before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    /// Everything that had come was taken.
    pub(super) taken: Instant,
    pub(super) decoded: Instant,
    pub(super) verified: Instant,
    /// All messages of the present wave were composed.
    pub(super) admitted: Instant,
    /// They were signed.
    pub(super) signed: Instant,
}

impl Marks {
    /// A burst that has just begun.
    pub(super) const fn new(began: Instant) -> Self {
        Self { taken: began, decoded: began, verified: began, admitted: began, signed: began }
    }

    /// Takes a payment that this wave has changed through the stages of its burst.
    pub(super) fn pass(&self, flight: &mut Flight) {
        flight.reach(Stage::Queue, self.taken);
        flight.reach(Stage::Decode, self.decoded);
        flight.reach(Stage::Verify, self.verified);
        flight.reach(Stage::Admit, self.admitted);
        flight.reach(Stage::Sign, self.signed);
    }
}

impl Worker {
    /// Where the time of a payment went while its message was out.
    pub(super) fn hear(&mut self, ticket: Ticket, sent: Sent, came: Instant) {
        if ticket.purpose.is_awaited()
            && let Some(flight) = self.flights.get_mut(&ticket.key)
        {
            flight.hear(sent, came);
        }
    }

    /// Where the time of a payment went, now that its receipt is delivered.
    pub(super) fn account(&mut self, key: u128, delivery: Delivery) {
        let passage = self.flights.get_mut(&key).and_then(|flight| flight.passage.take());
        let Some(mut passage) = passage else { return };
        passage.reach(Stage::Write, delivery.at);
        debug_assert!(passage.explains(delivery.whole), "{passage:?} of {delivery:?}");
        self.metrics.payment_passed(&passage, delivery.whole);
    }
}
