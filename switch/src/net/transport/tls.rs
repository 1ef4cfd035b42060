//! What a node's TLS is made of, swapped whole while it runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use clearway_crypto::transport::{
    Material, Refusal, ServerName, TimeProvider, TransportError, Trust, UnixTime, not_after, peer_names,
};
use parking_lot::Mutex;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::peer::Peer;
use crate::clock::Clock;
use crate::metrics::CertificateReading;

/// Names of peers whose certificates' ends are kept (ours): more than there can be participants and operators in earnest.
const PEERS_MAX: usize = 16_384;

/// The TLS of one node, shared by its workers. A **generation** is what was in force between two swaps: connections and
/// tickets of an earlier one are not used for anything new.
#[derive(Debug)]
pub struct Tls {
    present: ArcSwap<Generation>,
    number: AtomicU64,
    /// The earliest end, in unix seconds, of a certificate that a peer of this generation has shown.
    peers_until_s: AtomicU64,
    /// The end of the certificate that was last shown under each name. Also the lock of a swap.
    peers: Mutex<BTreeMap<String, u64>>,
    clock: Clock,
}

/// What certificates are called in metrics and log.
#[derive(Clone, Copy, Debug)]
pub struct Uses {
    own: &'static str,
    ca: &'static str,
    revocation_lists: &'static str,
    peer: &'static str,
}

impl Uses {
    /// Those of the connections between node and participants.
    pub const PARTICIPANTS: Self = Self { own: "own", ca: "ca", revocation_lists: "revocation-lists", peer: "peer" };
    /// Those of the operator's door.
    pub const DOOR: Self =
        Self { own: "door", ca: "door-ca", revocation_lists: "door-revocation-lists", peer: "operator" };
}

/// Material made ready for the library.
pub struct Prepared {
    material: Material,
    acceptor: TlsAcceptor,
    connector: TlsConnector,
}

pub(super) struct Generation {
    number: u64,
    prepared: Prepared,
}

impl Generation {
    pub(super) const fn acceptor(&self) -> &TlsAcceptor {
        &self.prepared.acceptor
    }

    pub(super) const fn connector(&self) -> &TlsConnector {
        &self.prepared.connector
    }

    const fn trust(&self) -> &Trust {
        &self.prepared.material.trust
    }
}

/// The node's clock, for the library.
#[derive(Debug)]
struct NodeTime(Clock);

impl TimeProvider for NodeTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix_time(&self.0))
    }
}

impl Tls {
    /// The first generation.
    ///
    /// # Errors
    /// What the library cannot use.
    pub fn new(material: Material, clock: Clock) -> Result<Arc<Self>, TransportError> {
        let first = Generation { number: 1, prepared: Prepared::new(material, &clock)? };
        Ok(Arc::new(Self {
            present: ArcSwap::from_pointee(first),
            number: AtomicU64::new(1),
            peers: Mutex::new(BTreeMap::new()),
            peers_until_s: AtomicU64::new(u64::MAX),
            clock,
        }))
    }

    /// Makes the next generation ready without putting it in force.
    ///
    /// # Errors
    /// What the library cannot use.
    pub fn prepare(&self, material: Material) -> Result<Prepared, TransportError> {
        Prepared::new(material, &self.clock)
    }

    /// Puts what was prepared in force: from now on all that is new is judged by it. Returns the number of its generation.
    pub fn install(&self, prepared: Prepared) -> u64 {
        self.swap(&mut self.peers.lock(), prepared)
    }

    fn swap(&self, peers: &mut BTreeMap<String, u64>, prepared: Prepared) -> u64 {
        let now_s = self.now_s();
        peers.retain(|_, until_s| *until_s >= now_s);
        self.peers_until_s.store(u64::MAX, Ordering::Relaxed);
        let number = self.number.load(Ordering::Relaxed) + 1;
        self.present.store(Arc::new(Generation { number, prepared }));
        self.number.store(number, Ordering::Release);
        number
    }

