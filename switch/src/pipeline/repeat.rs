//! The same request again: the receipt that was signed then, byte for byte.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use clearway_codec::Fields;
use clearway_codec::value::ReturnCode;

use super::deed::Deed;
use super::inbox::Incoming;
use super::reply::{Answering, PendingReply};
use super::worker::Worker;
use crate::domain::business::rules;
use crate::domain::record::{RecordView, Role};
use crate::domain::transaction::{Payment, Phase};
use crate::journal::{Journal, Position};
use crate::metrics::Count;
use crate::net::{Exchange, Reply};

impl Worker {
    /// The same payment again: the stored receipt, byte for byte, or 02 while it is in process.
    pub(super) fn repeat(&mut self, payment: Payment, request: (Bytes, Fields), exchange: Exchange) {
        if !payment.is_final() && payment.phase != Phase::Waiting {
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
        let request = Box::new(request);
        tokio::task::spawn_local(async move {
            let position = Position(payment.receipt_position);
            let receipt = tokio::task::spawn_blocking(move || stored_receipt(&journal, position)).await.ok().flatten();
            inbox.push(Incoming::Stored { exchange, payment: Box::new(payment), request, receipt });
        });
    }

    pub(super) fn answer_stored(
        &mut self,
        exchange: Exchange,
        payment: Payment,
        request: (Bytes, Fields),
        receipt: Option<Bytes>,
    ) {
        if let Some(receipt) = receipt {
            // The sender may be gone; then there is nobody to tell.
            let _ = exchange.answer(Reply::message(rules(payment.business).receipt, receipt));
            return;
        }
        // Gone with its segment: said anew, from what is known. Else it cannot be read now.
        let is_gone = Position(payment.receipt_position) < self.shared.journal.stored().oldest();
        let answering = if is_gone { Answering::Repeat(payment) } else { Answering::Refuse(ReturnCode::ES000098) };
        self.replies.push(PendingReply { exchange, request: Some(request), answering });
    }
}

/// The final receipt as it was signed, from the record at `position`.
fn stored_receipt(journal: &Journal, position: Position) -> Option<Bytes> {
    // Another worker may have recorded it a moment ago.
    let record = journal.read(position).or_else(|_| journal.flush().and_then(|()| journal.read(position))).ok()?;
    let view = RecordView::decode(&record).ok()?;
    let receipt = view.attachments().find(|attachment| attachment.role == Role::Receipt)?;
    Some(Bytes::copy_from_slice(receipt.message))
}
