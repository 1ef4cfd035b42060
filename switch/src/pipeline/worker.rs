//! One worker: a thread with its own reactor, sockets, timers and payments under way.
//!
//! It sleeps until something has come, a journal group is durable, or a timer is due; then it runs one burst through
//! the stages, in the order in which [`Worker::burst`] names them. The clock is read once a burst.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use clearway_codec::value::{BeijingTime, Direction, ReturnCode};
use clearway_codec::{Decoder, MessageType};
use http::HeaderValue;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::admit::{Decision, admit};
use super::arrival::{Arrival, Origin};
use super::change::{Cause, Change, Evidence, Prepared};
use super::compose::Writer;
use super::deed::{Deed, Waiting};
use super::drafts::Drafts;
use super::flight::{Flight, Flights};
use super::inbox::{Inbox, Incoming, Purpose, Ticket};
use super::reply::{Answering, DraftedReply, PendingReply};
use super::resolve::{resolve, resolve_silence};
use super::shared::Shared;
use super::{decode, verify};
use crate::domain::business::rules;
use crate::domain::overload::{CostAverage, Overload, OverloadLimits, Turn};
use crate::domain::record::{RecordView, Role};
use crate::domain::transaction::{Event, Leg, Party};
use crate::domain::wheel::{Timer, Wheel};
use crate::journal::Position;
use crate::metrics::{Count, LegOutcome, Level, Timing, WorkerMetrics, thread_cpu_ns};
use crate::net::egress::{LineConfig, Lines};
use crate::net::{Answer, Exchange, Reply};

/// One worker's state; every field is its own.
pub(crate) struct Worker {
    pub(super) shared: Arc<Shared>,
    pub(super) metrics: WorkerMetrics,
    pub(super) inbox: Inbox,
    pub(super) lines: Lines<Inbox>,
    pub(super) flights: Flights,
    pub(super) wheel: Wheel,
    pub(super) waiting: Waiting,
    // What one burst works on; kept for its room.
    pub(super) changes: Vec<Change>,
    pub(super) replies: Vec<PendingReply>,
    pub(super) prepared: Vec<Prepared>,
    pub(super) drafted: Vec<DraftedReply>,
    pub(super) drafts: Drafts,
    pub(super) head: Vec<u8>,
    pub(super) due: Vec<Timer>,
    pub(super) waves: u64,
    decoder: Decoder,
    incoming: Vec<Incoming>,
    arrivals: Vec<Arrival>,
    valid: Vec<bool>,
    originators: Vec<Option<HeaderValue>>,
    // Load shedding.
    overload: Overload,
    cost: CostAverage,
    cpu_ns: u64,
    admitted: u32,
    finished: u64,
    shed_refusal: Option<(u64, Bytes)>,
}

impl Worker {
    /// A worker with nothing to do yet.
    pub(crate) fn new(
        shared: Arc<Shared>,
        metrics: WorkerMetrics,
        inbox: Inbox,
        line: impl Fn(&crate::config::Participant) -> LineConfig,
    ) -> Self {
        let mut lines = Lines::new(inbox.clone());
        let mut originators = Vec::new();
        for participant in shared.participants.iter() {
            lines.set(participant.index, line(participant));
            let index = usize::from(participant.index);
            originators.resize(originators.len().max(index + 1), None);
            if let Some(slot) = originators.get_mut(index) {
                *slot = HeaderValue::from_str(participant.id.as_str()).ok();
            }
        }
        let now_us = shared.clock.now_micros();
        Self {
            metrics,
            inbox,
            lines,
            flights: Flights::default(),
            wheel: Wheel::new(now_us),
            waiting: Waiting::default(),
            changes: Vec::new(),
            replies: Vec::new(),
            prepared: Vec::new(),
            drafted: Vec::new(),
            drafts: Drafts::default(),
            head: Vec::new(),
            due: Vec::new(),
            waves: 0,
            decoder: Decoder::new(),
            incoming: Vec::new(),
            arrivals: Vec::new(),
            valid: Vec::new(),
            originators,
            overload: Overload::new(OverloadLimits::default()),
            cost: CostAverage::default(),
            cpu_ns: thread_cpu_ns(),
            admitted: 0,
            finished: 0,
            shed_refusal: None,
            shared,
        }
    }

