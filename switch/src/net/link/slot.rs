//! What one worker counts of one link. Only that worker writes here, so nothing is locked and no line is shared.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::domain::link::Observation;

/// Kinds of trouble that are counted by name.
pub const ERROR_KINDS: usize = 9;

/// Upper bounds of the buckets of a latency, in microseconds: 250 us, and each twice the one before, up to 8 s.
pub const BUCKETS_US: [u64; 16] = {
    let mut bounds = [250; 16];
    let mut at = 1;
    while at < bounds.len() {
        bounds[at] = bounds[at - 1] * 2;
        at += 1;
    }
    bounds
};

/// What can go wrong on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum ErrorKind {
    /// A connection was refused, or the address does not resolve.
    Refused,
    /// No connection in time.
    ConnectTimedOut,
    /// TLS did not come about.
    Handshake,
    /// A connection broke with a request on it.
    Broken,
    /// A request had no answer for as long as a connection waits.
    TimedOut,
    /// An answer with another status than 200, or one that is too large.
    HttpError,
    /// An answer whose signature does not verify.
    BadSignature,
    /// Connections or requests in flight are used up.
    Full,
    /// Its deadline came before it could leave.
    Late,
}

impl ErrorKind {
    /// All, in the order of their numbers.
    pub const ALL: [Self; ERROR_KINDS] = [
        Self::Refused,
        Self::ConnectTimedOut,
        Self::Handshake,
        Self::Broken,
        Self::TimedOut,
        Self::HttpError,
        Self::BadSignature,
        Self::Full,
        Self::Late,
    ];

    /// Its name in metrics and on pages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::ConnectTimedOut => "connect_timed_out",
            Self::Handshake => "handshake",
            Self::Broken => "broken",
            Self::TimedOut => "timed_out",
            Self::HttpError => "http_error",
            Self::BadSignature => "bad_signature",
            Self::Full => "full",
            Self::Late => "late",
        }
    }

    /// What the machine of the link makes of it; nothing where the link is not at fault.
    #[must_use]
    pub const fn observation(self) -> Option<Observation> {
        Some(match self {
            Self::Refused => Observation::Refused,
            Self::ConnectTimedOut => Observation::ConnectTimedOut,
            Self::Handshake => Observation::Handshake,
            Self::Broken => Observation::Broken,
            Self::TimedOut => Observation::TimedOut,
            Self::HttpError => Observation::HttpError,
            Self::BadSignature => Observation::BadSignature,
            Self::Full | Self::Late => return None,
        })
    }
}

/// A latency in buckets.
#[derive(Debug, Default)]
pub(in crate::net) struct Buckets {
    counts: [AtomicU64; BUCKETS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Buckets {
    pub(in crate::net) fn record(&self, took_us: u64) {
        let at = BUCKETS_US.iter().position(|bound| took_us <= *bound).unwrap_or(BUCKETS_US.len());
        if let Some(count) = self.counts.get(at) {
            add(count, 1);
        }
        add(&self.sum_us, took_us);
    }
}

/// A latency of all workers, read at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatencyReading {
    /// Measurements in each bucket of [`BUCKETS_US`], the last one without a bound.
    pub counts: [u64; BUCKETS_US.len() + 1],
    /// All of them added up, microseconds.
    pub sum_us: u64,
}

impl LatencyReading {
    pub(in crate::net) fn add(&mut self, buckets: &Buckets) {
        for (total, count) in self.counts.iter_mut().zip(&buckets.counts) {
            *total += count.load(Ordering::Relaxed);
        }
        self.sum_us = self.sum_us.saturating_add(buckets.sum_us.load(Ordering::Relaxed));
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Their mean, microseconds; 0 when there is none.
    #[must_use]
    pub fn mean_us(&self) -> u64 {
        self.sum_us.checked_div(self.count()).unwrap_or(0)
    }
}

/// One worker's counts of one link.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(in crate::net) struct Slot {
    /// Messages on this link, from the search for a connection to the end of their answer.
    in_flight: AtomicU32,
    /// Connections, busy and idle.
    connections: AtomicU32,
    /// Since when there has always been one in flight, microseconds.
    busy_since_us: AtomicU64,
    /// When anything last came, microseconds.
    heard_us: AtomicU64,
    pub(in crate::net) connect: Buckets,
    pub(in crate::net) answer: Buckets,
    errors: [AtomicU64; ERROR_KINDS],
}

impl Slot {
    /// A message begins. The clock is read only when it is the only one.
    pub(in crate::net) fn begin(&self, now_us: impl FnOnce() -> u64) {
        let in_flight = self.in_flight.load(Ordering::Relaxed);
        if in_flight == 0 {
            self.busy_since_us.store(now_us(), Ordering::Relaxed);
        }
        self.in_flight.store(in_flight.saturating_add(1), Ordering::Relaxed);
    }

    /// A message ended, however.
    pub(in crate::net) fn end(&self) {
        self.in_flight.store(self.in_flight().saturating_sub(1), Ordering::Relaxed);
    }

    pub(in crate::net) fn hear(&self, now_us: u64) {
        self.heard_us.store(now_us, Ordering::Relaxed);
    }

    pub(in crate::net) fn count_error(&self, kind: ErrorKind) {
        if let Some(count) = self.errors.get(kind as usize) {
            add(count, 1);
        }
    }

    pub(in crate::net) fn set_connections(&self, open: usize) {
        self.connections.store(u32::try_from(open).unwrap_or(u32::MAX), Ordering::Relaxed);
    }

    pub(in crate::net) fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(in crate::net) fn connections(&self) -> u32 {
        self.connections.load(Ordering::Relaxed)
    }

    /// Since when there has always been one in flight; none when there is none.
    pub(in crate::net) fn busy_since_us(&self) -> Option<u64> {
        (self.in_flight() > 0).then(|| self.busy_since_us.load(Ordering::Relaxed))
    }

    pub(in crate::net) fn heard_us(&self) -> u64 {
        self.heard_us.load(Ordering::Relaxed)
    }

    pub(in crate::net) fn errors(&self) -> [u64; ERROR_KINDS] {
        std::array::from_fn(|kind| self.errors.get(kind).map_or(0, |count| count.load(Ordering::Relaxed)))
    }
}

/// One writer: no locked instruction is needed.
fn add(count: &AtomicU64, amount: u64) {
    count.store(count.load(Ordering::Relaxed).wrapping_add(amount), Ordering::Relaxed);
}
