//! The wall clock for what is written on the wire, the monotone clock for what is measured, and CPU time for what it
//! cost.
//!
//! Invariant: no duration is ever computed from the wall clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Microseconds since 1970-01-01 UTC; 0 when the clock stands before that.
pub(crate) fn unix_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// The zero of a run's time scale.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    at: Instant,
    unix_millis: u64,
}

impl Origin {
    pub(crate) fn now() -> Self {
        Self { at: Instant::now(), unix_millis: unix_micros() / 1_000 }
    }

    /// Nanoseconds since the origin.
    pub(crate) fn nanos(self) -> u64 {
        u64::try_from(self.at.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// When that was, in milliseconds since 1970-01-01 UTC: for what is written down, never for a duration.
    pub(crate) const fn unix_millis(self) -> u64 {
        self.unix_millis
    }
}

/// User and system time that this process has used so far.
///
/// A program that holds only the generator reads its own cost from it; one that also holds the node must not.
pub fn process_cpu() -> Duration {
    cpu(rustix::time::ClockId::ProcessCPUTime)
}

/// User and system time that the calling thread has used so far.
pub(crate) fn thread_cpu() -> Duration {
    cpu(rustix::time::ClockId::ThreadCPUTime)
}

fn cpu(clock: rustix::time::ClockId) -> Duration {
    let read = rustix::time::clock_gettime(clock);
    let seconds = u64::try_from(read.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(read.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}
