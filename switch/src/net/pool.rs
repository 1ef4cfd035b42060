//! The connections of a line: opened within their time, kept while they are of use.

use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use tokio::task::spawn_local;
use tokio::time::timeout;

use super::Sent;
use super::line::Line;
use super::link::{ErrorKind, Slot};
use super::meter::{Meter, MeteredStream, Nobody};
use super::timed::timed_connection;
use super::transport::ConnectFault;
use crate::metrics::Stage;

/// One keep-alive connection and its clock.
pub(super) struct Pooled {
    pub(super) sender: SendRequest<Full<Bytes>>,
    pub(super) meter: Rc<Meter<Nobody>>,
    /// The TLS generation that it was opened in: certificates are judged anew with each.
    generation: u64,
}

/// Why there is no connection.
pub(super) enum Obstacle {
    /// The link's fault.
    Fault(ErrorKind),
    /// Something else took its place: the link takes no more messages.
    Moved,
}

impl Line {
    /// A connection that is ready to send, and whether it is a fresh one.
    pub(super) async fn connection(&self, slot: &Slot, send_before: Instant) -> Result<(Pooled, bool), Obstacle> {
        loop {
            let pooled = self.idle.borrow_mut().pop();
            let Some(mut pooled) = pooled else { break };
            let is_current = pooled.generation == self.connector.generation();
            if is_current && pooled.sender.ready().await.is_ok() {
                return Ok((pooled, false));
            }
            self.forget(slot);
        }
        if self.open.get() >= self.config.connections_max {
            return Err(Obstacle::Fault(ErrorKind::Full));
        }
        self.count(slot, self.open.get() + 1);
        let began = Instant::now();
        let connected = self.connect_in_time(send_before.saturating_duration_since(began)).await;
        match &connected {
            Ok(_) => slot.connect.record(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)),
            Err(_) => self.forget(slot),
        }
        // It is not used for this message any more, but it is there for the next.
        match connected {
            Ok(pooled) if Instant::now() >= send_before => {
                self.idle.borrow_mut().push(pooled);
                Err(Obstacle::Fault(ErrorKind::Late))
            }
            Ok(pooled) => Ok((pooled, true)),
            Err(obstacle) => Err(obstacle),
        }
    }

    /// Connects, unless it takes too long or the link loses its place meanwhile.
    async fn connect_in_time(&self, left: Duration) -> Result<Pooled, Obstacle> {
        let limit = left.min(self.config.connect_timeout);
        tokio::select! {
            biased;
            connected = timeout(limit, self.connect()) => match connected {
                Ok(connected) => connected.map_err(Obstacle::Fault),
                Err(_) if left < self.config.connect_timeout => Err(Obstacle::Fault(ErrorKind::Late)),
                Err(_) => Err(Obstacle::Fault(ErrorKind::ConnectTimedOut)),
            },
            () = self.replaced() => Err(Obstacle::Moved),
        }
    }

    /// Resolves when this link takes no new messages any more.
    async fn replaced(&self) {
        loop {
            let moved = self.bundle.moved();
            if !self.bundle.takers().contains(self.link) {
                return;
            }
            moved.await;
        }
    }

    async fn connect(&self) -> Result<Pooled, ErrorKind> {
        let generation = self.connector.generation();
        let stream = self.connector.connect(&self.config.authority).await.map_err(kind_of)?;
        let meter = Meter::new();
        let stream = MeteredStream::new(stream, Rc::clone(&meter));
        let handshake = http1::Builder::new().max_headers(64).handshake(stream).await;
        let (sender, connection) = handshake.map_err(|_| ErrorKind::Refused)?;
        let connection = timed_connection(connection, self.spent.clone(), Rc::clone(&meter), Stage::Forward);
        spawn_local(async move {
            // How the connection ends is seen by the exchange that is on it.
            let _ = connection.await;
        });
        Ok(Pooled { sender, meter, generation })
    }

    /// Closes idle connections that will not be used again: those of a link that takes nothing, those that the other side
    /// closed, and those of certificates that were replaced.
    pub(super) fn tidy(&self) {
        let Some(slot) = self.bundle.slot(self.worker, self.link) else { return };
        let takes = self.bundle.takers().contains(self.link);
        let generation = self.connector.generation();
        let mut idle = self.idle.borrow_mut();
        let before = idle.len();
        idle.retain(|pooled| takes && pooled.generation == generation && !pooled.sender.is_closed());
        let closed = before - idle.len();
        drop(idle);
        self.count(slot, self.open.get().saturating_sub(closed));
    }

    /// A connection is gone.
    pub(super) fn forget(&self, slot: &Slot) {
        self.count(slot, self.open.get().saturating_sub(1));
    }

    fn count(&self, slot: &Slot, open: usize) {
        self.open.set(open);
        slot.set_connections(open);
    }
}

/// What a fault counts as. Not a byte of a request has left with any of them.
const fn kind_of(fault: ConnectFault) -> ErrorKind {
    match fault {
        ConnectFault::Refused => ErrorKind::Refused,
        ConnectFault::Handshake | ConnectFault::Certificate(_) => ErrorKind::Handshake,
    }
}

impl Pooled {
    /// The last byte of the request written, and the first byte of the answer read.
    pub(super) fn sent(&self) -> Sent {
        Sent { written: self.meter.last_write(), answered: self.meter.first_read() }
    }
}
