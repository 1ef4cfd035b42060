//! Stage 6: what was waiting for the journal is done.

use std::time::{Duration, Instant};

use super::deed::Deed;
use super::inbox::{Incoming, Ticket};
use super::worker::Worker;
use crate::domain::transaction::CaseKind;
use crate::metrics::{Case, Level, Stage};
use crate::net::egress::Outbound;
use crate::net::{Exchange, Reply};

impl Worker {
    /// Does every deed whose group is durable.
    pub(super) fn release(&mut self) {
        let durable = self.shared.journal.durable_group();
        let (seen, waited) = (self.watch.last(), self.waiting.len());
        while let Some(deed) = self.waiting.pop(durable) {
            match deed {
                Deed::Send { ticket, message, delay_us } => self.let_go(ticket, message, delay_us, seen),
                Deed::Answer { exchange, reply } => self.answer(exchange, reply, seen),
                Deed::Finished { status } => {
                    self.finished += 1;
                    self.metrics.payment_final(status);
                }
                Deed::Case { key, kind } => self.tell_case(key, kind),
            }
        }
        if self.waiting.len() < waited {
            self.watch.lap(Stage::Forward);
        }
        self.metrics.set(Level::CommitQueue, self.waiting.len());
    }

    /// A message may leave; its group was seen to be durable at `seen`.
    fn let_go(&mut self, ticket: Ticket, message: Outbound, delay_us: u64, seen: Instant) {
        if ticket.purpose.is_awaited()
            && let Some(flight) = self.flights.get_mut(&ticket.key)
        {
            flight.reach(Stage::CommitWait, seen);
        }
        match delay_us {
            0 => self.send(ticket, message),
            delay_us => self.hold_back(ticket, message, delay_us),
        }
    }

    fn answer(&mut self, exchange: Exchange, reply: Reply, seen: Instant) {
        let receipt_of = reply.receipt_of;
        // The exchange is no longer the flight's, so this is told to the passage itself.
        if receipt_of != 0
            && let Some(passage) = self.flights.get_mut(&receipt_of).and_then(|flight| flight.passage.as_mut())
        {
            passage.reach(Stage::CommitWait, seen);
        }
        if !exchange.answer(reply) && receipt_of != 0 {
            self.inbox.push(Incoming::Settled { key: receipt_of, delivery: None });
        }
    }

    pub(super) fn send(&mut self, ticket: Ticket, message: Outbound) {
        self.metrics.participant_in_flight(ticket.participant, true);
        self.lines.send(ticket.participant, ticket, message);
    }

    /// A leg that was held back may leave; what it waited for was its turn.
    pub(super) fn send_held_back(&mut self, ticket: Ticket, message: Outbound) {
        if let Some(flight) = self.flights.get_mut(&ticket.key) {
            flight.reach(Stage::Queue, self.began.1);
        }
        self.send(ticket, message);
    }

    /// A leg waits for its place in the row of its account; a crash meanwhile leaves it unknown, as any leg that may be out.
    fn hold_back(&self, ticket: Ticket, message: Outbound, delay_us: u64) {
        let inbox = self.inbox.clone();
        tokio::task::spawn_local(async move {
            tokio::time::sleep(Duration::from_micros(delay_us)).await;
            inbox.push(Incoming::HeldBack { ticket, message });
        });
    }

    pub(super) fn tell_case(&self, key: u128, kind: CaseKind) {
        self.metrics.case_opened(match kind {
            CaseKind::Presumed03 => Case::Presumed03,
            CaseKind::Presumed04 => Case::Presumed04,
            CaseKind::LateAnswer => Case::LateAnswer,
            CaseKind::LateAnswerContradicts => Case::LateAnswerContradicts,
            CaseKind::HeldRefund => Case::HeldRefund,
        });
        tracing::warn!(trx_id = %format_args!("{key:031}"), ?kind, "case opened");
    }
}
