//! The listening socket, or what stands in its place.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use super::plan::Door;

/// What somebody finds at the address; the port itself is held by somebody else.
#[derive(Debug)]
pub(super) enum Threshold {
    Open(TcpListener),
    Refused,
    /// A listener whose queue is full: the kernel drops every further SYN.
    Hung {
        _listener: Socket,
        _filler: Socket,
    },
}

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1_024;

impl Threshold {
    pub(super) fn new(door: Door, address: SocketAddr) -> io::Result<Self> {
        Ok(match door {
            Door::Open => {
                let listener = listen(address, BACKLOG)?;
                listener.set_nonblocking(true)?;
                Self::Open(TcpListener::from_std(listener.into())?)
            }
            Door::Refused => Self::Refused,
            Door::Hung => {
                // A queue for 0 takes one.
                let listener = listen(address, 0)?;
                let filler = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
                filler.connect(&address.into())?;
                Self::Hung { _listener: listener, _filler: filler }
            }
        })
    }

    /// The next connection; never, where there is nobody.
    pub(super) async fn accept(&self) -> io::Result<TcpStream> {
        match self {
            Self::Open(listener) => listener.accept().await.map(|(stream, _)| stream),
            Self::Refused | Self::Hung { .. } => std::future::pending().await,
        }
    }
}

fn listen(address: SocketAddr, backlog: i32) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    Ok(socket)
}
