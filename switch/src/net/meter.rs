//! A connection that notes when bytes really moved.
//!
//! The in-platform time of a payment runs from the first byte of its request to the last byte of its receipt, less
//! the banks' time. HTTP libraries do not tell these instants, so [`MeteredStream`] stands between the socket and the
//! library and notes them in a [`Meter`] that the exchange also holds. Called by `ingress` and `egress`.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;

use super::transport::Transport;

/// Something to be told once the bytes written so far have all been handed to the kernel, or never will be.
pub trait OnFlush {
    /// `flushed` is the instant of the last byte; none if the connection ended first.
    fn settle(self, flushed: Option<Instant>);
}

/// For streams on which nobody waits for a flush.
#[derive(Debug)]
pub enum Nobody {}

impl OnFlush for Nobody {
    fn settle(self, _: Option<Instant>) {}
}

/// The instants of one connection, shared by its stream and its exchange.
#[derive(Debug)]
pub struct Meter<F: OnFlush> {
    first_read: Cell<Option<Instant>>,
    last_write: Cell<Option<Instant>>,
    dirty: Cell<bool>,
    /// A flush has found bytes that the kernel would not take yet.
    stalled: Cell<bool>,
    waiting: RefCell<Option<F>>,
}

impl<F: OnFlush> Meter<F> {
    /// A meter that has seen nothing.
    #[must_use]
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            first_read: Cell::new(None),
            last_write: Cell::new(None),
            dirty: Cell::new(false),
            stalled: Cell::new(false),
            waiting: RefCell::new(None),
        })
    }

    /// The instant of the first read since the last call, and forgets it.
    pub fn take_first_read(&self) -> Option<Instant> {
        self.first_read.take()
    }

    /// The instant of the first read since it was last taken.
    pub fn first_read(&self) -> Option<Instant> {
        self.first_read.get()
    }

    /// The instant of the last write.
    pub fn last_write(&self) -> Option<Instant> {
        self.last_write.get()
    }

    /// `told` learns when what is written from now on has left.
    pub fn await_flush(&self, told: F) {
        self.dirty.set(false);
        if let Some(earlier) = self.waiting.replace(Some(told)) {
            earlier.settle(None);
        }
    }

    fn wrote(&self) {
        self.last_write.set(Some(Instant::now()));
        self.dirty.set(true);
    }

    fn flushed(&self) {
        if self.stalled.replace(false) {
            self.last_write.set(Some(Instant::now()));
        }
        if self.dirty.replace(false)
            && let Some(told) = self.waiting.take()
        {
            told.settle(self.last_write.get());
        }
    }
}

/// A connection under a [`Meter`].
#[derive(Debug)]
pub struct MeteredStream<F: OnFlush> {
    inner: TokioIo<Transport>,
    meter: Rc<Meter<F>>,
}

impl<F: OnFlush> MeteredStream<F> {
    /// Puts `stream` under `meter`.
    #[must_use]
    pub fn new(stream: Transport, meter: Rc<Meter<F>>) -> Self {
        Self { inner: TokioIo::new(stream), meter }
    }
}

impl<F: OnFlush> Drop for MeteredStream<F> {
    fn drop(&mut self) {
        if let Some(told) = self.meter.waiting.take() {
            told.settle(None);
        }
    }
}

impl<F: OnFlush> Read for MeteredStream<F> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.inner).poll_read(cx, buf));
        if self.meter.first_read.get().is_none() {
            self.meter.first_read.set(Some(Instant::now()));
        }
        Poll::Ready(read)
    }
}

impl<F: OnFlush> Write for MeteredStream<F> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write(cx, buf));
        self.meter.wrote();
        Poll::Ready(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.inner).poll_flush(cx) {
            Poll::Pending => {
                self.meter.stalled.set(true);
                Poll::Pending
            }
            Poll::Ready(flushed) => {
                if flushed.is_ok() {
                    self.meter.flushed();
                }
                Poll::Ready(flushed)
            }
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.inner).poll_write_vectored(cx, bufs));
        self.meter.wrote();
        Poll::Ready(written)
    }
}
