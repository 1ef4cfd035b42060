//! The way of an embedded request from any thread to a worker: a bounded channel that never blocks.

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::net::{Delivery, Exchange};
use crate::pipeline::{Inbox, Incoming};

/// Requests that may wait for one worker; more are refused at once.
pub(super) const HANDOVER_MAX: usize = 1024;

/// What an embedding program tells a worker.
#[derive(Debug)]
pub(super) enum Handover {
    /// A request to be answered.
    Request(Bytes, Exchange),
    /// The final receipt of this payment has reached the caller.
    Settled { key: u128, delivery: Delivery },
}

/// Moves what comes in into the worker's inbox until all handles are gone.
pub(super) async fn hand_over(mut from: mpsc::Receiver<Handover>, inbox: Inbox) {
    while let Some(handover) = from.recv().await {
        inbox.push(match handover {
            Handover::Request(body, exchange) => Incoming::Request { body, exchange },
            Handover::Settled { key, delivery } => Incoming::Settled { key, delivery: Some(delivery) },
        });
    }
}
