//! Stage 4, the one place where a payment changes.
//!
//! ```text
//!  changes -> transition -> draft messages -> sign all at once -> [lock: still the same? append; replace] -> deeds wait
//! ```
//!
//! A **wave** takes at most one change of each payment; what it leaves goes into the next wave of the same burst. The
//! record holds the after-image, what was received and what will be sent, so that nothing leaves which the journal does
//! not know to the byte. Invariant: the table and the journal change together, under the lock of the payment's shard.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use clearway_codec::catalogue::MessageType;
use clearway_codec::value::{BatchId, BeijingTime, ReturnCode};

use super::change::{Cause, Change, OUTGOING_MAX, Outgoing, Prepared};
use super::compose::Verdict;
use super::deed::Deed;
use super::drafts::{DraftId, Signed};
use super::flight::Flight;
use super::inbox::{Incoming, Purpose, Ticket};
use super::reply::{Answering, PendingReply};
use super::timeout;
use super::worker::Worker;
use crate::domain::business::{Business, rules};
use crate::domain::record::{Attachment, Record, RecordKind, Role};
use crate::domain::transaction::{
    CaseKind, Effect, Effects, Event, Leg, Outcome, Party, Payment, Reason, refund, transition,
};
use crate::journal::{AppendError, Appended, Work};
use crate::metrics::{Case, Count, LegOutcome, Level};
use crate::net::Reply;
use crate::net::egress::Outbound;

/// Why a prepared change was not recorded.
enum Setback {
    /// The payment changed meanwhile: do it again on the newer after-image.
    Overtaken,
    /// The TrxId came in on another worker at the same moment.
    Taken,
    /// The table holds as many payments as it may.
    TableFull,
    /// The refund does not fit its original.
    Refund(refund::RefundRefusal),
    /// The journal takes no record.
    Journal(AppendError),
}

impl Worker {
    /// Commits everything that was asked for in this burst.
    pub(super) fn commit(&mut self, now_us: u64) {
        while !self.changes.is_empty() || !self.replies.is_empty() {
            self.wave(now_us);
        }
    }

    fn wave(&mut self, now_us: u64) {
        self.waves += 1;
        let mut asked = std::mem::take(&mut self.changes);
        let mut prepared = std::mem::take(&mut self.prepared);
        for change in asked.drain(..) {
            self.prepare(change, now_us, &mut prepared);
        }
        // The room goes back, in front of what was put off to the next wave.
        asked.append(&mut self.changes);
        self.changes = asked;
        self.draft_replies(now_us);
        let signed = match self.drafts.sign(&self.shared.backends, &self.shared.signing_key) {
            Ok(signed) => signed,
            Err(error) => {
                // Without signatures nothing can be said to anyone; what is in process goes on after a restart.
                tracing::error!(%error, "signing failed; the burst is dropped");
                self.forget(prepared);
                return;
            }
        };
        self.metrics.add(Count::MessagesSigned, signed.len());
        for change in prepared.drain(..) {
            self.record(change, &signed, now_us);
        }
        self.prepared = prepared;
        self.send_replies(&signed);
    }

    /// Nothing of this wave has happened: what would have begun never did, the rest is left to its timers.
    fn forget(&mut self, prepared: Vec<Prepared>) {
        for change in prepared.into_iter().filter(|change| change.before.is_none()) {
            self.flights.remove(&change.change.key);
        }
        self.drafted.clear();
    }

    /// Computes the outcome of one change and drafts its messages.
    fn prepare(&mut self, mut change: Change, now_us: u64, prepared: &mut Vec<Prepared>) {
        if let Some(flight) = self.flights.get_mut(&change.key) {
            if let Some(second) = change.flight.take() {
                self.send_back(second);
                return;
            }
            if flight.wave == self.waves {
                self.changes.push(change);
                return;
            }
            flight.wave = self.waves;
        }
        let ready = match &change.cause {
            Cause::Accept(admission) => {
                let timing = self.shared.timing_of(admission.acceptance.banks);
                let (next, effects) = Payment::accept(&admission.acceptance, now_us, &timing);
                Some((None, next, effects))
            }
            Cause::Event(event) => self.apply(change.key, *event, now_us),
        };
        let Some((before, next, effects)) = ready else {
            self.keep_evidence(&change, now_us);
            return;
        };
        let change = self.board(change);
        let mut ready = Prepared { change, before, next, effects, outgoing: [None; OUTGOING_MAX] };
        self.draft(&mut ready, now_us);
        prepared.push(ready);
    }

