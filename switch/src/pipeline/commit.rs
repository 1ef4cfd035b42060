//! Stage 4, the one place where a payment changes.
//!
//! ```text
//!  changes -> transition -> draft messages -> sign all at once -> [lock: still the same? append; replace] -> deeds wait
//! ```
//!
//! A **wave** takes at most one change of each payment; what it leaves goes into the next wave of the same burst. The
//! record holds the after-image, what was received and what will be sent, so that nothing leaves which the journal does
//! not know to the byte. Invariant: the table and the journal change together, under the lock of the payment's shard.

use clearway_codec::Checked;
use clearway_codec::value::ReturnCode;

use super::admit::Admission;
use super::change::{Cause, Change, OUTGOING_MAX, Prepared};
use super::disclose::open;
use super::drafts::Signed;
use super::fetch::Errand;
use super::flight::Flight;
use super::inbox::Incoming;
use super::known::{Fetched, Wanted};
use super::record::Setback;
use super::register::needs_facts;
use super::reply::{Answering, PendingReply};
use super::timeout;
use super::worker::Worker;
use crate::domain::transaction::{CaseKind, Effect, Effects, Event, Leg, Outcome, Payment, Reason, transition};
use crate::metrics::{Count, LegOutcome, Stage};

/// How long a running payment waits when the journal had no room for it, microseconds.
const RETRY_US: u64 = 1_000_000;

