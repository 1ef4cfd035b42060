//! One accepted connection: who is at its other end, and what of it is not finished.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use tokio::sync::Notify;

use crate::metrics::Passage;
use crate::net::meter::{Meter, OnFlush};
use crate::net::sweep::Receiving;
use crate::net::transport::{Identity, Peer};
use crate::net::{Delivery, Gate};

/// One accepted connection.
pub(super) struct Connection<G: Gate> {
    pub(super) meter: Rc<Meter<Settled<G>>>,
    pub(super) body_since: Cell<Option<Instant>>,
    pub(super) ended: Notify,
    /// For whom it speaks.
    pub(super) identity: Identity,
    /// What the peer has shown; none on plain TCP.
    pub(super) peer: Option<Box<Peer>>,
    /// The TLS generation that has last judged the peer.
    pub(super) generation: Cell<u64>,
    /// Its certificate no longer stands: it takes nothing new.
    pub(super) is_condemned: Cell<bool>,
    /// It is to end after what it has in process.
    pub(super) retired: Notify,
}

impl<G: Gate> Receiving for Connection<G> {
    fn receiving_since(&self) -> Option<Instant> {
        self.body_since.get().or_else(|| self.meter.first_read())
    }

    fn end(&self) {
        self.ended.notify_one();
    }
}

/// Reports the delivery of one receipt.
pub(super) struct Settled<G: Gate> {
    pub(super) gate: G,
    pub(super) receipt_of: u128,
    pub(super) first_byte: Instant,
    pub(super) bank_wait_us: u64,
    pub(super) passage: Option<Passage>,
}

impl<G: Gate> OnFlush for Settled<G> {
    fn settle(self, flushed: Option<Instant>) {
        let delivery = flushed.map(|at| Delivery::new(self.first_byte, at, self.bank_wait_us, self.passage));
        self.gate.settled(self.receipt_of, delivery);
    }
}
