//! Stage 6: what was waiting for the journal is done.

use std::time::Duration;

use super::deed::Deed;
use super::inbox::{Incoming, Ticket};
use super::worker::Worker;
use crate::domain::transaction::CaseKind;
use crate::metrics::{Case, Level};
use crate::net::egress::Outbound;

impl Worker {
    /// Does every deed whose group is durable.
    pub(super) fn release(&mut self) {
        let durable = self.shared.journal.durable_group();
        while let Some(deed) = self.waiting.pop(durable) {
            match deed {
                Deed::Send { ticket, message, delay_us: 0 } => self.send(ticket, message),
                Deed::Send { ticket, message, delay_us } => self.hold_back(ticket, message, delay_us),
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
                Deed::Case { key, kind } => self.tell_case(key, kind),
            }
        }
        self.metrics.set(Level::CommitQueue, self.waiting.len());
    }

    pub(super) fn send(&mut self, ticket: Ticket, message: Outbound) {
        self.metrics.participant_in_flight(ticket.participant, true);
        self.lines.send(ticket.participant, ticket, message);
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
