//! What came, and what it means: a change, a reply, or both.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use clearway_codec::catalogue::Field;
use clearway_codec::value::ReturnCode;
use clearway_codec::{Checked, Fields};

use super::admit::{Admission, Decision, Question, Report, admit};
use super::arrival::{Arrival, Origin};
use super::change::{Cause, Change, Evidence};
use super::disclose::open;
use super::fetch::Errand;
use super::flight::Flight;
use super::inbox::{Incoming, Purpose, Ticket};
use super::known::{Fetched, Known};
use super::reply::{Answering, PendingReply};
use super::resolve::{Asked, resolve, resolve_silence};
use super::worker::Worker;
use crate::domain::business::rules;
use crate::domain::link::LinkNumber;
use crate::domain::record::Role;
use crate::domain::statistics::{LegEnd, LegKind, account_type};
use crate::domain::transaction::{Event, Leg, Party, Payment, UnknownCause};
use crate::metrics::{Count, LegOutcome, Timing};
use crate::net::{Answer, Delivery, Exchange};

impl Worker {
    /// Takes what has come; messages go on to decode, the rest becomes events.
    pub(super) fn receive(&mut self) {
        let mut incoming = std::mem::take(&mut self.incoming);
        self.inbox.take(&mut incoming);
        for incoming in incoming.drain(..) {
            match incoming {
                Incoming::Request { body, exchange } => {
                    self.arrivals.push(Arrival::new(body, Origin::Request(exchange)))
                }
                Incoming::Answer { ticket, answer, sent, came, link } => {
                    self.hear(ticket, sent, came);
                    self.receive_answer(ticket, answer, sent.wait_us(), link)
                }
                Incoming::Settled { key, delivery } => self.settle(key, delivery),
                Incoming::HeldBack { ticket, message } => self.send_held_back(ticket, message),
                Incoming::Revived { change, flight } => self.revived(*change, flight),
                Incoming::Fetched { errand, fetched } => self.fetched(errand, fetched),
                Incoming::Stored { exchange, payment, request, receipt } => {
                    self.answer_stored(exchange, *payment, *request, receipt)
                }
            }
        }
        self.incoming = incoming;
    }

    fn receive_answer(&mut self, ticket: Ticket, answer: Answer, wait_us: u64, link: LinkNumber) {
        self.metrics.participant_in_flight(ticket.participant, false);
        if let Purpose::Leg(leg) = ticket.purpose {
            if let Some(flight) = self.flights.get_mut(&ticket.key) {
                flight.bank_wait_us = flight.bank_wait_us.saturating_add(wait_us);
            }
            self.metrics.record(if leg == Leg::One { Timing::Leg1 } else { Timing::Leg2 }, wait_us);
        }
        match answer {
            Answer::Message(bytes) => self.arrivals.push(Arrival::new(bytes, Origin::Answer(ticket, wait_us, link))),
            silence => {
                if let Some(event) = resolve_silence(ticket.purpose, &silence) {
                    if let Some(payment) = self.shared.table.get(ticket.key) {
                        self.note_leg(&payment, ticket, &event, wait_us);
                    }
                    self.changes.push(Change { link, ..Change::event(ticket.key, event) });
                }
            }
        }
    }

    fn settle(&mut self, key: u128, delivery: Option<Delivery>) {
        if let Some(delivery) = delivery {
            self.metrics.record(Timing::Internal, delivery.internal_us);
            self.account(key, delivery);
        }
        let event = if delivery.is_some() { Event::ReceiptDelivered } else { Event::ReceiptLost };
        self.changes.push(Change::event(key, event));
    }

    /// What each message of the burst means: a change, a reply, or both.
    pub(super) fn sort(&mut self, now_us: u64) {
        let mut arrivals = std::mem::take(&mut self.arrivals);
        for arrival in arrivals.drain(..) {
            self.sort_one(arrival, None, now_us);
        }
        self.arrivals = arrivals;
        for (arrival, fetched) in std::mem::take(&mut self.returned) {
            self.sort_one(arrival, Some(fetched), now_us);
        }
    }

    fn sort_one(&mut self, arrival: Arrival, fetched: Option<Fetched>, now_us: u64) {
        match arrival.origin {
            Origin::Answer(ticket, wait_us, link) => self.sort_answer(ticket, wait_us, link, arrival, fetched),
            Origin::Request(_) => self.sort_request(arrival, fetched, now_us),
        }
    }