    /// Works until `stop` is notified and everything under way has been answered or the caller gives up waiting.
    /// `wake` is notified when a journal group has become durable.
    pub(crate) async fn run(mut self, wake: Arc<Notify>, stop: Arc<Notify>) {
        let mut stopping = false;
        loop {
            let due = self.next_wake();
            tokio::select! {
                biased;
                () = self.inbox.came() => {}
                () = wake.notified() => {}
                () = stop.notified() => stopping = true,
                () = sleep_until(due) => {}
            }
            self.burst();
            if stopping && (self.shared.ended.load(Ordering::Relaxed) || self.is_idle()) {
                return;
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.waiting.len() == 0 && self.flights.values().all(|flight| flight.exchange.is_none())
    }

    fn next_wake(&self) -> Instant {
        let now_us = self.shared.clock.now_micros();
        let idle = Duration::from_millis(500);
        let wait = self.wheel.next_due().map_or(idle, |due_us| {
            Duration::from_micros(due_us.saturating_sub(now_us)).clamp(Duration::from_millis(1), idle)
        });
        Instant::now() + wait
    }

    /// One burst through the stages.
    fn burst(&mut self) {
        let now_us = self.shared.clock.now_micros();
        self.release();
        self.receive(now_us);
        decode::decode(&mut self.decoder, &mut self.arrivals);
        let ring = self.shared.ring.load();
        verify::verify(&self.shared.backends, &ring, now_us / 1_000_000, &mut self.arrivals, &mut self.valid);
        drop(ring);
        self.metrics.add(Count::MessagesVerified, count(self.valid.len()));
        self.sort(now_us);
        self.take_timers(now_us);
        self.commit(now_us);
        self.shared.journal.kick();
        self.release();
        self.balance(now_us);
    }

    /// Takes what has come; messages go on to decode, the rest becomes events.
    fn receive(&mut self, now_us: u64) {
        let mut incoming = std::mem::take(&mut self.incoming);
        self.inbox.take(&mut incoming);
        for incoming in incoming.drain(..) {
            match incoming {
                Incoming::Request { body, exchange } => {
                    self.arrivals.push(Arrival::new(body, Origin::Request(exchange)))
                }
                Incoming::Answer { ticket, answer, wait_us } => self.receive_answer(ticket, answer, wait_us),
                Incoming::Settled { key, delivered, internal_us } => self.settle(key, delivered, internal_us),
                Incoming::Stored { exchange, receipt } => self.answer_stored(exchange, receipt, now_us),
            }
        }
        self.incoming = incoming;
    }

    fn receive_answer(&mut self, ticket: Ticket, answer: Answer, wait_us: u64) {
        self.metrics.participant_in_flight(ticket.participant, false);
        if let Purpose::Leg(leg) = ticket.purpose {
            if let Some(flight) = self.flights.get_mut(&ticket.key) {
                flight.bank_wait_us = flight.bank_wait_us.saturating_add(wait_us);
            }
            self.metrics.record(if leg == Leg::One { Timing::Leg1 } else { Timing::Leg2 }, wait_us);
        }
        match answer {
            Answer::Message(bytes) => self.arrivals.push(Arrival::new(bytes, Origin::Answer(ticket))),
            silence => {
                if let Some(event) = resolve_silence(ticket.purpose, &silence) {
                    self.note_leg(ticket, &event);
                    self.changes.push(Change::event(ticket.key, event));
                }
            }
        }
    }

    fn settle(&mut self, key: u128, delivered: bool, internal_us: u64) {
        if delivered {
            self.metrics.record(Timing::Internal, internal_us);
        }
        let event = if delivered { Event::ReceiptDelivered } else { Event::ReceiptLost };
        self.changes.push(Change::event(key, event));
    }

    /// What each message of the burst means: a change, a reply, or both.
    fn sort(&mut self, now_us: u64) {
        let now = BeijingTime::from_unix_micros(now_us);
        let mut arrivals = std::mem::take(&mut self.arrivals);
        for arrival in arrivals.drain(..) {
            match arrival.origin {
                Origin::Answer(ticket) => self.sort_answer(ticket, arrival),
                Origin::Request(_) => self.sort_request(arrival, now),
            }
        }
        self.arrivals = arrivals;
    }

    fn sort_answer(&mut self, ticket: Ticket, arrival: Arrival) {
        let Some(payment) = self.shared.table.get(ticket.key) else { return };
        let (party, role) = match ticket.purpose {
            Purpose::Leg(leg) => (leg.bank(), Role::LegAnswer),
            Purpose::Query(leg) => (leg.bank(), Role::QueryAnswer),
            Purpose::Notice(party) => (party, Role::NoticeAnswer),
        };
        let Some(asked) = self.shared.participants.get(ticket.participant) else { return };
        let resolved = resolve(ticket, &arrival, &asked.id, rules(payment.business).receipt);
        let Some(event) = resolved.event else { return };
        self.note_leg(ticket, &event);
        let serial = match ticket.purpose {
            Purpose::Leg(leg) | Purpose::Query(leg) => resolved.serial.map(|serial| (leg, serial)),
            Purpose::Notice(_) => None,
        };
        let evidence = Some(Evidence { role, party, message: arrival.bytes });
        self.changes.push(Change { key: ticket.key, cause: Cause::Event(event), evidence, serial, flight: None });
    }

    fn note_leg(&self, ticket: Ticket, event: &Event) {
        use crate::domain::transaction::UnknownCause;
        let Purpose::Leg(leg) = ticket.purpose else { return };
        let outcome = match event {
            Event::LegSucceeded(_) => LegOutcome::Success,
            Event::LegRefused(..) => LegOutcome::Refused,
            Event::LegNotSent(_) => LegOutcome::NotSent,
            Event::LegUnknown(_, UnknownCause::TimedOut) => LegOutcome::TimedOut,
            Event::LegUnknown(_, UnknownCause::Broken) => LegOutcome::Broken,
            Event::LegUnknown(_, UnknownCause::HttpStatus) => LegOutcome::NotOk,
            Event::LegUnknown(_, UnknownCause::BadSignature) => LegOutcome::BadSignature,
            _ => LegOutcome::Unreadable,
        };
        if let Some(payment) = self.shared.table.get(ticket.key) {
            self.metrics.leg_ended(payment.bank(leg), leg.index(), outcome);
        }
    }

    fn sort_request(&mut self, arrival: Arrival, now: BeijingTime) {
        self.metrics.count(Count::RequestsReceived);
        let decision = match (&arrival.fault, arrival.message()) {
            (None, Some(message)) => Some(admit(&self.shared, &message, now)),
            _ => None,
        };
        let Arrival { bytes, origin: Origin::Request(exchange), fields, fault, .. } = arrival else { return };
        let request = fields.map(|fields| (bytes, fields));
        match (decision, request) {
            (Some(Decision::Accept(admission)), Some((bytes, fields))) => {
                self.begin(admission, bytes, fields, exchange)
            }
            (Some(Decision::Repeat(payment)), Some(request)) => self.repeat(payment, request, exchange),
            (Some(decision), request) => {
                let answering = match decision {
                    Decision::Answer { found } => Answering::Answer(found),
                    Decision::Probe => Answering::Probe,
                    Decision::Decline(row, code) => Answering::Decline(row, code),
                    Decision::Refuse(code) => Answering::Refuse(code),
                    Decision::Accept(_) | Decision::Repeat(_) => return,
                };
                self.replies.push(PendingReply { exchange, request, answering });
            }
            (None, request) => {
                if let Some(fault) = fault {
                    self.refuse(&fault, request, exchange);
                }
            }
        }
    }

    fn begin(
        &mut self,
        admission: super::admit::Admission,
        bytes: Bytes,
        fields: clearway_codec::Fields,
        exchange: Exchange,
    ) {
        if self.shared.draining.load(Ordering::Relaxed) {
            self.replies.push(PendingReply {
                exchange,
                request: Some((bytes, fields)),
                answering: Answering::Refuse(ReturnCode::ES000098),
            });
            return;
        }
        self.admitted = self.admitted.saturating_add(1);
        let evidence = Some(Evidence { role: Role::Request, party: Party::Institution, message: bytes.clone() });
        let flight = Some(Flight::new(bytes, fields, Some(exchange)));
        self.changes.push(Change {
            key: admission.acceptance.trx_id,
            cause: Cause::Accept(admission),
            evidence,
            serial: None,
            flight,
        });
    }

    /// The same payment again: the stored receipt, byte for byte, or 02 while it is in process.
    fn repeat(
        &mut self,
        payment: crate::domain::transaction::Payment,
        request: (Bytes, clearway_codec::Fields),
        exchange: Exchange,
    ) {
        if !payment.is_final() {
            self.replies.push(PendingReply { exchange, request: Some(request), answering: Answering::Repeat(payment) });
            return;
        }
        self.metrics.count(Count::DuplicatesAnswered);
        let known = self.flights.get(&payment.trx_id).and_then(|flight| flight.receipt.clone());
        if let Some(receipt) = known {
            let group = self.shared.recorded.load(Ordering::Acquire);
            let reply = Reply::message(rules(payment.business).receipt, receipt);
            self.waiting.push(group, Deed::Answer { exchange, reply });
            return;
        }
        let (journal, inbox) = (Arc::clone(&self.shared.journal), self.inbox.clone());
        tokio::task::spawn_local(async move {
            let position = Position(payment.receipt_position);
            let receipt = tokio::task::spawn_blocking(move || stored_receipt(&journal, position)).await.ok().flatten();
            inbox.push(Incoming::Stored { exchange, receipt });
        });
    }

    fn answer_stored(&mut self, exchange: Exchange, receipt: Option<Bytes>, _now_us: u64) {
        match receipt {
            Some(receipt) => {
                // The sender may be gone; then there is nobody to tell.
                let _ = exchange.answer(Reply::message(MessageType::Epcc206, receipt));
            }
            None => self.replies.push(PendingReply {
                exchange,
                request: None,
                answering: Answering::Refuse(ReturnCode::ES000098),
            }),
        }
    }

    /// Does every deed whose group is durable.
    fn release(&mut self) {
        let durable = self.shared.journal.durable_group();
        while let Some(deed) = self.waiting.pop(durable) {
            match deed {
                Deed::Send { ticket, message } => {
                    self.metrics.participant_in_flight(ticket.participant, true);
                    self.lines.send(ticket.participant, ticket, message);
                }
                Deed::Answer { exchange, reply } => {
                    let receipt_of = reply.receipt_of;
                    if !exchange.answer(reply) && receipt_of != 0 {
                        self.inbox.push(Incoming::Settled { key: receipt_of, delivered: false, internal_us: 0 });
                    }
                }
                Deed::Finished { status } => {
                    self.finished += 1;
                    self.metrics.payment_final(status);
                }
                Deed::Case { key, kind } => self.open_case(key, kind),
            }
        }
        self.metrics.set(Level::CommitQueue, self.waiting.len());
    }

    /// Tells the load shedding how this burst went, and the inbox what may come in until the next one.
    fn balance(&mut self, now_us: u64) {
        let cpu_ns = thread_cpu_ns();
        let busy_ns = cpu_ns.saturating_sub(self.cpu_ns);
        self.cpu_ns = cpu_ns;
        self.cost.add(busy_ns, std::mem::take(&mut self.finished));
        let refused = u32::try_from(self.inbox.take_shed()).unwrap_or(u32::MAX);
        let turn = Turn {
            now_us,
            loop_us: busy_ns / 1_000,
            cost_ns: self.cost.ns(),
            admitted: std::mem::take(&mut self.admitted),
            refused,
        };
        let admit_more = self.overload.observe(turn);
        let limit =
            if admit_more == u32::MAX { None } else { self.shed_reply(now_us).map(|reply| (admit_more, reply)) };
        self.inbox.shed(limit);
        for _ in 0..refused {
            self.metrics.refused(ReturnCode::PS500001.as_bytes());
        }
        self.metrics.count(Count::Bursts);
        self.metrics.set(Level::InFlightPayments, self.flights.len());
        self.metrics.set(Level::TimersArmed, self.wheel.len());
    }

    /// The refusal of early shedding says nothing about the message it answers, so one signature serves for a second.
    fn shed_reply(&mut self, now_us: u64) -> Option<Reply> {
        let second = now_us / 1_000_000;
        if self.shed_refusal.as_ref().is_none_or(|(signed_in, _)| *signed_in != second) {
            let writer = self.writer(now_us);
            let mut drafts = Drafts::default();
            let draft =
                drafts.add(|out| writer.refusal(out, ReturnCode::PS500001, None, Direction::SWITCH_TO_PI)).ok()?;
            let signed = drafts.sign(&self.shared.backends, &self.shared.signing_key).ok()?;
            self.shed_refusal = Some((second, signed.get(draft)));
        }
        let (_, body) = self.shed_refusal.as_ref()?;
        Some(Reply::message(MessageType::Epcc303, body.clone()))
    }

    pub(super) fn writer(&self, now_us: u64) -> Writer {
        Writer { issuer: self.shared.id, serial: self.shared.serial, now: BeijingTime::from_unix_micros(now_us) }
    }

    pub(super) fn originator(&self, institution: u16) -> HeaderValue {
        let known = self.originators.get(usize::from(institution)).and_then(Option::as_ref);
        known.unwrap_or(&self.shared.issuer).clone()
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn stored_receipt(journal: &crate::journal::Journal, position: Position) -> Option<Bytes> {
    let record = journal.read(position).ok()?;
    let view = RecordView::decode(&record).ok()?;
    let receipt = view.attachments().find(|attachment| attachment.role == Role::Receipt)?;
    Some(Bytes::copy_from_slice(receipt.message))
}
