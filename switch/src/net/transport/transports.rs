//! How a node makes and takes connections, as its configuration says.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clearway_crypto::transport::TransportError;

use super::acceptor::Acceptor;
use super::connector::Connector;
use super::door::{Door, DoorOptions};
use super::identity::Names;
use super::tls::{Tls, Uses};
use crate::clock::Clock;
use crate::config::{Config, Endpoint, ListenTransport, Participant, TlsSection};
use crate::error::{Error, Fault};

/// How connections are made and taken; shared by all workers.
#[derive(Clone, Debug)]
pub struct Transports {
    tls: Option<Arc<Tls>>,
    /// That of the operator's door, once it is open.
    door: Arc<OnceLock<Arc<Tls>>>,
    /// Takes connections of participants.
    pub acceptor: Acceptor,
    /// Whose certificates have which names.
    pub names: Arc<Names>,
}

impl Transports {
    /// Reads the certificates and opens the door that the configuration asks for.
    ///
    /// # Errors
    /// Files that cannot be used, no thread to be had.
    pub fn open(config: &Config, clock: &Clock) -> Result<Self, Error> {
        let make = |section: &TlsSection| Tls::new(section.load()?, clock.clone()).map_err(unusable);
        let tls = config.tls.as_ref().map(make).transpose()?;
        let names = config.participants.iter().map(|participant| (participant.tls_name.as_str(), participant.index));
        let acceptor = match (&tls, &config.tls, config.listen.transport) {
            (Some(tls), Some(section), ListenTransport::Mtls) => Acceptor::behind(Arc::clone(tls), door(section)?),
            _ => Acceptor::plain(),
        };
        Ok(Self { acceptor, names: Arc::new(Names::new(names)), tls, door: Arc::default() })
    }

    /// How connections to `participant` are opened: where `endpoint` says that it is. What cannot be had, because there are no
    /// certificates or the name is none, is a connector that never connects; [`Config::check`] refuses both.
    #[must_use]
    pub fn connector(&self, participant: &Participant, endpoint: &Endpoint) -> Connector {
        if !endpoint.is_tls() {
            return Connector::plain();
        }
        let secure = self.tls.as_ref().and_then(|tls| Connector::tls(Arc::clone(tls), &participant.tls_name).ok());
        secure.unwrap_or_else(Connector::none)
    }

    /// Adds the TLS of the operator's door to what is looked after. The first one stays.
    pub fn open_door(&self, tls: &Arc<Tls>) {
        let _ = self.door.set(Arc::clone(tls));
    }

    /// Every TLS of the node, and what its certificates are called.
    pub fn all(&self) -> impl Iterator<Item = (&Arc<Tls>, Uses)> {
        let participants = self.tls.iter().map(|tls| (tls, Uses::PARTICIPANTS));
        participants.chain(self.door.get().map(|tls| (tls, Uses::DOOR)))
    }

    /// The TLS of the connections between node and participants, where there is any.
    #[must_use]
    pub const fn tls(&self) -> Option<&Arc<Tls>> {
        self.tls.as_ref()
    }
}

fn door(section: &TlsSection) -> Result<Door, Error> {
    let options = DoorOptions {
        handshakes_max: section.handshakes_max,
        handshake_timeout: Duration::from_millis(section.handshake_timeout_ms),
    };
    Door::open(options)
        .map_err(|error| Error::new(Fault::Environment, "the thread for handshakes cannot be started").caused_by(error))
}

fn unusable(error: TransportError) -> Error {
    Error::new(Fault::Configuration, error.to_string()).at("tls").caused_by(error)
}
