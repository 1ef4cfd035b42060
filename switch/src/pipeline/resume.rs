//! Payments that were under way when the node stopped: taken up again without a person (business.md, order of truth).
//!
//! A leg that may have been sent is unknown and is queried; every exchange is gone; what was waiting for a query or a
//! notice goes on waiting. Runs before the worker's first burst.

use std::sync::Arc;

use bytes::Bytes;
use clearway_codec::catalogue::Field;
use clearway_codec::value::ReturnCode;
use clearway_codec::{Checked, Decoder, Fields};

use super::change::Change;
use super::disclose::open;
use super::flight::Flight;
use super::inbox::Incoming;
use super::reply::{Answering, PendingReply};
use super::shared::Shared;
use super::timeout;
use super::worker::Worker;
use crate::domain::business::rules;
use crate::domain::record::{RecordView, Role};
use crate::domain::transaction::{Event, Leg, Party, Payment, Phase, UnknownCause};
use crate::error::{Error, Fault};
use crate::journal::{Journal, Position};
use crate::metrics::Level;

impl Worker {
    /// Takes up `payments`, which must be this worker's share of the unfinished ones.
    ///
    /// # Errors
    /// If the journal does not give a payment's request back.
    pub(crate) fn resume(&mut self, payments: &[Payment]) -> Result<(), Error> {
        let mut decoder = Decoder::new();
        for payment in payments {
            if payment.phase == Phase::Waiting {
                self.parked.insert(payment.trx_id);
                self.wheel.insert(payment.due_at_us, payment.trx_id, timeout::DUE);
                self.metrics.raise(Level::UnfinishedPayments);
                continue;
            }
            let flight = read_flight(&self.shared, &mut decoder, payment)?;
            self.flights.insert(payment.trx_id, flight);
            if !payment.is_final() {
                self.metrics.raise(Level::UnfinishedPayments);
            }
            if payment.due_at_us != 0 {
                self.wheel.insert(payment.due_at_us, payment.trx_id, timeout::DUE);
            }
            if !payment.exchange_is_over() {
                self.changes.push(Change::event(payment.trx_id, Event::ReceiptLost));
            }
            if let Some(leg) = leg_out(payment) {
                self.changes.push(Change::resumed(payment.trx_id, Event::LegUnknown(leg, UnknownCause::Broken)));
            }
        }
        self.inbox.wake();
        Ok(())
    }
}

impl Worker {
    /// Has the flight of a payment read back from the journal; the change comes in again with it.
    pub(super) fn revive(&mut self, change: Change, next: &Payment) {
        let (shared, inbox, payment) = (Arc::clone(&self.shared), self.inbox.clone(), *next);
        tokio::task::spawn_local(async move {
            let read = move || read_flight(&shared, &mut Decoder::new(), &payment);
            let flight = match tokio::task::spawn_blocking(read).await {
                Ok(Ok(flight)) => Some(flight),
                Ok(Err(error)) => {
                    tracing::error!(%error, "a resting payment cannot be taken up again");
                    None
                }
                Err(error) => {
                    tracing::error!(%error, "a resting payment cannot be taken up again");
                    None
                }
            };
            inbox.push(Incoming::Revived { change: Box::new(change), flight });
        });
    }

    /// The change goes on with the flight that was read; without one it is put off, and its bringer told so.
    pub(super) fn revived(&mut self, change: Change, flight: Option<Box<Flight>>) {
        let key = change.key;
        match flight {
            Some(flight) => {
                self.parked.remove(&key);
                self.flights.entry(key).or_insert(flight);
                self.changes.push(change);
            }
            None => {
                let now_us = self.shared.clock.now_micros();
                self.wheel.insert(now_us.saturating_add(REVIVE_AGAIN_US), key, timeout::DUE);
                if let Some(PendingReply { exchange, request, .. }) = change.reply.map(|reply| *reply) {
                    let answering = Answering::Refuse(ReturnCode::ES000098);
                    self.replies.push(PendingReply { exchange, request, answering });
                }
            }
        }
    }
}

/// How long a payment waits whose flight could not be read, microseconds.
const REVIVE_AGAIN_US: u64 = 1_000_000;

fn leg_out(payment: &Payment) -> Option<Leg> {
    match payment.phase {
        Phase::Leg1Sent => Some(Leg::One),
        Phase::Leg2Sent => Some(Leg::Two),
        Phase::Leg1Unknown | Phase::Leg2Unknown | Phase::Waiting | Phase::Final => None,
    }
}

fn read_flight(shared: &Shared, decoder: &mut Decoder, payment: &Payment) -> Result<Box<Flight>, Error> {
    let journal = &shared.journal;
    let place = || format!("journal position {}", payment.request_position);
    let record = journal.read(Position(payment.request_position)).map_err(|error| {
        Error::new(Fault::Data, "an unfinished payment's request cannot be read").at(place()).caused_by(error)
    })?;
    let request = RecordView::decode(&record).ok().and_then(|view| message(&view, Role::Request, Party::Institution));
    let request = request.ok_or_else(|| {
        Error::new(Fault::Data, "the record of an unfinished payment does not hold its request").at(place())
    })?;
    let fields = decoder.decode(&request).and_then(|message| message.check()).map(|checked| checked.fields());
    let fields = fields.map_err(|error| {
        Error::new(Fault::Data, "an unfinished payment's request does not pass the schema").at(place()).caused_by(error)
    })?;
    let mut flight = Flight::new(request, fields, None);
    flight.clear = open(shared, &flight.message()).unwrap_or_else(|error| {
        tracing::error!(%error, "the sensitive values of an unfinished payment cannot be opened any more");
        None
    });
    if let Some((answer, fields)) = read_answer(journal, decoder, payment) {
        let serial = Checked::from_parts(&answer, &fields).field(Field::DbtrBankId);
        if let Ok(Some(clear)) = open(shared, &Checked::from_parts(&answer, &fields)) {
            flight.clear.get_or_insert_default().absorb(*clear);
        }
        flight.serials = [serial.map(|serial| answer.slice_ref(serial)), None];
        flight.answer = Some(Box::new((answer, fields))).filter(|_| rules(payment.business).echoes_answer());
    }
    Ok(flight)
}

/// What the bank of leg 1 said, for the receipts still to come; a receipt without it is complete all the same.
fn read_answer(journal: &Journal, decoder: &mut Decoder, payment: &Payment) -> Option<(Bytes, Fields)> {
    if payment.receipt_position == 0 {
        return None;
    }
    let record = journal.read(Position(payment.receipt_position)).ok()?;
    let view = RecordView::decode(&record).ok()?;
    let answer = [Role::Report, Role::LegAnswer, Role::QueryAnswer]
        .into_iter()
        .find_map(|role| message(&view, role, Party::Bank1))?;
    let fields = decoder.decode(&answer).ok()?.check().ok()?.fields();
    Some((answer, fields))
}

fn message(view: &RecordView<'_>, role: Role, party: Party) -> Option<Bytes> {
    view.attachments()
        .find(|attachment| attachment.role == role && attachment.party == party)
        .map(|attachment| Bytes::copy_from_slice(attachment.message))
}
