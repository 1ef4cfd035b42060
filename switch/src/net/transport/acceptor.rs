//! Taking a connection from a participant.

use std::sync::Arc;
use std::time::Duration;

use clearway_crypto::transport::Refusal;
use tokio::net::TcpStream;
use tokio_rustls::rustls::HandshakeKind;

use super::door::Door;
use super::peer::Peer;
use super::port::Port;
use super::stream::{TlsPipe, Transport};
use super::tls::Tls;

/// Somebody who was let in.
#[derive(Debug)]
pub struct Accepted {
    /// The connection.
    pub transport: Transport,
    /// What the peer has shown; none on plain TCP.
    pub peer: Option<Box<Peer>>,
}

/// Lets connections in. Cheap to clone; clones see every reload.
#[derive(Clone, Debug)]
pub struct Acceptor {
    secure: Option<Secure>,
}

#[derive(Clone, Debug)]
struct Secure {
    tls: Arc<Tls>,
    place: Place,
}

/// Where handshakes are done.
#[derive(Clone, Debug)]
enum Place {
    Door(Door),
    /// On the caller's reactor, within this time.
    Here(Duration),
}

impl Acceptor {
    /// Plain TCP, for where the configuration says so in as many words.
    #[must_use]
    pub const fn plain() -> Self {
        Self { secure: None }
    }

    /// Mutual TLS; handshakes are done behind `door`.
    #[must_use]
    pub const fn behind(tls: Arc<Tls>, door: Door) -> Self {
        Self { secure: Some(Secure { tls, place: Place::Door(door) }) }
    }

    /// Mutual TLS; handshakes are done where [`accept`](Self::accept) is called, each within `limit`.
    #[must_use]
    pub const fn here(tls: Arc<Tls>, limit: Duration) -> Self {
        Self { secure: Some(Secure { tls, place: Place::Here(limit) }) }
    }

    /// Lets in who has connected, if it proves who it is in time.
    ///
    /// # Errors
    /// Why it is not let in.
    pub async fn accept(&self, stream: TcpStream) -> Result<Accepted, Refusal> {
        let Some(Secure { tls, place }) = &self.secure else {
            return Ok(Accepted { transport: Transport::Plain(stream), peer: None });
        };
        let (pipe, peer) = match place {
            Place::Door(door) => door.pass(tls, stream).await?,
            Place::Here(limit) => {
                let outcome = tokio::time::timeout(*limit, shake_hands(tls, stream)).await;
                outcome.unwrap_or(Err(Refusal::TimedOut))?
            }
        };
        Ok(Accepted { transport: Transport::Tls(pipe), peer: Some(Box::new(peer)) })
    }

    /// The number of the TLS generation in force, 0 for plain TCP. Read it before [`accept`](Self::accept): a connection of an
    /// older one is to be judged again.
    #[inline]
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.secure.as_ref().map_or(0, |secure| secure.tls.generation())
    }

    /// Whether it speaks TLS.
    #[must_use]
    pub const fn is_tls(&self) -> bool {
        self.secure.is_some()
    }

    /// Whether somebody who was let in earlier would be let in now.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, peer: &Peer) -> Result<(), Refusal> {
        self.secure.as_ref().map_or(Ok(()), |secure| secure.tls.check(peer))
    }

    /// Whether a certificate that is good until `until_s` (unix seconds) has ended by the node's clock.
    #[must_use]
    pub fn has_ended(&self, until_s: u64) -> bool {
        self.secure.as_ref().is_some_and(|secure| secure.tls.now_s() > until_s)
    }
}

/// The server's side of a handshake, on the reactor of the caller.
pub(super) async fn shake_hands(tls: &Arc<Tls>, stream: TcpStream) -> Result<(TlsPipe, Peer), Refusal> {
    let generation = tls.present();
    let stream = generation.acceptor().accept(Port::Docked(stream)).await.map_err(|error| Refusal::of_io(&error))?;
    let resumed = stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed);
    let pipe = TlsPipe::new(stream);
    let peer = Peer::of(pipe.session())?;
    tls.welcome_client(&generation, &peer, resumed)?;
    Ok((pipe, peer))
}