    fn sort_answer(
        &mut self,
        ticket: Ticket,
        wait_us: u64,
        link: LinkNumber,
        arrival: Arrival,
        fetched: Option<Fetched>,
    ) {
        let known = Known::new(&self.shared, fetched.as_ref());
        let Some(payment) = known.get_to_change(ticket.key) else {
            // It came so late that its payment has left the memory.
            if let Some(wanted) = known.wanted() {
                self.fetch(wanted, fetched.unwrap_or_default(), Errand::Message(Box::new(arrival)));
            }
            return;
        };
        let (party, role) = match ticket.purpose {
            Purpose::Leg(leg) => (leg.bank(), Role::LegAnswer),
            Purpose::Query(leg) => (leg.bank(), Role::QueryAnswer),
            Purpose::Notice(party) => (party, Role::NoticeAnswer),
        };
        let Some(asked) = self.shared.participants.get(ticket.participant) else { return };
        let row = rules(payment.business);
        let resolved = resolve(&Asked { ticket, expected: &asked.id, row }, &arrival);
        if resolved.is_unsigned {
            self.shared.links.note_bad_signature(ticket.participant, link, self.number);
        }
        let Some(event) = resolved.event else { return };
        self.note_leg(&payment, ticket, &event, wait_us);
        let serial = match ticket.purpose {
            Purpose::Leg(leg) | Purpose::Query(leg) => resolved.serial.map(|serial| (leg, serial)),
            Purpose::Notice(_) => None,
        };
        let keeps_answer = row.echoes_answer() && matches!(ticket.purpose, Purpose::Leg(_) | Purpose::Query(_));
        let answer = arrival.fields.filter(|_| keeps_answer).map(|fields| Box::new((arrival.bytes.clone(), fields)));
        let evidence = Some(Evidence { role, party, message: arrival.bytes });
        self.changes.push(Change { evidence, serial, answer, link, ..Change::event(ticket.key, event) });
    }

    /// Counts how a leg ended; `payment` is the transaction as it was before.
    fn note_leg(&self, payment: &Payment, ticket: Ticket, event: &Event, took_us: u64) {
        let Purpose::Leg(leg) = ticket.purpose else { return };
        let outcome = match event {
            Event::LegSucceeded(_) | Event::LegDeferred(_) => LegOutcome::Success,
            Event::LegRefused(..) => LegOutcome::Refused,
            Event::LegNotSent(_) => LegOutcome::NotSent,
            Event::LegUnknown(_, UnknownCause::TimedOut) => LegOutcome::TimedOut,
            Event::LegUnknown(_, UnknownCause::Broken) => LegOutcome::Broken,
            Event::LegUnknown(_, UnknownCause::HttpStatus) => LegOutcome::NotOk,
            Event::LegUnknown(_, UnknownCause::BadSignature) => LegOutcome::BadSignature,
            _ => LegOutcome::Unreadable,
        };
        self.metrics.leg_ended(ticket.participant, leg.index(), outcome);
        let business_ok = outcome == LegOutcome::Success;
        // An answer that nobody waits for any more came too late to be one.
        let is_in_time = payment.phase.open_leg() == Some(leg);
        let system_ok = is_in_time && (business_ok || outcome == LegOutcome::Refused);
        self.statistics
            .note(self.leg_kind(payment, leg, ticket.participant), LegEnd { took_us, business_ok, system_ok });
    }

    /// What the joint statistics count a leg as; `target` was asked.
    fn leg_kind(&self, payment: &Payment, leg: Leg, target: u16) -> LegKind {
        let side: &[Field] = match leg {
            Leg::One => &[Field::PyerAcctTp, Field::SgnAcctTp],
            Leg::Two => &[Field::PyeeAcctTp],
        };
        let request = self.flights.get(&payment.trx_id).map(|flight| flight.message());
        let named = request.and_then(|request| side.iter().find_map(|field| request.field(*field)));
        LegKind {
            business: payment.business.code(),
            leg: leg.code() + 1,
            account_type: account_type(named),
            initiator: payment.institution,
            target,
        }
    }