    /// The outcome of an event; none if it changes nothing.
    fn apply(&mut self, key: u128, event: Event, now_us: u64) -> Option<(Option<Payment>, Payment, Effects)> {
        let before = self.shared.table.get(key)?;
        match transition(&before, event, now_us, &self.shared.timing_of(before.banks)) {
            Outcome::Changed { next, effects } => Some((Some(before), next, effects)),
            Outcome::Unchanged { reason, effects } => {
                if reason == Reason::Late {
                    self.metrics.count(Count::LateAnswers);
                    if let Event::LegSucceeded(leg) | Event::LegRefused(leg, _) = event {
                        self.metrics.leg_ended(before.bank(leg), leg.index(), LegOutcome::Late);
                    }
                }
                for effect in effects.iter() {
                    if let Effect::OpenCase(kind) = effect {
                        self.open_case(key, *kind);
                    }
                }
                None
            }
        }
    }

    /// A payment that begins gets its flight, and a leg's answer its place in it.
    fn board(&mut self, mut change: Change) -> Change {
        if let Some(mut flight) = change.flight.take() {
            flight.wave = self.waves;
            self.flights.insert(change.key, flight);
        }
        if let Some((leg, serial)) = change.serial.take()
            && let Some(flight) = self.flights.get_mut(&change.key)
            && let Some(slot) = flight.serials.get_mut(leg.index())
        {
            *slot = Some(serial);
        }
        change
    }

    /// Composes every message that the change makes us send, unsigned yet.
    fn draft(&mut self, ready: &mut Prepared, now_us: u64) {
        let Some(flight) = self.flights.get(&ready.change.key) else { return };
        let request = flight.message();
        let writer = self.writer(now_us);
        let serials = [flight.serial(Leg::One), flight.serial(Leg::Two)];
        let batch = BatchId::from_u32(ready.next.batch)
            .unwrap_or_else(|| BatchId::at(BeijingTime::from_unix_micros(ready.next.accepted_at_us)));
        let row = rules(ready.next.business);
        let becomes_final = ready.next.is_final() && ready.before.is_none_or(|before| !before.is_final());
        let (next, effects) = (ready.next, ready.effects);
        let mut add = |role, party, draft: Result<DraftId, clearway_codec::Error>| match draft {
            Ok(draft) => ready.add(Outgoing { role, party, draft }),
            Err(error) => tracing::error!(%error, ?role, "a message of ours could not be composed"),
        };
        if becomes_final {
            let drafted =
                self.drafts.add(|out| writer.receipt(out, row, &request, Verdict::of(&next), Some(batch), serials));
            add(Role::Receipt, Party::Institution, drafted);
        }
        for effect in effects.iter() {
            match *effect {
                Effect::SendLeg(leg) => {
                    add(Role::LegRequest, leg.bank(), self.drafts.add(|out| writer.leg(out, &request, batch, leg)))
                }
                Effect::SendQuery(leg) => {
                    add(Role::Query, leg.bank(), self.drafts.add(|out| writer.query(out, &request, leg)))
                }
                Effect::Notify(party) => add(
                    Role::Notice,
                    party,
                    self.drafts.add(|out| writer.notice(out, &request, &next, batch, party, serials)),
                ),
                Effect::ReplyInProcess => {
                    let drafted = self
                        .drafts
                        .add(|out| writer.receipt(out, row, &request, Verdict::of(&next), Some(batch), serials));
                    add(Role::Receipt, Party::Institution, drafted);
                }
                Effect::ReplyFinal
                | Effect::ArmDue(_)
                | Effect::ArmReceiptDue(_)
                | Effect::ReleaseRefund
                | Effect::OpenCase(_) => {}
            }
        }
    }

    /// Table and journal together, then the deeds that wait for the group.
    fn record(&mut self, ready: Prepared, signed: &Signed, now_us: u64) {
        match self.append(&ready, signed, now_us) {
            Ok((appended, placed)) => self.follow(ready, signed, appended, &placed),
            Err(setback) => self.set_back(ready, setback),
        }
    }

