//! One connection, plain or TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsStream;
use tokio_rustls::rustls::CommonState;

use super::port::Port;

/// A connection that is ready for its first byte of HTTP.
#[derive(Debug)]
pub enum Transport {
    /// As it is on the wire.
    Plain(TcpStream),
    /// Behind a finished handshake with a peer that has proved who it is.
    Tls(TlsPipe),
}

/// The inside of a TLS connection.
#[derive(Debug)]
pub struct TlsPipe(Box<TlsStream<Port>>);

impl TlsPipe {
    pub(super) fn new(stream: impl Into<TlsStream<Port>>) -> Self {
        Self(Box::new(stream.into()))
    }

    pub(super) fn port(&mut self) -> &mut Port {
        self.0.get_mut().0
    }

    pub(super) fn session(&self) -> &CommonState {
        self.0.get_ref().1
    }
}

/// Calls the same method of whatever is inside.
macro_rules! inside {
    ($transport:expr, $stream:ident => $call:expr) => {
        match $transport.get_mut() {
            Transport::Plain(stream) => {
                let $stream = Pin::new(stream);
                $call
            }
            Transport::Tls(TlsPipe(stream)) => {
                let $stream = Pin::new(stream.as_mut());
                $call
            }
        }
    };
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        inside!(self, stream => stream.poll_read(cx, buf))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        inside!(self, stream => stream.poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        inside!(self, stream => stream.poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        inside!(self, stream => stream.poll_shutdown(cx))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(TlsPipe(stream)) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        inside!(self, stream => stream.poll_write_vectored(cx, bufs))
    }
}