/// What a change makes of a payment: the after-image that it builds on, the next one, what follows.
type Applied = (Option<Payment>, Payment, Effects);

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
        self.marks.admitted = self.watch.lap(Stage::Admit);
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
        self.marks.signed = self.watch.lap(Stage::Sign);
        for change in prepared.drain(..) {
            self.record(change, &signed, now_us);
        }
        self.prepared = prepared;
        self.send_replies(&signed);
        self.watch.lap(Stage::CommitWait);
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
        let mut late = None;
        let ready = match &change.cause {
            Cause::Accept(admission) => {
                let acceptance = &admission.acceptance;
                let mut timing = self.shared.timing_of(self.shared.vias(acceptance.banks, acceptance.ways));
                if admission.declined.is_none() {
                    change.delay_us = self.pace_acceptance(&admission.acceptance, now_us);
                    timing.delay_leg(Leg::One, change.delay_us);
                }
                let (next, effects) = match admission.declined {
                    Some(code) if admission.is_held => Payment::hold(&admission.acceptance, code, now_us, &timing),
                    Some(code) => Payment::decline(&admission.acceptance, code, now_us, &timing),
                    None => Payment::accept(&admission.acceptance, now_us, &timing),
                };
                Some((None, next, effects))
            }
            Cause::Event(event) => {
                let (event, route) = self.move_on(change.key, *event, now_us);
                (change.cause, change.route) = (Cause::Event(event), route);
                match self.apply(change.key, event, now_us) {
                    Ok((applied, delay_us)) => {
                        change.delay_us = delay_us;
                        Some(applied)
                    }
                    Err(case) => {
                        late = case;
                        None
                    }
                }
            }
        };
        let Some((before, next, effects)) = ready else {
            self.keep_evidence(&change, late, now_us);
            self.replies.extend(change.reply.take().map(|reply| *reply));
            return;
        };
        let becomes_final = next.becomes_final(before.as_ref());
        let is_here = change.flight.is_some() || self.flights.contains_key(&change.key);
        let is_read = effects.iter().any(Effect::writes) || needs_facts(&change.cause, before.as_ref(), &next);
        if !is_here && (becomes_final || is_read) {
            self.revive(change, &next);
            return;
        }
        if let Some(original) = self.missing_original(&change, &next, &effects) {
            self.fetch(Wanted::ToChange(original), Fetched::default(), Errand::Change(Box::new(change)));
            return;
        }
        let change = self.board(change);
        let mut ready = Prepared { change, before, next, effects, facts: None, outgoing: [None; OUTGOING_MAX] };
        ready.facts = self.facts(&ready, now_us);
        self.draft(&mut ready, now_us);
        prepared.push(ready);
    }

    /// The outcome of an event and how long the leg that follows is held back; if it changes nothing, the case that it opens, if any.
    fn apply(&mut self, key: u128, event: Event, now_us: u64) -> Result<(Applied, u64), Option<CaseKind>> {
        let Some(before) = self.shared.table.get(key) else {
            // It has left the memory: nothing is to be done for it.
            self.flights.remove(&key);
            return Err(None);
        };
        let mut ways = before.ways;
        if let Event::LegMoved(leg, way) = event {
            ways[leg.index()] = way;
        }
        let mut timing = self.shared.timing_of(self.shared.vias(before.banks, ways));
        timing.rest_until_us = self.rest_until_us(&before);
        timing.batch_from = self.shared.positions.takes_from();
        let delay_us = self.pace_event(&before, event, now_us);
        timing.delay_leg(Leg::Two, delay_us);
        match transition(&before, event, now_us, &timing) {
            Outcome::Changed { next, effects } => Ok(((Some(before), next, effects), delay_us)),
            Outcome::Unchanged { reason, effects } => {
                if !before.is_unfinished() {
                    // Another worker may have brought it to its end.
                    self.flights.remove(&key);
                } else if reason == Reason::NotDue && self.flights.contains_key(&key) {
                    self.wheel.insert(before.due_at_us, key, timeout::DUE);
                }
                if reason == Reason::Late {
                    self.metrics.count(Count::LateAnswers);
                    if let Event::LegSucceeded(leg) | Event::LegRefused(leg, _) = event {
                        self.metrics.leg_ended(self.shared.asked(&before, leg), leg.index(), LegOutcome::Late);
                    }
                }
                let case = effects.iter().find_map(|effect| match effect {
                    Effect::OpenCase(kind) => Some(*kind),
                    _ => None,
                });
                if let Some(kind) = case {
                    self.tell_case(key, kind);
                }
                Err(case)
            }
        }
    }

    /// A payment that begins gets its flight, and a leg's answer its place in it.
    fn board(&mut self, mut change: Change) -> Change {
        if let Some(mut flight) = change.flight.take() {
            flight.wave = self.waves;
            self.flights.insert(change.key, flight);
        }
        if let Some(flight) = self.flights.get_mut(&change.key) {
            if let Some((leg, serial)) = change.serial.take()
                && let Some(slot) = flight.serials.get_mut(leg.index())
            {
                *slot = Some(serial);
            }
            if let Some(answer) = change.answer.take() {
                let (bytes, fields) = &*answer;
                // What cannot be opened is not repeated; the outcome stands.
                if let Ok(Some(clear)) = open(&self.shared, &Checked::from_parts(bytes, fields)) {
                    flight.clear.get_or_insert_default().absorb(*clear);
                }
                flight.answer = Some(answer);
            }
        }
        change
    }

    /// Table and journal together, then the deeds that wait for the group.
    fn record(&mut self, ready: Prepared, signed: &Signed, now_us: u64) {
        match self.append(&ready, signed, now_us) {
            Ok((appended, placed)) => {
                self.follow(&ready, signed, appended, &placed);
                self.replies.extend(ready.change.reply.map(|reply| *reply));
            }
            Err(setback) => self.set_back(ready, setback, now_us),
        }
    }

    /// A change that could not be recorded: done again, refused, or left to a timer.
    fn set_back(&mut self, ready: Prepared, setback: Setback, now_us: u64) {
        let key = ready.change.key;
        match (ready.change.cause, setback) {
            // A leg that was to move did not: it is decided on anew.
            (Cause::Event(Event::LegMoved(leg, _)), Setback::Overtaken | Setback::NoPlace) => {
                self.changes.push(Change { cause: Cause::Event(Event::LegNotSent(leg)), ..ready.change });
            }
            (Cause::Event(event), Setback::Overtaken | Setback::Closed) => {
                self.changes.push(Change { cause: Cause::Event(event), ..ready.change });
            }
            (Cause::Accept(admission), Setback::NoPlace) => {
                if let Some(flight) = self.flights.remove(&key) {
                    let (admission, route) = self.route_again(&admission, &flight, now_us);
                    let cause = Cause::Accept(admission);
                    self.changes.push(Change { cause, flight: Some(flight), route, ..ready.change });
                }
            }
            (Cause::Event(_), setback) => {
                // A poisoned journal stops the node, and the restart goes on from what is durable. A full one may get room.
                let Setback::Journal(error) = setback else { return };
                tracing::error!(%error, "a running payment could not be recorded");
                if let Some(PendingReply { exchange, request, .. }) = ready.change.reply.map(|reply| *reply) {
                    self.replies.push(PendingReply {
                        exchange,
                        request,
                        answering: Answering::Refuse(ReturnCode::ES000098),
                    });
                }
                self.wheel.insert(now_us.saturating_add(RETRY_US), key, timeout::DUE);
            }
            (Cause::Accept(admission), Setback::Declined(code)) => {
                let cause = Cause::Accept(Admission { declined: Some(code), ..admission });
                let flight = self.flights.remove(&key);
                self.changes.push(Change { cause, flight, ..ready.change });
            }
            (Cause::Accept(_), setback) => {
                if let Some(flight) = self.flights.remove(&key) {
                    self.refuse_new(setback, flight);
                }
            }
        }
    }

    fn refuse_new(&mut self, setback: Setback, flight: Box<Flight>) {
        match setback {
            // What declines a transaction, or routes it anew, was taken up before.
            Setback::Closed | Setback::Taken | Setback::Overtaken | Setback::Declined(_) | Setback::NoPlace => {
                self.send_back(flight)
            }
            Setback::TableFull | Setback::Busy => self.answer_later(flight, Answering::Refuse(ReturnCode::PS500001)),
            Setback::Journal(error) => {
                tracing::warn!(%error, "a new payment is refused: the journal takes no record");
                self.answer_later(flight, Answering::Refuse(ReturnCode::ES000098));
            }
        }
    }

    /// A request whose TrxId is taken already comes in once more, as the repetition that it is; one whose batch has been closed since
    /// it came gets the batch of now.
    fn send_back(&mut self, flight: Box<Flight>) {
        let Flight { request, exchange, .. } = *flight;
        if let Some(exchange) = exchange {
            self.inbox.push(Incoming::Request { body: request, exchange });
        }
    }

    pub(super) fn answer_later(&mut self, flight: Box<Flight>, answering: Answering) {
        let Flight { request, fields, exchange, .. } = *flight;
        if let Some(exchange) = exchange {
            self.replies.push(PendingReply { exchange, request: Some((request, fields)), answering });
        }
    }
}