    fn append(&mut self, ready: &Prepared, signed: &Signed, now_us: u64) -> Result<(Appended, Payment), Setback> {
        let Prepared { next, effects, .. } = ready;
        let releases = effects.contains(Effect::ReleaseRefund);
        let reserves = match &ready.change.cause {
            Cause::Accept(admission) => admission.refund,
            Cause::Event(_) => None,
        };
        let shared = Arc::clone(&self.shared);
        let original_key = next.original().filter(|_| releases || reserves.is_some());
        let mut guard = match original_key {
            Some(original) => shared.table.lock_pair(next.trx_id, original),
            None => shared.table.lock(next.trx_id),
        };
        let current = guard.get(next.trx_id).copied();
        match (&ready.before, current) {
            (None, Some(_)) => return Err(Setback::Taken),
            (Some(before), Some(current)) if before.step == current.step => {}
            (Some(_), _) => return Err(Setback::Overtaken),
            (None, None) if shared.table.is_full() => return Err(Setback::TableFull),
            (None, None) => {}
        }
        let original = match (original_key.and_then(|key| guard.get(key).copied()), reserves) {
            (found, Some(request)) => {
                Some(refund::reserve(found.as_ref(), &request, now_us, &shared.timing).map_err(Setback::Refund)?)
            }
            (Some(found), None) => refund::release(&found, next, now_us, &shared.timing),
            (None, None) => None,
        };
        let (placed, appended) = self.write(ready, signed, original.as_ref(), now_us).map_err(Setback::Journal)?;
        shared.recorded.fetch_max(appended.group, Ordering::AcqRel);
        if let Some(original) = original {
            guard.replace(original);
        }
        match ready.before {
            Some(_) => guard.replace(placed),
            None => guard.insert(placed).map_err(|_| Setback::TableFull)?,
        }
        shared.active.moved(ready.before.as_ref(), &placed);
        Ok((appended, placed))
    }

    /// The record's bytes into the open group of the journal.
    fn write(
        &mut self,
        ready: &Prepared,
        signed: &Signed,
        original: Option<&Payment>,
        now_us: u64,
    ) -> Result<(Payment, Appended), AppendError> {
        let kind = match ready.change.cause {
            Cause::Accept(_) => RecordKind::Accepted,
            Cause::Event(event) => RecordKind::Event(event),
        };
        let work = if ready.before.is_none() { Work::New } else { Work::Running };
        let messages: [Option<Bytes>; OUTGOING_MAX] =
            ready.outgoing.map(|outgoing| outgoing.map(|outgoing| signed.get(outgoing.draft)));
        let received = ready.change.evidence.as_ref().map(|evidence| Attachment {
            role: evidence.role,
            party: evidence.party,
            at_us: now_us,
            message: &evidence.message,
        });
        let sent = ready.outgoing.iter().flatten().zip(messages.iter().flatten());
        let sent = sent.map(|(outgoing, message)| Attachment {
            role: outgoing.role,
            party: outgoing.party,
            at_us: now_us,
            message,
        });
        let mut attachments = [EMPTY; OUTGOING_MAX + 1];
        let mut count = 0;
        for (slot, attachment) in attachments.iter_mut().zip(received.into_iter().chain(sent)) {
            *slot = attachment;
            count += 1;
        }
        let attachments = attachments.get(..count).unwrap_or_default();
        let record = Record { kind, at_us: now_us, payment: &ready.next, original, attachments };
        self.head.clear();
        record.encode_head(&mut self.head);
        let mut parts: [&[u8]; OUTGOING_MAX + 2] = [&[]; OUTGOING_MAX + 2];
        let whole =
            std::iter::once(self.head.as_slice()).chain(attachments.iter().map(|attachment| attachment.message));
        for (slot, part) in parts.iter_mut().zip(whole) {
            *slot = part;
        }
        let appended = self.shared.journal.append(work, parts.get(..=count).unwrap_or_default())?;
        Ok((record.payment_at(appended.position.as_u64()), appended))
    }

