//! The face of an embedded node.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::handover::Handover;
use crate::error::{Error, Fault};
use crate::net::transport::Identity;
use crate::net::{Delivery, Exchange, Reply};

/// Puts signed messages into a running node from any thread or runtime. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    workers: Arc<[mpsc::Sender<Handover>]>,
    next: Arc<AtomicUsize>,
}

impl Handle {
    pub(super) fn new(workers: Vec<mpsc::Sender<Handover>>) -> Self {
        Self { workers: workers.into(), next: Arc::new(AtomicUsize::new(0)) }
    }

    /// Submits one signed message, as a participant would post it, and waits for the signed answer: a receipt, an answer
    /// to a query, or a 303 that names the fault. The same rules hold as on the wire; a payment's answer may take as long
    /// as the receipt deadline (20 s unless configured otherwise).
    ///
    /// Dropping the future does not take the payment back: what was accepted goes on, and its outcome is asked with 301.
    ///
    /// # Errors
    /// [`Fault::Caller`] for bytes that are no readable message (HTTP would answer 400), when the worker's queue is full,
    /// and when the node has stopped; nothing was done then, except that a node which stopped may have taken the message.
    pub async fn submit(&self, message: Bytes) -> Result<Bytes, Error> {
        let worker = self.worker()?;
        let first_byte = Instant::now();
        let (exchange, waiting) = Exchange::open(first_byte, Identity::Anyone);
        worker.try_send(Handover::Request(message, exchange)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Error::new(Fault::Caller, "too many messages at once")
                .remedy("submit fewer at a time; nothing was done"),
            mpsc::error::TrySendError::Closed(_) => stopped(),
        })?;
        let reply = waiting.await.map_err(|_| stopped())?;
        deliver(worker, reply, first_byte).await
    }

    fn worker(&self) -> Result<&mpsc::Sender<Handover>, Error> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.workers.get(turn % self.workers.len().max(1)).ok_or_else(stopped)
    }
}

/// Hands the reply to the caller, and tells the worker that a final receipt has arrived.
async fn deliver(worker: &mpsc::Sender<Handover>, reply: Reply, first_byte: Instant) -> Result<Bytes, Error> {
    if reply.message_type.is_none() {
        let what = String::from_utf8_lossy(&reply.body).trim().to_owned();
        return Err(Error::new(Fault::Caller, what));
    }
    if reply.receipt_of != 0 {
        let delivery = Delivery::new(first_byte, Instant::now(), reply.bank_wait_us, reply.passage);
        // If the worker is gone, the restart tells the institution by notice.
        let _ = worker.send(Handover::Settled { key: reply.receipt_of, delivery }).await;
    }
    Ok(reply.body)
}

fn stopped() -> Error {
    Error::new(Fault::Stopped, "the node has stopped").remedy("ask for the outcome with 301 once it runs again")
}
