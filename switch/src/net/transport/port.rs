//! A TCP stream that can change reactors.
//!
//! The handshake of a connection is done on the door's thread and the connection then lives on a worker's. tokio ties a socket
//! to the reactor on which it was made, and the TLS library keeps the socket inside; so the socket is taken from one reactor
//! and given to the other inside this type.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A socket, on a reactor or on its way to one. While it is on its way, reading and writing fail.
#[derive(Debug)]
pub(super) enum Port {
    Docked(TcpStream),
    Moving(Option<std::net::TcpStream>),
}

impl Port {
    /// Takes the socket from its reactor.
    pub(super) fn undock(&mut self) -> io::Result<()> {
        if let Self::Docked(stream) = std::mem::replace(self, Self::Moving(None)) {
            *self = Self::Moving(Some(stream.into_std()?));
        }
        Ok(())
    }

    /// Gives the socket to the reactor of the thread that calls.
    pub(super) fn dock(&mut self) -> io::Result<()> {
        if let Self::Moving(stream) = self {
            *self = Self::Docked(TcpStream::from_std(stream.take().ok_or_else(moving)?)?);
        }
        Ok(())
    }

    fn docked(self: Pin<&mut Self>) -> io::Result<Pin<&mut TcpStream>> {
        match self.get_mut() {
            Self::Docked(stream) => Ok(Pin::new(stream)),
            Self::Moving(_) => Err(moving()),
        }
    }
}

fn moving() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the socket is on no reactor")
}

impl AsyncRead for Port {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.docked()?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Port {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.docked()?.poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.docked()?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.docked()?.poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.docked()?.poll_write_vectored(cx, bufs)
    }
}