    /// Begins a new generation of the same material if a certificate that a peer has shown has ended since, so that
    /// pooled connections to it are not used again. True if so. Meant to be called every second or so.
    pub fn retire_expired(&self) -> bool {
        if self.now_s() <= self.peers_until_s.load(Ordering::Relaxed) {
            return false;
        }
        // Under the lock from the first look on: a reload meanwhile would be taken back.
        let mut peers = self.peers.lock();
        // Material that was in force is usable; if not, the connections stay and the next call tries again.
        let Ok(prepared) = self.prepare(self.material()) else { return false };
        self.swap(&mut peers, prepared);
        true
    }

    /// The number of the generation in force; it only rises.
    #[inline]
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.number.load(Ordering::Relaxed)
    }

    /// What is in force.
    #[must_use]
    pub fn material(&self) -> Material {
        self.present.load().prepared.material.clone()
    }

    /// Whether somebody who connected earlier would be let in now.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, peer: &Peer) -> Result<(), Refusal> {
        self.present.load().trust().check_client(peer.chain(), unix_time(&self.clock))
    }

    /// The present second, unix, by the node's clock.
    #[must_use]
    pub fn now_s(&self) -> u64 {
        self.clock.now_micros() / 1_000_000
    }

    pub(super) fn present(&self) -> Arc<Generation> {
        self.present.load_full()
    }

    /// A server has proved `name` with what `peer` shows; a resumed session is judged like a new one.
    pub(super) fn welcome_server(
        &self,
        generation: &Generation,
        peer: &Peer,
        name: &ServerName<'_>,
        resumed: bool,
    ) -> Result<(), Refusal> {
        if resumed {
            generation.trust().check_server(peer.chain(), name, unix_time(&self.clock))?;
        }
        self.peers_until_s.fetch_min(peer.until_s(), Ordering::Relaxed);
        self.note(peer);
        Ok(())
    }

    /// A client has been let in with what `peer` shows; a resumed session is judged like a new one.
    pub(super) fn welcome_client(&self, generation: &Generation, peer: &Peer, resumed: bool) -> Result<(), Refusal> {
        if resumed {
            generation.trust().check_client(peer.chain(), unix_time(&self.clock))?;
        }
        self.note(peer);
        Ok(())
    }

    fn note(&self, peer: &Peer) {
        let mut peers = self.peers.lock();
        for name in peer.names() {
            if let Some(until_s) = peers.get_mut(name) {
                *until_s = peer.until_s();
            } else if peers.len() < PEERS_MAX {
                peers.insert(name.clone(), peer.until_s());
            }
        }
    }

    /// Every certificate in use, and when it ends: our own, the first of the authorities, the revocation lists, and what
    /// peers have last shown.
    #[must_use]
    pub fn certificates(&self, uses: &Uses) -> Vec<CertificateReading> {
        let reading =
            |usage, name: &str, until_unix_secs| CertificateReading { usage, name: name.to_owned(), until_unix_secs };
        let Material { credentials, trust, .. } = self.material();
        let own = peer_names(credentials.certificate()).unwrap_or_default();
        let own_until_s = credentials.chain().iter().filter_map(|one| not_after(one).ok()).min().unwrap_or(0);
        let mut all = vec![
            reading(uses.own, own.first().map_or("", String::as_str), own_until_s),
            reading(uses.ca, "", trust.authorities_until()),
        ];
        all.extend(trust.lists_current_until().map(|until_s| reading(uses.revocation_lists, "", until_s)));
        all.extend(self.peers.lock().iter().map(|(name, until_s)| reading(uses.peer, name, *until_s)));
        all
    }
}

impl Prepared {
    fn new(material: Material, clock: &Clock) -> Result<Self, TransportError> {
        let time: Arc<dyn TimeProvider> = Arc::new(NodeTime(clock.clone()));
        let (server, client) = (material.server(Arc::clone(&time))?, material.client(time)?);
        let (acceptor, connector) = (TlsAcceptor::from(Arc::new(server)), TlsConnector::from(Arc::new(client)));
        Ok(Self { material, acceptor, connector })
    }
}

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generation")
            .field("number", &self.number)
            .field("prepared", &self.prepared)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("material", &self.material).finish_non_exhaustive()
    }
}

fn unix_time(clock: &Clock) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_micros(clock.now_micros()))
}
