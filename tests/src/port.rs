//! A port that stays ours over restarts of the node.
//!
//! Invariant: between two runs of a node nobody else can take its port: a socket that is bound with `SO_REUSEPORT` and
//! never listens keeps it, and lets the node, which binds with the same option, listen on it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};

/// A bound, silent socket on a port that the system chose.
#[derive(Debug)]
pub struct HeldPort {
    address: SocketAddr,
    _socket: Socket,
}

impl HeldPort {
    /// Takes a free port of 127.0.0.1.
    ///
    /// # Errors
    /// As the system says.
    pub fn take() -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
        let address = socket.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Self { address, _socket: socket })
    }

    /// The address.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}
