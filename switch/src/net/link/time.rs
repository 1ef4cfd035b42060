//! The time of the board: unix microseconds that go on steadily from when the node began.

use std::time::Instant;

use crate::clock::Clock;

/// A steady reading of unix time; cheaper than the node's clock, and the same for all links.
#[derive(Clone, Copy, Debug)]
pub struct BoardTime {
    started: Instant,
    started_us: u64,
}

impl BoardTime {
    /// Begins now, at what `clock` says.
    #[must_use]
    pub fn new(clock: &Clock) -> Self {
        Self { started: Instant::now(), started_us: clock.now_micros() }
    }

    /// Now, microseconds.
    #[must_use]
    pub fn now_us(&self) -> u64 {
        self.at_us(Instant::now())
    }

    /// The same for an instant.
    #[must_use]
    pub fn at_us(&self, instant: Instant) -> u64 {
        let past = instant.saturating_duration_since(self.started).as_micros();
        self.started_us.saturating_add(u64::try_from(past).unwrap_or(u64::MAX))
    }
}
