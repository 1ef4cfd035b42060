//! What follows from a recorded change: deeds that wait for its group, timers, the end of a flight.

use std::time::{Duration, Instant};

use clearway_codec::catalogue::MessageType;

use super::change::{Cause, Change, Prepared};
use super::deed::Deed;
use super::drafts::Signed;
use super::inbox::{Purpose, Ticket};
use super::timeout;
use super::worker::Worker;
use crate::domain::business::rules;
use crate::domain::record::Role;
use crate::domain::transaction::{Effect, Event, Party, Payment, Phase};
use crate::journal::Appended;
use crate::metrics::{Count, Level};
use crate::net::Reply;
use crate::net::egress::Outbound;

/// How long a message without a deadline may wait for its link.
const NO_DEADLINE: Duration = Duration::from_secs(60);

impl Worker {
    /// The deeds of a recorded change wait for its group; timers are armed at once.
    pub(super) fn follow(&mut self, ready: &Prepared, signed: &Signed, appended: Appended, placed: &Payment) {
        let (key, group) = (ready.change.key, appended.group);
        if let Some(flight) = self.flights.get_mut(&key) {
            self.marks.pass(flight);
        }
        let became_final = placed.is_final() && ready.before.is_none_or(|before| !before.is_final());
        match event_of(&ready.change) {
            Some(Event::NoticeAcknowledged(_)) => self.metrics.count(Count::NoticesAcknowledged),
            Some(Event::LegMoved(..)) => self.metrics.count(Count::LegsMoved),
            None => {
                self.metrics.raise(Level::UnfinishedPayments);
                if became_final {
                    self.metrics.refused(&placed.code);
                }
            }
            Some(_) => {}
        }
        if became_final {
            self.metrics.lower(Level::UnfinishedPayments);
            self.waiting.push(group, Deed::Finished { status: placed.status as u8 });
            let receipt = ready.draft(Role::Receipt, Party::Institution).map(|draft| signed.get(draft));
            if let Some(flight) = self.flights.get_mut(&key) {
                flight.receipt = receipt;
            }
        } else if ready.before.is_none() {
            self.metrics.count(Count::PaymentsAccepted);
        }
        for effect in ready.effects.iter() {
            match *effect {
                Effect::SendLeg(leg) => {
                    self.post(ready, signed, group, Role::LegRequest, leg.bank(), Purpose::Leg(leg))
                }
                Effect::SendQuery(leg) => {
                    self.metrics.count(Count::QueriesSent);
                    self.post(ready, signed, group, Role::Query, leg.bank(), Purpose::Query(leg));
                }
                Effect::Notify(party) => {
                    self.metrics.count(Count::NoticesSent);
                    self.post(ready, signed, group, Role::Notice, party, Purpose::Notice(party));
                }
                Effect::ReplyFinal => self.reply(ready, signed, group, true),
                Effect::ReplyInProcess => {
                    self.metrics.count(Count::InProcessReceipts);
                    self.reply(ready, signed, group, false);
                }
                Effect::ArmDue(at_us) => self.wheel.insert(at_us, key, timeout::DUE),
                Effect::ArmReceiptDue(at_us) => self.wheel.insert(at_us, key, timeout::RECEIPT_DUE),
                Effect::OpenCase(kind) => self.waiting.push(group, Deed::Case { key, kind }),
                Effect::ReleaseRefund => {}
            }
        }
        if !placed.is_unfinished() {
            self.flights.remove(&key);
        } else if placed.phase == Phase::Waiting && placed.queries == 0 {
            self.flights.remove(&key);
            self.parked.insert(key);
        }
    }

    fn post(&mut self, ready: &Prepared, signed: &Signed, group: u64, role: Role, party: Party, purpose: Purpose) {
        let Some(draft) = ready.draft(role, party) else { return };
        let row = rules(ready.next.business);
        let message_type = match purpose {
            Purpose::Leg(_) => row.request,
            Purpose::Query(_) => MessageType::Epcc301,
            Purpose::Notice(party) => row.notice_to(party),
        };
        let originator = self.originator(ready.next.institution);
        let send_before = self.send_before(ready.next.due_at_us);
        let message = Outbound { message_type, originator, body: signed.get(draft), send_before };
        let ticket = Ticket { key: ready.change.key, participant: self.shared.receiver(&ready.next, party), purpose };
        let delay_us = if matches!(purpose, Purpose::Leg(_)) { ready.change.delay_us } else { 0 };
        self.waiting.push(group, Deed::Send { ticket, message, delay_us });
    }

    /// The instant of a deadline; what has none may leave for as long as an answer is waited for.
    fn send_before(&self, due_at_us: u64) -> Instant {
        let (now_us, now) = self.began;
        let left = due_at_us.checked_sub(now_us).map_or(NO_DEADLINE, Duration::from_micros);
        now + left.min(NO_DEADLINE)
    }

    /// Answers the institution's open exchange, if there still is one.
    fn reply(&mut self, ready: &Prepared, signed: &Signed, group: u64, is_final: bool) {
        let key = ready.change.key;
        let Some(flight) = self.flights.get_mut(&key) else { return };
        let (Some(exchange), Some(draft)) = (flight.exchange.take(), ready.draft(Role::Receipt, Party::Institution))
        else {
            return;
        };
        let reply = Reply {
            receipt_of: if is_final { key } else { 0 },
            bank_wait_us: flight.bank_wait_us,
            passage: flight.passage.take().filter(|_| is_final),
            ..Reply::message(rules(ready.next.business).receipt, signed.get(draft))
        };
        self.waiting.push(group, Deed::Answer { exchange, reply });
    }
}

const fn event_of(change: &Change) -> Option<Event> {
    match change.cause {
        Cause::Accept(_) => None,
        Cause::Event(event) => Some(event),
    }
}
