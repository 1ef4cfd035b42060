//! What the journal tells about itself: for metrics, logs and results.

use std::time::Duration;

use hdrhistogram::Histogram;

use super::queue::Space;

/// A snapshot; taking it costs two short locks.
#[derive(Clone, Debug)]
pub struct Status {
    /// The driver that won at opening: `io_uring+o_direct`, `pwritev2+dsync+o_direct`, `pwrite+fdatasync` ...
    pub driver: &'static str,
    /// Why the journal has stopped, if it has.
    pub poisoned: Option<String>,
    /// Groups made durable since opening, seals included.
    pub groups: u64,
    /// Of them, seals.
    pub seals: u64,
    /// Records made durable since opening.
    pub frames: u64,
    /// Bytes made durable since opening, headers and padding included.
    pub bytes: u64,
    /// Groups that are open, waiting or being written.
    pub lag_groups: u64,
    /// Number of this opening.
    pub term: u64,
    /// Whether there is room for more.
    pub space: Space,
    /// CPU of the threads that write groups and prepare segments, in nanoseconds.
    pub cpu_ns: u64,
    /// Times from handing a group to the driver to knowing it durable, in microseconds; two significant digits.
    pub sync_us: Histogram<u64>,
}

/// Counted by the writer thread.
pub(crate) struct Counters {
    pub(crate) driver: &'static str,
    pub(crate) groups: u64,
    pub(crate) seals: u64,
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    /// CPU of the writer's thread, in nanoseconds.
    pub(crate) cpu_ns: u64,
    pub(crate) sync_us: Histogram<u64>,
}

/// Longest sync that is told apart, in microseconds.
const SYNC_US_MAX: u64 = 60_000_000;

impl Counters {
    pub(crate) fn new() -> Self {
        let sync_us = Histogram::new_with_bounds(1, SYNC_US_MAX, 2).expect("bounds are constants in order");
        Self { driver: "", groups: 0, seals: 0, frames: 0, bytes: 0, cpu_ns: 0, sync_us }
    }

    pub(crate) fn count(&mut self, frames: u32, bytes: usize, took: Duration) {
        self.groups += 1;
        self.seals += u64::from(frames == 0);
        self.frames += u64::from(frames);
        self.bytes += bytes as u64;
        self.sync_us.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }
}
