//! What a proxy has let through.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// One connection: bytes read from its sender, and those of them that were let through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Bytes that the node has sent.
    pub request_read: u64,
    /// Of those, the ones that went on to the participant.
    pub request_passed: u64,
    /// Bytes that the participant has sent.
    pub answer_read: u64,
    /// Of those, the ones that went on to the node.
    pub answer_passed: u64,
    /// Ended by the proxy.
    pub cut: bool,
    /// Gone on both sides.
    pub ended: bool,
}

/// All connections of a proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accepted.
    pub connections: u64,
    /// Of those, still there.
    pub open: u64,
    /// Of those, ended by the proxy.
    pub cut: u64,
    /// As in [`Passed`], of all connections.
    pub request_read: u64,
    /// As in [`Passed`], of all connections.
    pub request_passed: u64,
    /// As in [`Passed`], of all connections.
    pub answer_read: u64,
    /// As in [`Passed`], of all connections.
    pub answer_passed: u64,
}

/// The counters of one connection, written by its task.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) request: DirectionCounters,
    pub(super) answer: DirectionCounters,
    pub(super) cut: AtomicBool,
    pub(super) ended: AtomicBool,
}

#[derive(Debug, Default)]
pub(super) struct DirectionCounters {
    read: AtomicU64,
    passed: AtomicU64,
}

impl DirectionCounters {
    pub(super) fn read(&self, bytes: usize) {
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(super) fn pass(&self, bytes: usize) {
        self.passed.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Counters {
    pub(super) fn snapshot(&self) -> Passed {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Passed {
            request_read: of(&self.request.read),
            request_passed: of(&self.request.passed),
            answer_read: of(&self.answer.read),
            answer_passed: of(&self.answer.passed),
            cut: self.cut.load(Ordering::Relaxed),
            ended: self.ended.load(Ordering::Relaxed),
        }
    }
}

impl Counts {
    pub(super) fn of(connections: &[Passed]) -> Self {
        connections.iter().fold(Self::default(), |all, one| Self {
            connections: all.connections + 1,
            open: all.open + u64::from(!one.ended),
            cut: all.cut + u64::from(one.cut),
            request_read: all.request_read + one.request_read,
            request_passed: all.request_passed + one.request_passed,
            answer_read: all.answer_read + one.answer_read,
            answer_passed: all.answer_passed + one.answer_passed,
        })
    }
}