    fn sort_request(&mut self, arrival: Arrival, fetched: Option<Fetched>, now_us: u64) {
        if fetched.is_none() {
            self.metrics.count(Count::RequestsReceived);
        }
        let (decision, clear) = match (&arrival.fault, arrival.message()) {
            (None, Some(message)) => match open(&self.shared, &message) {
                Ok(clear) => (Some(admit(&self.shared, &message, clear.as_deref(), fetched.as_ref(), now_us)), clear),
                Err(error) => (Some(Decision::Refuse(error.return_code())), None),
            },
            _ => (None, None),
        };
        if let Some(Decision::Fetch(wanted)) = decision {
            self.fetch(wanted, fetched.unwrap_or_default(), Errand::Message(Box::new(arrival)));
            return;
        }
        let Arrival { bytes, origin: Origin::Request(exchange), fields, fault, .. } = arrival else { return };
        let request = fields.map(|fields| (bytes, fields));
        match (decision, request) {
            (Some(Decision::Accept(admission, route)), Some((bytes, fields))) => {
                let mut flight = Flight::new(bytes, fields, Some(exchange));
                flight.clear = clear;
                self.begin(admission, route, flight);
            }
            (Some(Decision::Repeat(payment)), Some(request)) => self.repeat(payment, request, exchange),
            (Some(Decision::Report(report)), Some(request)) => self.take_report(report, request, exchange),
            (Some(Decision::Answer(question)), request) => {
                let answering = self.answering(question);
                self.replies.push(PendingReply { exchange, request, answering });
            }
            (Some(Decision::Refuse(code)), request) => {
                self.replies.push(PendingReply { exchange, request, answering: Answering::Refuse(code) });
            }
            // A message that was decided on has its fields.
            (Some(Decision::Accept(..) | Decision::Repeat(_) | Decision::Report(_) | Decision::Fetch(_)), _) => {}
            (None, request) => {
                if let Some(fault) = fault {
                    self.refuse(&fault, request, exchange);
                }
            }
        }
    }

    fn answering(&self, question: Question) -> Answering {
        match question {
            Question::State(found) => Answering::State { serials: self.serials(found.as_ref()), found },
            Question::Order(found) => Answering::Order(found),
            Question::Details(found) => Answering::Details(found),
            Question::NoOrder => Answering::Closing(None),
            Question::ControlNumbers => Answering::ControlNumbers,
            Question::Probe => Answering::Probe,
            Question::Noted => Answering::Acknowledge,
        }
    }

    /// News of a transaction: a change like any other, and an answer to who brought it once the change is recorded.
    fn take_report(&mut self, report: Report, (bytes, fields): (Bytes, Fields), exchange: Exchange) {
        let answering = match report.event {
            Event::Closed => Answering::Closing(Some(report.key)),
            _ => Answering::Acknowledge,
        };
        let reply = PendingReply { exchange, request: Some((bytes.clone(), fields)), answering };
        let serial =
            Checked::from_parts(&bytes, &fields).field(Field::DbtrBankId).map(|serial| bytes.slice_ref(serial));
        self.changes.push(Change {
            evidence: Some(Evidence { role: Role::Report, party: report.party, message: bytes.clone() }),
            serial: serial.map(|serial| (Leg::One, serial)),
            answer: Some(Box::new((bytes, fields))).filter(|_| report.party == Party::Bank1),
            reply: Some(Box::new(reply)),
            ..Change::event(report.key, report.event)
        });
    }

    /// The banks' serials of a payment that is under way here.
    fn serials(&self, payment: Option<&Payment>) -> [Option<Bytes>; 2] {
        let flight = payment.and_then(|payment| self.flights.get(&payment.trx_id));
        flight.map_or([None, None], |flight| flight.serials.clone())
    }

    fn begin(&mut self, admission: Admission, route: Option<Box<Bytes>>, flight: Box<Flight>) {
        if self.shared.draining.load(Ordering::Relaxed) {
            self.answer_later(flight, Answering::Refuse(ReturnCode::ES000098));
            return;
        }
        self.admitted = self.admitted.saturating_add(1);
        let message = flight.request.clone();
        let evidence = Some(Evidence { role: Role::Request, party: Party::Institution, message });
        self.changes.push(Change {
            key: admission.acceptance.trx_id,
            cause: Cause::Accept(admission),
            evidence,
            serial: None,
            answer: None,
            flight: Some(flight),
            link: LinkNumber::NONE,
            route,
            is_resumed: false,
            is_fetched: false,
            delay_us: 0,
            reply: None,
        });
    }
}