    /// The deeds of a recorded change wait for its group; timers are armed at once.
    fn follow(&mut self, ready: Prepared, signed: &Signed, appended: Appended, placed: &Payment) {
        let (key, group) = (ready.change.key, appended.group);
        let became_final = placed.is_final() && ready.before.is_none_or(|before| !before.is_final());
        match event_of(&ready.change) {
            Some(Event::NoticeAcknowledged(_)) => self.metrics.count(Count::NoticesAcknowledged),
            None => self.metrics.raise(Level::UnfinishedPayments),
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
                    self.post(&ready, signed, group, Role::LegRequest, leg.bank(), Purpose::Leg(leg))
                }
                Effect::SendQuery(leg) => {
                    self.metrics.count(Count::QueriesSent);
                    self.post(&ready, signed, group, Role::Query, leg.bank(), Purpose::Query(leg));
                }
                Effect::Notify(party) => {
                    self.metrics.count(Count::NoticesSent);
                    self.post(&ready, signed, group, Role::Notice, party, Purpose::Notice(party));
                }
                Effect::ReplyFinal => self.reply(&ready, signed, group, true),
                Effect::ReplyInProcess => {
                    self.metrics.count(Count::InProcessReceipts);
                    self.reply(&ready, signed, group, false);
                }
                Effect::ArmDue(at_us) => self.wheel.insert(at_us, key, timeout::DUE),
                Effect::ArmReceiptDue(at_us) => self.wheel.insert(at_us, key, timeout::RECEIPT_DUE),
                Effect::OpenCase(kind) => self.waiting.push(group, Deed::Case { key, kind }),
                Effect::ReleaseRefund => {}
            }
        }
        if placed.is_final() && placed.owed.is_empty() {
            self.flights.remove(&key);
        }
    }

    fn post(&mut self, ready: &Prepared, signed: &Signed, group: u64, role: Role, party: Party, purpose: Purpose) {
        let Some(draft) = ready.draft(role, party) else { return };
        let message_type = match purpose {
            Purpose::Leg(_) => rules(ready.next.business).request,
            Purpose::Query(_) => MessageType::Epcc301,
            Purpose::Notice(_) => MessageType::Epcc207,
        };
        let originator = self.originator(ready.next.institution);
        let message = Outbound { message_type, originator, body: signed.get(draft) };
        let ticket = Ticket { key: ready.change.key, participant: ready.next.participant(party), purpose };
        self.waiting.push(group, Deed::Send { ticket, message });
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
            ..Reply::message(rules(ready.next.business).receipt, signed.get(draft))
        };
        self.waiting.push(group, Deed::Answer { exchange, reply });
    }

    /// A change that could not be recorded: done again, refused, or left to a timer.
    fn set_back(&mut self, ready: Prepared, setback: Setback) {
        let key = ready.change.key;
        match (ready.change.cause, setback) {
            (Cause::Event(event), Setback::Overtaken) => {
                self.changes.push(Change { cause: Cause::Event(event), ..ready.change });
            }
            (Cause::Event(_), setback) => {
                // The journal is poisoned or full to the last byte; the node stops, and the restart goes on from what is durable.
                let Setback::Journal(error) = setback else { return };
                tracing::error!(%error, "a running payment could not be recorded");
            }
            (Cause::Accept(_), setback) => {
                if let Some(flight) = self.flights.remove(&key) {
                    self.refuse_new(setback, flight, ready.next.business);
                }
            }
        }
    }

    fn refuse_new(&mut self, setback: Setback, flight: Box<Flight>, business: Business) {
        match setback {
            Setback::Taken | Setback::Overtaken => self.send_back(flight),
            Setback::Refund(refusal) => {
                let code = ReturnCode::parse(&refusal.code()).unwrap_or(ReturnCode::RB622099);
                self.answer_later(flight, Answering::Decline(rules(business), code));
            }
            Setback::TableFull => self.answer_later(flight, Answering::Refuse(ReturnCode::PS500001)),
            Setback::Journal(error) => {
                tracing::warn!(%error, "a new payment is refused: the journal takes no record");
                self.answer_later(flight, Answering::Refuse(ReturnCode::ES000098));
            }
        }
    }

    /// A request whose TrxId is taken already comes in once more, as the repetition that it is.
    fn send_back(&mut self, flight: Box<Flight>) {
        let Flight { request, exchange, .. } = *flight;
        if let Some(exchange) = exchange {
            self.inbox.push(Incoming::Request { body: request, exchange });
        }
    }

    fn answer_later(&mut self, flight: Box<Flight>, answering: Answering) {
        let Flight { request, fields, exchange, .. } = *flight;
        if let Some(exchange) = exchange {
            self.replies.push(PendingReply { exchange, request: Some((request, fields)), answering });
        }
    }

    /// A message that changes nothing is still kept, beside the payment it belongs to.
    fn keep_evidence(&mut self, change: &Change, now_us: u64) {
        let (Some(evidence), Some(payment)) = (&change.evidence, self.shared.table.get(change.key)) else { return };
        let attachments =
            [Attachment { role: evidence.role, party: evidence.party, at_us: now_us, message: &evidence.message }];
        let record = Record {
            kind: RecordKind::Evidence,
            at_us: now_us,
            payment: &payment,
            original: None,
            attachments: &attachments,
        };
        self.head.clear();
        record.encode_head(&mut self.head);
        if let Err(error) = self.shared.journal.append(Work::New, &[&self.head, &evidence.message]) {
            tracing::warn!(%error, "evidence of a late answer could not be kept");
        }
    }

    pub(super) fn open_case(&self, key: u128, kind: CaseKind) {
        self.metrics.case_opened(match kind {
            CaseKind::Presumed03 => Case::Presumed03,
            CaseKind::Presumed04 => Case::Presumed04,
            CaseKind::LateAnswer => Case::LateAnswer,
            CaseKind::LateAnswerContradicts => Case::LateAnswerContradicts,
        });
        tracing::warn!(trx_id = %format_args!("{key:031}"), ?kind, "case opened");
    }
}

const fn event_of(change: &Change) -> Option<Event> {
    match change.cause {
        Cause::Accept(_) => None,
        Cause::Event(event) => Some(event),
    }
}

const EMPTY: Attachment<'static> =
    Attachment { role: Role::Request, party: Party::Institution, at_us: 0, message: &[] };
