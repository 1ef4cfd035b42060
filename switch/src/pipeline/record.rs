//! Table and journal together: one prepared change becomes one record.
//!
//! The record holds the after-image, what was received and what will be sent. Invariant: the after-image is in the table
//! when and only when its record is in the journal's open group or behind it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;

use super::change::{Cause, Change, OUTGOING_MAX, Prepared};
use super::drafts::Signed;
use super::places::Places;
use super::register::{follow_change, open_case, reserve_refund};
use super::shared::Shared;
use super::worker::Worker;
use crate::admission::{Layers, Spend};
use crate::domain::business::rules;
use crate::domain::record::{Attachment, Record, RecordKind, Role};
use crate::domain::register::RegisterRule;
use crate::domain::transaction::{CaseKind, Effect, Party, Payment, refund};
use crate::journal::{AppendError, Appended, Work};
use crate::positions::Closed;

/// Why a prepared change was not recorded.
pub(super) enum Setback {
    /// The payment changed meanwhile: do it again on the newer after-image.
    Overtaken,
    /// The TrxId came in on another worker at the same moment.
    Taken,
    /// The table holds as many payments as it may.
    TableFull,
    /// A quota has been used up since the message was admitted, by others of its burst.
    Busy,
    /// It may not begin, for this reason: a refund that does not fit its original, a register or a limit that has changed meanwhile.
    Declined([u8; 8]),
    /// The batch that it would come into has been closed meanwhile.
    Closed,
    /// A channel has no place any more for a leg that was to take it.
    NoPlace,
    /// The journal takes no record.
    Journal(AppendError),
}

impl Setback {
    /// A payment can come into a later batch. An adjustment's is that of its hour, and there is no other for it in this burst.
    const fn of(closed: Closed) -> Self {
        if closed.0.is_of_disputes() { Self::Busy } else { Self::Closed }
    }
}

/// What limits have counted, given back unless the payment is recorded.
struct Counted<'s> {
    shared: &'s Shared,
    spend: Spend,
    layers: Layers,
}

impl Counted<'_> {
    fn keep(mut self) {
        self.layers = Layers::NONE;
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.shared.admission.release(&self.spend, self.layers);
    }
}

impl Worker {
    pub(super) fn append(
        &mut self,
        ready: &Prepared,
        signed: &Signed,
        now_us: u64,
    ) -> Result<(Appended, Payment), Setback> {
        let Prepared { next, effects, .. } = ready;
        let releases = effects.contains(Effect::ReleaseRefund);
        let reserves = match &ready.change.cause {
            Cause::Accept(admission) => admission.refund.filter(|_| admission.declined.is_none()),
            Cause::Event(_) => None,
        };
        let shared = Arc::clone(&self.shared);
        // Refunds and adjustments of one payment bound each other, so both hold its lock.
        let adjusts = ready.before.is_none() && rules(next.business).register == RegisterRule::Adjust;
        let original_key = next.original().filter(|_| releases || reserves.is_some() || adjusts);
        let mut guard = match original_key {
            Some(original) => shared.table.lock_pair(next.trx_id, original),
            None => shared.table.lock(next.trx_id),
        };
        let current = guard.get(next.trx_id).copied();
        match (&ready.before, current) {
            (None, Some(_)) => return Err(Setback::Taken),
            (Some(before), Some(current)) if before.step == current.step => {}
            (Some(_), _) => return Err(Setback::Overtaken),
            (None, None) if has_left_meanwhile(ready, &shared) => return Err(Setback::Taken),
            (None, None) if shared.table.is_full() => return Err(Setback::TableFull),
            (None, None)
                if !next.is_final()
                    && !shared.active.admits(
                        next.institution,
                        shared.vias(next.banks, next.ways),
                        &shared.participants,
                    ) =>
            {
                return Err(Setback::Busy);
            }
            (None, None) => {}
        }
        let books = shared.positions.enter(self.number, ready.before.as_ref(), next).map_err(Setback::of)?;
        let layers = self.count_limits(ready).map_err(Setback::Declined)?;
        let counted = Counted { shared: &shared, spend: Shared::spend_of(next), layers };
        let places = Places::take(&shared, ready, now_us).ok_or(Setback::NoPlace)?;
        let found = original_key.and_then(|key| guard.get(key).copied());
        if found.is_none() && original_key.is_some_and(|key| is_on_shelf(ready, key, &shared)) {
            return Err(if ready.before.is_none() { Setback::Taken } else { Setback::Overtaken });
        }
        let refunded_fen = found.filter(|_| adjusts).map(|original| original.refunded_fen);
        let entries = follow_change(&shared.registers, ready, refunded_fen, now_us).map_err(Setback::Declined)?;
        let original = match (found, reserves) {
            (found, Some(request)) => Some(
                reserve_refund(&shared, found.as_ref(), &request, now_us)
                    .map_err(|refusal| Setback::Declined(refusal.code()))?,
            ),
            (Some(found), None) if releases => refund::release(&found, next, now_us, &shared.timing),
            _ => None,
        };
        entries.encode(&mut self.images);
        let next = if ready.before.is_none() { Payment { layers, ..*next } } else { *next };
        let next = places.mark(next);
        let (placed, appended) =
            self.write(ready, &next, signed, original.as_ref(), now_us).map_err(Setback::Journal)?;
        counted.keep();
        places.keep(ready, &next);
        entries.put();
        shared.recorded.fetch_max(appended.group, Ordering::AcqRel);
        if let Some(original) = original {
            guard.replace(original);
        }
        match ready.before {
            Some(_) => guard.replace(placed),
            None => guard.insert(placed).map_err(|_| Setback::TableFull)?,
        }
        books.book(&placed, appended.position.as_u64());
        shared.active.moved(ready.before.as_ref(), &placed, |payment, leg| shared.asked(payment, leg));
        shared.note_channels(ready, &placed, now_us);
        if placed.has_failed() && ready.before.is_some_and(|before| !before.is_final()) {
            shared.admission.release(&Shared::spend_of(&placed), placed.layers);
        }
        if ready.before.is_none() {
            shared.orders.note(&placed);
        }
        Ok((appended, placed))
    }

