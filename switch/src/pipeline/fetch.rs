//! Payments that have left the memory: read from their shelves away from the worker's thread, as resting ones are from the journal.
//!
//! What needs one comes in again with it. Where a change follows, the payment is brought back into memory first, and stays there until
//! a later run of retirement. Invariant: what is brought back is the newest step that ever left.

use std::sync::Arc;

use clearway_codec::value::ReturnCode;

use super::arrival::{Arrival, Origin};
use super::change::Change;
use super::inbox::Incoming;
use super::known::{Fetched, Wanted};
use super::reply::{Answering, PendingReply};
use super::shared::Shared;
use super::worker::Worker;
use crate::domain::transaction::{Effect, Effects, Payment};
use crate::error::Error;
use crate::table::{Recalled, Table};

/// What comes in again with what was fetched.
#[derive(Debug)]
pub(crate) enum Errand {
    /// A verified message.
    Message(Box<Arrival>),
    /// A change of another payment.
    Change(Box<Change>),
}

/// Why a payment was not fetched.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The shelf cannot be read.
    Shelf(Error),
    /// The memory holds as many payments as it may.
    Full,
}

impl Worker {
    /// Has what is wanted read; the errand comes in again with it.
    pub(super) fn fetch(&self, wanted: Wanted, fetched: Fetched, errand: Errand) {
        let (shared, inbox) = (Arc::clone(&self.shared), self.inbox.clone());
        tokio::task::spawn_local(async move {
            let read = tokio::task::spawn_blocking(move || read(&shared, wanted, fetched)).await;
            // The runtime ends: nobody waits any more.
            if let Ok(fetched) = read {
                inbox.push(Incoming::Fetched { errand, fetched });
            }
        });
    }

    /// The errand goes on with what was fetched, or is put off.
    pub(super) fn fetched(&mut self, errand: Errand, fetched: Result<Fetched, Failure>) {
        match (errand, fetched) {
            (Errand::Message(arrival), Ok(fetched)) => self.returned.push((*arrival, fetched)),
            (Errand::Change(mut change), Ok(_)) => {
                change.is_fetched = true;
                self.changes.push(*change);
            }
            (Errand::Message(arrival), Err(failure)) => self.cannot_tell(*arrival, &failure),
            (Errand::Change(change), Err(failure)) => {
                tell(&failure);
                self.revived(*change, None);
            }
        }
    }

    /// The payment on which a refund gives back what it had reserved, if it is not in memory any more.
    pub(super) fn missing_original(&self, change: &Change, next: &Payment, effects: &Effects) -> Option<u128> {
        if change.is_fetched || !effects.contains(Effect::ReleaseRefund) {
            return None;
        }
        let original = next.original()?;
        (self.shared.table.get(original).is_none() && self.shared.shelves.may_hold(original)).then_some(original)
    }

    /// Who asks is told to ask again; an answer is left to the next query or notice.
    fn cannot_tell(&mut self, arrival: Arrival, failure: &Failure) {
        tell(failure);
        let Arrival { bytes, origin: Origin::Request(exchange), fields, .. } = arrival else { return };
        let code = match failure {
            Failure::Shelf(_) => ReturnCode::ES000098,
            Failure::Full => ReturnCode::PS500001,
        };
        let request = fields.map(|fields| (bytes, fields));
        self.replies.push(PendingReply { exchange, request, answering: Answering::Refuse(code) });
    }
}

fn tell(failure: &Failure) {
    match failure {
        Failure::Shelf(error) => tracing::error!(%error, "a payment cannot be read from its shelf"),
        Failure::Full => tracing::warn!("a payment cannot be brought back: limits.payments_max are in memory"),
    }
}

fn read(shared: &Shared, wanted: Wanted, mut fetched: Fetched) -> Result<Fetched, Failure> {
    let shelves = &shared.shelves;
    fetched.begin(shelves.placed());
    match wanted {
        Wanted::ToTell(key) => fetched.add_payment(key, shelves.find(key).map_err(Failure::Shelf)?),
        Wanted::ToChange(key) => {
            if !bring_back(shared, &shared.table, key)? {
                fetched.add_payment(key, None);
            }
        }
        Wanted::Order(institution, digest) => {
            let found = shelves.find_order(institution, digest).map_err(Failure::Shelf)?;
            fetched.add_order(institution, digest, found);
        }
    }
    Ok(fetched)
}

/// Brings a payment back into memory; false when no shelf has it.
fn bring_back(shared: &Shared, table: &Table, key: u128) -> Result<bool, Failure> {
    let shelves = &shared.shelves;
    loop {
        let placed = shelves.placed();
        let Some(image) = shelves.find(key).map_err(Failure::Shelf)? else { return Ok(false) };
        shelves.note_recalled(key, shared.clock.now_micros());
        // Another may have brought it back, changed it, and it may have left again: then a newer shelf has it.
        match table.recall(&image, || shelves.placed() == placed) {
            Recalled::Here => return Ok(true),
            Recalled::Stale => {}
            Recalled::Full => return Err(Failure::Full),
        }
    }
}
