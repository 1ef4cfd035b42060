//! What a node's TLS is made of, swapped whole while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use clearway_crypto::transport::{
    Credentials, Refusal, ServerName, TimeProvider, TransportError, Trust, UnixTime, Versions, client_config,
    server_config,
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::peer::Peer;
use crate::clock::Clock;

/// What a generation is made from.
#[derive(Clone, Debug)]
pub struct Material {
    /// The node's own certificate and key.
    pub credentials: Credentials,
    /// Whom it believes.
    pub trust: Trust,
    /// The versions that are spoken.
    pub versions: Versions,
}

/// The TLS of one node, shared by its workers. A **generation** is what was in force between two swaps: connections and
/// tickets of an earlier one are not used for anything new.
#[derive(Debug)]
pub struct Tls {
    present: ArcSwap<Generation>,
    number: AtomicU64,
    /// The earliest end, in unix seconds, of a certificate that a peer of this generation has shown.
    peers_until_s: AtomicU64,
    clock: Clock,
}

pub(super) struct Generation {
    pub(super) number: u64,
    pub(super) material: Material,
    pub(super) acceptor: TlsAcceptor,
    pub(super) connector: TlsConnector,
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
        let first = Generation::new(1, material, &clock)?;
        Ok(Arc::new(Self {
            present: ArcSwap::from_pointee(first),
            number: AtomicU64::new(1),
            peers_until_s: AtomicU64::new(u64::MAX),
            clock,
        }))
    }

    /// Puts `material` in force: from now on all that is new is judged by it. Returns the number of its generation.
    ///
    /// # Errors
    /// What the library cannot use; then nothing has changed.
    pub fn replace(&self, material: Material) -> Result<u64, TransportError> {
        let number = self.present.load().number + 1;
        let next = Generation::new(number, material, &self.clock)?;
        self.peers_until_s.store(u64::MAX, Ordering::Relaxed);
        self.present.store(Arc::new(next));
        self.number.store(number, Ordering::Release);
        Ok(number)
    }

    /// Begins a new generation of the same material if a certificate that a peer has shown has ended since, so that
    /// pooled connections to it are not used again. True if so. Meant to be called every second or so.
    pub fn retire_expired(&self) -> bool {
        if self.now_s() <= self.peers_until_s.load(Ordering::Relaxed) {
            return false;
        }
        let material = self.present.load().material.clone();
        // Material that was in force is usable; if not, the connections stay and the next call tries again.
        self.replace(material).is_ok()
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
        self.present.load().material.clone()
    }

    /// Whether somebody who connected earlier would be let in now.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, peer: &Peer) -> Result<(), Refusal> {
        self.present.load().material.trust.check_client(peer.chain(), unix_time(&self.clock))
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
            generation.material.trust.check_server(peer.chain(), name, unix_time(&self.clock))?;
        }
        self.peers_until_s.fetch_min(peer.until_s(), Ordering::Relaxed);
        Ok(())
    }

    /// A client has been let in with what `peer` shows; a resumed session is judged like a new one.
    pub(super) fn welcome_client(&self, generation: &Generation, peer: &Peer, resumed: bool) -> Result<(), Refusal> {
        if resumed {
            generation.material.trust.check_client(peer.chain(), unix_time(&self.clock))?;
        }
        Ok(())
    }
}

impl Generation {
    fn new(number: u64, material: Material, clock: &Clock) -> Result<Self, TransportError> {
        let Material { credentials, trust, versions } = &material;
        let time: Arc<dyn TimeProvider> = Arc::new(NodeTime(clock.clone()));
        let server = server_config(credentials, trust, *versions, Arc::clone(&time))?;
        let client = client_config(credentials, trust, *versions, time)?;
        let (acceptor, connector) = (TlsAcceptor::from(Arc::new(server)), TlsConnector::from(Arc::new(client)));
        Ok(Self { number, acceptor, connector, material })
    }
}

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generation")
            .field("number", &self.number)
            .field("material", &self.material)
            .finish_non_exhaustive()
    }
}

fn unix_time(clock: &Clock) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_micros(clock.now_micros()))
}