    /// Counts a payment that begins in the limits of its bank.
    fn count_limits(&self, ready: &Prepared) -> Result<Layers, [u8; 8]> {
        let begins = ready.before.is_none() && !ready.next.is_final();
        if !begins || !rules(ready.next.business).limited {
            return Ok(Layers::NONE);
        }
        self.shared.admission.reserve(&Shared::spend_of(&ready.next))
    }

    /// The record's bytes into the open group of the journal.
    fn write(
        &mut self,
        ready: &Prepared,
        next: &Payment,
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
        let route = ready.change.route.as_ref().map(|route| Attachment {
            role: Role::Route,
            party: Party::Institution,
            at_us: now_us,
            message: route,
        });
        let sent = ready.outgoing.iter().flatten().zip(messages.iter().flatten());
        let sent = sent.map(|(outgoing, message)| Attachment {
            role: outgoing.role,
            party: outgoing.party,
            at_us: now_us,
            message,
        });
        self.particulars.clear();
        if needs_particulars(ready.before.as_ref(), next)
            && let Some(flight) = self.flights.get(&ready.change.key)
        {
            flight.particulars().encode(&mut self.particulars);
        }
        let particulars = (!self.particulars.is_empty()).then_some(Attachment {
            role: Role::Particulars,
            party: Party::Institution,
            at_us: now_us,
            message: &self.particulars,
        });
        let mut attachments = [EMPTY; OUTGOING_MAX + 3];
        let mut count = 0;
        let all = received.into_iter().chain(sent).chain(route).chain(particulars);
        for (slot, attachment) in attachments.iter_mut().zip(all) {
            *slot = attachment;
            count += 1;
        }
        let attachments = attachments.get(..count).unwrap_or_default();
        let link = ready.change.link;
        let record = Record { kind, at_us: now_us, link, payment: next, original, images: &self.images, attachments };
        self.head.clear();
        record.encode_head(&mut self.head);
        let mut parts: [&[u8]; OUTGOING_MAX + 4] = [&[]; OUTGOING_MAX + 4];
        let whole =
            std::iter::once(self.head.as_slice()).chain(attachments.iter().map(|attachment| attachment.message));
        for (slot, part) in parts.iter_mut().zip(whole) {
            *slot = part;
        }
        let appended = self.shared.journal.append(work, parts.get(..=count).unwrap_or_default())?;
        Ok((record.payment_at(appended.position.as_u64()), appended))
    }

    /// A message that changes nothing is still kept, beside the payment it belongs to.
    pub(super) fn keep_evidence(&mut self, change: &Change, late: Option<CaseKind>, now_us: u64) {
        let (Some(evidence), Some(payment)) = (&change.evidence, self.shared.table.get(change.key)) else { return };
        let shared = Arc::clone(&self.shared);
        let case = late.map(|kind| open_case(&shared.registers, &payment, kind, now_us));
        self.images.clear();
        if let Some((_, Some(image))) = &case {
            image.encode(&mut self.images);
        }
        let attachments =
            [Attachment { role: evidence.role, party: evidence.party, at_us: now_us, message: &evidence.message }];
        let record = Record {
            kind: RecordKind::Evidence,
            at_us: now_us,
            link: change.link,
            payment: &payment,
            original: None,
            images: &self.images,
            attachments: &attachments,
        };
        self.head.clear();
        record.encode_head(&mut self.head);
        match (self.shared.journal.append(Work::New, &[&self.head, &evidence.message]), case) {
            (Ok(_), Some((mut guard, Some(image)))) => guard.put(image),
            (Ok(_), _) => {}
            (Err(error), _) => tracing::warn!(%error, "evidence of a late answer could not be kept"),
        }
    }
}

/// Whether a payment with the key of one that begins may have begun, ended and left the memory since it was looked for.
fn has_left_meanwhile(ready: &Prepared, shared: &Shared) -> bool {
    matches!(&ready.change.cause, Cause::Accept(admission) if admission.placed != shared.shelves.placed())
}

/// Whether the other payment that a change is about has left the memory since it was there.
fn is_on_shelf(ready: &Prepared, original: u128, shared: &Shared) -> bool {
    let is_nowhere = match &ready.change.cause {
        Cause::Accept(admission) => admission.original_is_nowhere,
        Cause::Event(_) => ready.change.is_fetched,
    };
    !is_nowhere && shared.shelves.may_hold(original)
}

/// Whether a record is the one that its statement is written from.
fn needs_particulars(before: Option<&Payment>, next: &Payment) -> bool {
    next.becomes_final(before) && rules(next.business).moves_money
}

const EMPTY: Attachment<'static> =
    Attachment { role: Role::Request, party: Party::Institution, at_us: 0, message: &[] };
