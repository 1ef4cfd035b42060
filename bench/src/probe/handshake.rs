//! What a TLS handshake costs each side: two sessions in memory, no socket between them.
//!
//! ```text
//!  client <--- bytes ---> server        CPU of each side counted apart, on the node's core
//! ```
//!
//! A node is the server of its participants' connections and the client of its own. Both sides show and check certificates.

use std::sync::Arc;
use std::time::Duration;

use clearway_crypto::transport::{
    Credentials, ServerName, TimeProvider, Trust, Versions, client_config, server_config,
};
use rustls::time_provider::DefaultTimeProvider;
use rustls::{ClientConfig, ClientConnection, ConnectionCommon, HandshakeKind, ServerConfig, ServerConnection};
use serde::Serialize;

use crate::cpu::{micros, pin, thread_cpu};
use crate::error::Error;

/// The best of so many counts: whatever else the machine does can only add.
const ROUNDS: usize = 200;

/// Files of both sides, PEM.
#[derive(Debug, Clone)]
pub struct Parties {
    /// Certificates of the authorities.
    pub ca: Vec<u8>,
    /// Certificate and key of the server.
    pub server: [Vec<u8>; 2],
    /// Certificate and key of the client.
    pub client: [Vec<u8>; 2],
    /// The DNS name that the server proves.
    pub server_name: String,
}

/// CPU of each side for one handshake, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HandshakeCost {
    /// Of the side that was connected to.
    pub server_us: f64,
    /// Of the side that connected.
    pub client_us: f64,
}

/// A handshake from the beginning, and one that resumes a session.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Handshakes {
    /// With certificates and signatures.
    pub full: HandshakeCost,
    /// With a ticket.
    pub resumed: HandshakeCost,
}

/// Measures on `core`.
///
/// # Errors
/// The files cannot be used, or the two sides do not agree.
pub fn measure_handshakes(parties: &Parties, versions: Versions, core: Option<usize>) -> Result<Handshakes, Error> {
    let parties = parties.clone();
    let work = move || {
        pin(core);
        measure_here(&parties, versions)
    };
    let thread = std::thread::Builder::new().name("handshake-floor".into()).spawn(work);
    let thread = thread.map_err(Error::machine("floor thread"))?;
    thread.join().map_err(|_| Error::Failed { what: "handshake floor", why: "the thread panicked".into() })?
}

fn measure_here(parties: &Parties, versions: Versions) -> Result<Handshakes, Error> {
    let unusable = Error::failed::<clearway_crypto::transport::TransportError>("use the certificates");
    let world = World::new(parties, versions).map_err(unusable)?;
    let (mut full, mut resumed) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        // A client of its own knows no session yet.
        let client = world.client()?;
        full.push(world.shake(&client, HandshakeKind::Full)?);
        resumed.push(world.shake(&client, HandshakeKind::Resumed)?);
    }
    Ok(Handshakes { full: best(&full), resumed: best(&resumed) })
}

fn best(costs: &[HandshakeCost]) -> HandshakeCost {
    let least = |of: fn(&HandshakeCost) -> f64| costs.iter().map(of).fold(f64::MAX, f64::min);
    HandshakeCost { server_us: least(|cost| cost.server_us), client_us: least(|cost| cost.client_us) }
}

struct World {
    server: Arc<ServerConfig>,
    client: Credentials,
    trust: Trust,
    versions: Versions,
    name: ServerName<'static>,
}

impl World {
    fn new(parties: &Parties, versions: Versions) -> Result<Self, clearway_crypto::transport::TransportError> {
        let trust = Trust::from_pem(&parties.ca, &[""; 0])?;
        let credentials = |[certificate, key]: &[Vec<u8>; 2]| Credentials::from_pem(certificate, key);
        let name = ServerName::try_from(parties.server_name.clone())
            .map_err(|_| clearway_crypto::transport::TransportError::Name(parties.server_name.clone()))?;
        let server = server_config(&credentials(&parties.server)?, &trust, versions, clock())?;
        Ok(Self { server: Arc::new(server), client: credentials(&parties.client)?, trust, versions, name })
    }

    fn client(&self) -> Result<Arc<ClientConfig>, Error> {
        let config = client_config(&self.client, &self.trust, self.versions, clock());
        config.map(Arc::new).map_err(Error::failed("make a client"))
    }

    /// One handshake to its end, tickets included; it must be of the kind that is wanted.
    fn shake(&self, client: &Arc<ClientConfig>, wanted: HandshakeKind) -> Result<HandshakeCost, Error> {
        let refused = || Error::failed::<rustls::Error>("shake hands");
        let mut client = ClientConnection::new(Arc::clone(client), self.name.clone()).map_err(refused())?;
        let mut server = ServerConnection::new(Arc::clone(&self.server)).map_err(refused())?;
        let (mut server_cpu, mut client_cpu, mut wire) = (Duration::ZERO, Duration::ZERO, Vec::new());
        while client.is_handshaking() || server.is_handshaking() || client.wants_write() || server.wants_write() {
            client_cpu += write(&mut client, &mut wire)?;
            server_cpu += read(&mut server, &mut wire)?;
            server_cpu += write(&mut server, &mut wire)?;
            client_cpu += read(&mut client, &mut wire)?;
        }
        if client.handshake_kind() != Some(wanted) {
            return Err(Error::Unsuited(format!("a {wanted:?} handshake was wanted")));
        }
        Ok(HandshakeCost { server_us: micros(server_cpu), client_us: micros(client_cpu) })
    }
}

fn clock() -> Arc<dyn TimeProvider> {
    Arc::new(DefaultTimeProvider)
}

fn write<D>(side: &mut ConnectionCommon<D>, wire: &mut Vec<u8>) -> Result<Duration, Error> {
    let began = thread_cpu();
    while side.wants_write() {
        side.write_tls(wire).map_err(Error::machine("write a handshake"))?;
    }
    Ok(thread_cpu() - began)
}

fn read<D>(side: &mut ConnectionCommon<D>, wire: &mut Vec<u8>) -> Result<Duration, Error> {
    let (began, mut bytes) = (thread_cpu(), wire.as_slice());
    while !bytes.is_empty() {
        side.read_tls(&mut bytes).map_err(Error::machine("read a handshake"))?;
        side.process_new_packets().map_err(Error::failed("shake hands"))?;
    }
    wire.clear();
    Ok(thread_cpu() - began)
}
