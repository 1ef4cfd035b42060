//! Payments that were under way when the node stopped: taken up again without a person (business.md, order of truth).
//!
//! A leg that may have been sent is unknown and is queried; every exchange is gone; what was waiting for a query or a
//! notice goes on waiting. Runs before the worker's first burst.

use bytes::Bytes;
use clearway_codec::Decoder;

use super::change::Change;
use super::flight::Flight;
use super::timeout;
use super::worker::Worker;
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
            let mut flight = read_flight(&self.shared.journal, &mut decoder, payment)?;
            flight.serials = read_serials(&self.shared.journal, payment);
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
                self.changes.push(Change::event(payment.trx_id, Event::LegUnknown(leg, UnknownCause::Broken)));
            }
        }
        self.inbox.wake();
        Ok(())
    }
}

fn leg_out(payment: &Payment) -> Option<Leg> {
    match payment.phase {
        Phase::Leg1Sent => Some(Leg::One),
        Phase::Leg2Sent => Some(Leg::Two),
        Phase::Leg1Unknown | Phase::Leg2Unknown | Phase::Final => None,
    }
}

fn read_flight(journal: &Journal, decoder: &mut Decoder, payment: &Payment) -> Result<Box<Flight>, Error> {
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
    Ok(Flight::new(request, fields, None))
}

/// The serial of leg 1 for the receipts still to come; a receipt without it is complete all the same.
fn read_serials(journal: &Journal, payment: &Payment) -> [Option<Bytes>; 2] {
    let serial = || {
        let record = journal.read(Position(payment.receipt_position)).ok()?;
        let view = RecordView::decode(&record).ok()?;
        let answer = message(&view, Role::LegAnswer, Party::Bank1)
            .or_else(|| message(&view, Role::QueryAnswer, Party::Bank1))?;
        let mut decoder = Decoder::new();
        let checked = decoder.decode(&answer).ok()?.check().ok()?;
        checked.field(clearway_codec::catalogue::Field::DbtrBankId).map(|serial| answer.slice_ref(serial))
    };
    [if payment.receipt_position == 0 { None } else { serial() }, None]
}

fn message(view: &RecordView<'_>, role: Role, party: Party) -> Option<Bytes> {
    view.attachments()
        .find(|attachment| attachment.role == role && attachment.party == party)
        .map(|attachment| Bytes::copy_from_slice(attachment.message))
}
