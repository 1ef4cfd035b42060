//! Opening a connection to a participant.

use std::error::Error;
use std::sync::Arc;

use clearway_crypto::transport::{Refusal, ServerName, TransportError};
use tokio::net::TcpStream;
use tokio_rustls::rustls::{self, HandshakeKind};

use super::peer::Peer;
use super::port::Port;
use super::stream::{TlsPipe, Transport};
use super::tls::Tls;

/// Why there is no connection. Whatever it is, not a byte of a request has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectFault {
    /// No TCP connection: refused, unreachable, a name that is not resolved.
    #[error("no TCP connection")]
    Refused,
    /// The TLS handshake broke off: no TLS there, no common version, the connection ended.
    #[error("the TLS handshake broke off")]
    Handshake,
    /// A certificate was not believed, theirs or ours.
    #[error("the TLS handshake was refused: {}", .0.name())]
    Certificate(Refusal),
}

/// Opens the connections to one participant. Cheap to clone; clones see every reload.
#[derive(Clone, Debug)]
pub struct Connector {
    way: Way,
}

#[derive(Clone, Debug)]
enum Way {
    Plain,
    Tls(Secure),
    None,
}

#[derive(Clone, Debug)]
struct Secure {
    tls: Arc<Tls>,
    name: ServerName<'static>,
}

impl Connector {
    /// Plain TCP, for where the configuration says so in as many words.
    #[must_use]
    pub const fn plain() -> Self {
        Self { way: Way::Plain }
    }

    /// No way at all: every connection is refused. For what is wanted protected and cannot be.
    #[must_use]
    pub const fn none() -> Self {
        Self { way: Way::None }
    }

    /// TLS to whoever proves `name`, whatever the address is.
    ///
    /// # Errors
    /// [`TransportError::Name`] if it is no DNS name.
    pub fn tls(tls: Arc<Tls>, name: &str) -> Result<Self, TransportError> {
        let name = ServerName::try_from(name.to_owned()).map_err(|_| TransportError::Name(name.to_owned()))?;
        Ok(Self { way: Way::Tls(Secure { tls, name }) })
    }

    /// Opens a connection to `authority` (`host:port`, resolved anew). Has no time limit of its own; may be dropped at any
    /// time.
    ///
    /// # Errors
    /// See [`ConnectFault`].
    pub async fn connect(&self, authority: &str) -> Result<Transport, ConnectFault> {
        match &self.way {
            Way::None => Err(ConnectFault::Refused),
            Way::Plain => open(authority).await.map(Transport::Plain),
            Way::Tls(secure) => {
                secure.shake_hands(open(authority).await?).await.map(Transport::Tls).map_err(|refusal| {
                    if refusal.is_about_certificates() {
                        ConnectFault::Certificate(refusal)
                    } else {
                        ConnectFault::Handshake
                    }
                })
            }
        }
    }

    /// The number of the TLS generation in force, 0 for plain TCP. Read it before [`connect`](Self::connect): a pooled connection
    /// of an older one is not to be used again.
    #[inline]
    #[must_use]
    pub fn generation(&self) -> u64 {
        if let Way::Tls(secure) = &self.way { secure.tls.generation() } else { 0 }
    }

    /// Whether it speaks TLS.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        matches!(self.way, Way::Tls(_))
    }
}

async fn open(authority: &str) -> Result<TcpStream, ConnectFault> {
    let stream = TcpStream::connect(authority).await.map_err(|_| ConnectFault::Refused)?;
    stream.set_nodelay(true).map_err(|_| ConnectFault::Refused)?;
    Ok(stream)
}

impl Secure {
    async fn shake_hands(&self, stream: TcpStream) -> Result<TlsPipe, Refusal> {
        let generation = self.tls.present();
        let connecting = generation.connector().connect(self.name.clone(), Port::Docked(stream));
        let stream = connecting.await.map_err(|error| Refusal::of_io(&error))?;
        let resumed = stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
        let pipe = TlsPipe::new(stream);
        let peer = Peer::of(pipe.session())?;
        self.tls.welcome_server(&generation, &peer, &self.name, resumed)?;
        Ok(pipe)
    }
}

/// Whether a connection ended because the peer refused our certificate. With TLS 1.3 that is told after the handshake, when the
/// first request may be on its way; the peer cannot have read a byte of it then, because it had not let us in. To be asked of a
/// connection's **first** request alone: on a connection that has carried answers such an alert proves nothing.
#[must_use]
pub fn own_certificate_refused(error: &(dyn Error + 'static)) -> bool {
    let mut error = Some(error);
    while let Some(at) = error {
        let inner = at.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let tls = inner.and_then(|inner| inner.downcast_ref()).or_else(|| at.downcast_ref::<rustls::Error>());
        if let Some(tls) = tls {
            return Refusal::of(tls) == Refusal::OwnRefused;
        }
        error = at.source();
    }
    false
}
