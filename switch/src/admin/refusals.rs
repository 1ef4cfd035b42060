//! The log of those who were not let in: a line a second at most, because anybody can cause one.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::net::transport::Refusal;

/// Least time from one line to the next.
const LINE_EVERY: Duration = Duration::from_secs(1);

/// When the last line was written, and how many were left out since.
#[derive(Debug, Default)]
pub(super) struct RefusalLog(Mutex<(Option<Instant>, u64)>);

impl RefusalLog {
    /// Somebody was not let in.
    pub(super) fn note(&self, peer: IpAddr, refusal: Refusal) {
        let mut state = self.0.lock();
        let (last, left_out) = &mut *state;
        if last.is_some_and(|last| last.elapsed() < LINE_EVERY) {
            *left_out += 1;
            return;
        }
        tracing::warn!(%peer, why = refusal.name(), %left_out, "not let in by the operator's door");
        (*last, *left_out) = (Some(Instant::now()), 0);
    }
}
