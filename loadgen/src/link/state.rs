//! One link as the rest of the process sees it: its behaviour can be changed and its counts read while it serves.

use super::behaviour::LinkBehaviour;
use crate::clock::unix_micros;
use clearway_codec::{InstitutionId, MessageType};
use parking_lot::{Condvar, Mutex};
use serde::Serialize;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Longest wait until a change is in force: the link's thread may be busy, and a black hole takes a moment to dig.
const CHANGE_MAX: Duration = Duration::from_secs(5);

/// What a link has seen since its start, for reports and tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct LinkCounts {
    /// Connections taken.
    pub connections: u64,
    /// Probes (991), answered or not.
    pub probes: u64,
    /// Requests for legs, by their MsgTp header.
    pub legs: u64,
    /// Queries, notices and everything else.
    pub others: u64,
    /// Answers given.
    pub answers: u64,
    /// TLS handshakes from the beginning.
    pub full_handshakes: u64,
    /// TLS handshakes that resumed a session.
    pub resumed_handshakes: u64,
    /// TLS handshakes that came to nothing.
    pub failed_handshakes: u64,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Count {
    Connections,
    Probes,
    Legs,
    Others,
    Answers,
    FullHandshakes,
    ResumedHandshakes,
    FailedHandshakes,
}

impl Count {
    /// What a request is, by its MsgTp header.
    pub(super) fn of_request(message_code: &[u8]) -> Self {
        const NO_LEGS: [MessageType; 6] = [
            MessageType::Epcc207,
            MessageType::Epcc301,
            MessageType::Epcc303,
            MessageType::Epcc321,
            MessageType::Epcc322,
            MessageType::Epcc324,
        ];
        let is = |message_type: &MessageType| message_type.code().as_bytes() == message_code;
        if is(&MessageType::Epcc991) {
            Self::Probes
        } else if NO_LEGS.iter().any(is) {
            Self::Others
        } else {
            Self::Legs
        }
    }
}

/// One link, as the ledger page shows it.
#[derive(Debug, Clone, Serialize)]
pub struct LinkView {
    /// Institution id of the participant.
    pub participant: String,
    /// Name of the link.
    pub name: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// How it behaves.
    pub behaviour: LinkBehaviour,
    /// What it has seen.
    pub counts: LinkCounts,
}

/// A handle on one link of a running bank or institution; clones are the same link.
#[derive(Debug, Clone)]
pub struct Link(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    participant: InstitutionId,
    name: String,
    address: SocketAddr,
    /// Every change has a number.
    behaviour: watch::Sender<(u64, LinkBehaviour)>,
    /// Number of the change that the link's thread has carried out.
    in_force: Mutex<u64>,
    carried_out: Condvar,
    counts: [AtomicU64; 8],
    first_leg_us: AtomicU64,
}

impl Link {
    pub(crate) fn new(participant: InstitutionId, name: &str, address: SocketAddr) -> Self {
        Self(Arc::new(Shared {
            participant,
            name: name.to_owned(),
            address,
            behaviour: watch::Sender::new((0, LinkBehaviour::Open)),
            in_force: Mutex::default(),
            carried_out: Condvar::new(),
            counts: Default::default(),
            first_leg_us: AtomicU64::new(0),
        }))
    }

    /// Whose link it is.
    pub fn participant(&self) -> InstitutionId {
        self.0.participant
    }

    /// Its name in the configuration.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Where it listens, whether it does so now or not.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// How it behaves.
    pub fn behaviour(&self) -> LinkBehaviour {
        self.0.behaviour.borrow().1
    }

    /// All of it, to be shown.
    pub fn view(&self) -> LinkView {
        LinkView {
            participant: self.participant().to_string(),
            name: self.name().to_owned(),
            address: self.address(),
            behaviour: self.behaviour(),
            counts: self.counts(),
        }
    }

    /// Changes its behaviour, and waits until that is in force for new connections; open ones follow in the same moment.
    /// Blocks for as long as the link's thread takes, 5 s at most. Whether it is in force.
    pub fn set(&self, behaviour: LinkBehaviour) -> bool {
        let mut number = 0;
        self.0.behaviour.send_modify(|current| {
            *current = (current.0 + 1, behaviour);
            number = current.0;
        });
        let (until, mut in_force) = (Instant::now() + CHANGE_MAX, self.0.in_force.lock());
        while *in_force < number && !self.0.carried_out.wait_until(&mut in_force, until).timed_out() {}
        *in_force >= number
    }

    /// What it has seen.
    pub fn counts(&self) -> LinkCounts {
        let [connections, probes, legs, others, answers, full_handshakes, resumed_handshakes, failed_handshakes] =
            std::array::from_fn(|place| self.0.counts[place].load(Ordering::Relaxed));
        LinkCounts {
            connections,
            probes,
            legs,
            others,
            answers,
            full_handshakes,
            resumed_handshakes,
            failed_handshakes,
        }
    }

    /// Forgets when the first leg came, so that the next one is the first again.
    pub fn await_leg(&self) {
        self.0.first_leg_us.store(0, Ordering::Relaxed);
    }

    /// When the first request for a leg came since the start or since [`Link::await_leg`], in microseconds since
    /// 1970-01-01 UTC.
    pub fn first_leg_us(&self) -> Option<u64> {
        Some(self.0.first_leg_us.load(Ordering::Relaxed)).filter(|at| *at > 0)
    }

    pub(super) fn count(&self, count: Count) {
        self.0.counts[count as usize].fetch_add(1, Ordering::Relaxed);
        if matches!(count, Count::Legs) && self.0.first_leg_us.load(Ordering::Relaxed) == 0 {
            self.0.first_leg_us.store(unix_micros(), Ordering::Relaxed);
        }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<(u64, LinkBehaviour)> {
        self.0.behaviour.subscribe()
    }

    /// The link's thread has carried out this change.
    pub(super) fn note_in_force(&self, number: u64) {
        *self.0.in_force.lock() = number;
        self.0.carried_out.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart_by_their_header() {
        let kind = |code: &str| Count::of_request(code.as_bytes()) as usize;
        assert_eq!(kind("epcc.991.001.01"), Count::Probes as usize);
        for leg in ["epcc.201.001.01", "epcc.101.001.01", "epcc.205.001.01"] {
            assert_eq!(kind(leg), Count::Legs as usize, "{leg}");
        }
        for other in ["epcc.301.001.01", "epcc.207.001.01"] {
            assert_eq!(kind(other), Count::Others as usize, "{other}");
        }
    }
}
