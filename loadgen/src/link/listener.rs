//! The listening side of a link: open, not there, or a hole that packets vanish in.
//!
//! Invariant: the port stays the link's own whatever happens to it, but for the instant between two sockets on it.

use super::behaviour::LinkBehaviour;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// Connections that the system holds for a listener until it takes them.
const BACKLOG: u32 = 1_024;
/// Shortest queue that there is: one connection, which is the link's own.
const BACKLOG_OF_HOLE: u32 = 0;
/// A connection to a listener with room is made within this on any machine.
const FULL_AFTER: Duration = Duration::from_millis(100);
/// A port that another socket has just left.
const BIND_ATTEMPTS: u32 = 200;
const BIND_PAUSE: Duration = Duration::from_millis(10);

/// What is bound to the address of a link.
pub(super) enum Bound {
    /// Takes connections.
    Open(TcpListener),
    /// Holds the port and does not listen: the system refuses connections.
    Refusing(TcpSocket),
    /// Listens with a full queue: the system drops what asks for a connection.
    Hole(TcpListener, Vec<TcpStream>),
}

impl Bound {
    /// What the behaviour needs, made from what there is.
    pub(super) async fn turn(self, behaviour: LinkBehaviour, address: SocketAddr) -> io::Result<Self> {
        match (behaviour, self) {
            (LinkBehaviour::Refuses, Self::Refusing(socket)) => Ok(Self::Refusing(socket)),
            (LinkBehaviour::Refuses, other) => {
                drop(other);
                Ok(Self::Refusing(bind(address).await?))
            }
            (LinkBehaviour::BlackHole, Self::Hole(listener, fillers)) => Ok(Self::Hole(listener, fillers)),
            (LinkBehaviour::BlackHole, other) => {
                drop(other);
                let listener = bind(address).await?.listen(BACKLOG_OF_HOLE)?;
                let fillers = fill(address).await;
                Ok(Self::Hole(listener, fillers))
            }
            (_, Self::Open(listener)) => Ok(Self::Open(listener)),
            (_, Self::Refusing(socket)) => Ok(Self::Open(socket.listen(BACKLOG)?)),
            (_, hole @ Self::Hole(..)) => {
                drop(hole);
                Ok(Self::Open(bind(address).await?.listen(BACKLOG)?))
            }
        }
    }
}

async fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let mut attempt = 1;
    loop {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // Connections of the former listener may still linger on the port.
        socket.set_reuseaddr(true)?;
        match socket.bind(address) {
            Ok(()) => return Ok(socket),
            Err(error) if attempt == BIND_ATTEMPTS => return Err(error),
            Err(_) => tokio::time::sleep(BIND_PAUSE).await,
        }
        attempt += 1;
    }
}

/// Takes every place in the queue of a listener that nobody serves.
async fn fill(address: SocketAddr) -> Vec<TcpStream> {
    let mut fillers = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(FULL_AFTER, TcpStream::connect(address)).await {
        fillers.push(stream);
    }
    fillers
}
