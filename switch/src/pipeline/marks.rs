//! When the stages of the present burst ended.
//!
//! A message waits for the whole stage of its burst, so these instants are those of every payment in it.

use std::time::Instant;

use super::flight::Flight;
use crate::metrics::Stage;

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
