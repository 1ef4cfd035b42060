//! The sockets: bound before anything else, so that an address in use is seen at once; listening only when the table is
//! restored, so that nobody waits on a node that cannot answer.

use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::error::{Error, Fault};

/// Connections that the kernel may hold for us before we accept them.
const BACKLOG: i32 = 4096;

/// Sockets of all workers on one address; the kernel spreads connections over them.
#[derive(Debug)]
pub(super) struct Bound {
    sockets: Vec<Socket>,
    address: SocketAddr,
}

impl Bound {
    /// Binds one socket a worker; port 0 lets the system choose one port for all.
    pub(super) fn bind(address: SocketAddr, workers: usize) -> Result<Self, Error> {
        let mut bound = Self { sockets: Vec::with_capacity(workers), address };
        for _ in 0..workers {
            let socket = bind_once(bound.address).map_err(|error| cannot_listen(bound.address, error))?;
            let local = socket.local_addr().map_err(|error| cannot_listen(address, error))?;
            bound.address = local.as_socket().unwrap_or(address);
            bound.sockets.push(socket);
        }
        Ok(bound)
    }

    /// The address, with the port that the system chose.
    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets connections come in.
    pub(super) fn listen(self) -> Result<Vec<TcpListener>, Error> {
        let address = self.address;
        let listen = |socket: Socket| socket.listen(BACKLOG).map(|()| socket.into());
        self.sockets.into_iter().map(|socket| listen(socket).map_err(|error| cannot_listen(address, error))).collect()
    }
}

fn bind_once(address: SocketAddr) -> std::io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM.nonblocking().cloexec(), Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn cannot_listen(address: SocketAddr, error: std::io::Error) -> Error {
    Error::new(Fault::Environment, "cannot listen")
        .at(address.to_string())
        .remedy("choose another address, or port 0")
        .caused_by(error)
}
