//! The registers' part of a change: which images follow from it, under which locks.
//!
//! Invariant: an image changes in the same record as the transaction that changes it, under its own lock, which is taken after that of
//! the payment's shard. Called by commit, once before a change is drafted (what it is about) and once while it is recorded.

use super::change::{Cause, Prepared};
use super::disclose::digests;
use super::facts::{Source, end_of};
use super::shared::Shared;
use super::worker::Worker;
use crate::domain::business::{BusinessRules, Initiator, rules};
use crate::domain::dispute::{Direction, Opening, Reason, open};
use crate::domain::register::{Facts, Image, Key, RegisterRule, Stage, check, follow};
use crate::domain::transaction::{
    CaseKind, Effect, Event, Party, Payment, Phase, RefundRefusal, RefundRequest, refund,
};
use crate::registers::{Guard, Registers};

/// The images that change with a transaction, and the locks that keep others from changing them meanwhile.
pub(super) struct Entries<'r> {
    changes: Vec<(Guard<'r>, Image)>,
}

impl<'r> Entries<'r> {
    /// Puts every image, now that its record is in the journal's open group.
    pub(super) fn put(self) {
        for (mut guard, image) in self.changes {
            guard.put(image);
        }
    }

    fn add(&mut self, guard: Guard<'r>, image: Option<Image>) {
        self.changes.extend(image.map(|image| (guard, image)));
    }

    /// The bytes of all images, one after the other.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.clear();
        for (_, image) in &self.changes {
            image.encode(out);
        }
    }
}

/// The point of its life that a transaction reaches by a change; none when its register cannot care.
pub(super) fn stage_of(cause: &Cause, before: Option<&Payment>, next: &Payment) -> Option<Stage> {
    match cause {
        Cause::Accept(admission) if admission.declined.is_some() => None,
        Cause::Accept(_) => Some(Stage::Accepted),
        Cause::Event(_) if next.is_final() && before.is_some_and(|before| !before.is_final()) => {
            Some(Stage::Final(next.status))
        }
        Cause::Event(_) if next.phase == Phase::Waiting && before.is_some_and(|before| before.phase != next.phase) => {
            Some(Stage::Waiting)
        }
        // Who takes note of a failure confirms nothing.
        Cause::Event(event) if next.moves_money() => acknowledged(*event, rules(next.business)),
        Cause::Event(_) => None,
    }
}

fn acknowledged(event: Event, row: &BusinessRules) -> Option<Stage> {
    match event {
        Event::NoticeAcknowledged(party) => Some(Stage::Acknowledged(end_of(row, party))),
        Event::ReceiptDelivered => Some(Stage::Acknowledged(end_of(row, Party::Institution))),
        _ => None,
    }
}

/// Whether a change needs the transaction's facts.
pub(super) fn needs_facts(cause: &Cause, before: Option<&Payment>, next: &Payment) -> bool {
    let rule = rules(next.business).register;
    stage_of(cause, before, next).is_some_and(|stage| rule.changes_at(stage))
}

impl Worker {
    /// What the transaction of a change is about, where its register may change.
    pub(super) fn facts(&self, ready: &Prepared, now_us: u64) -> Option<Box<Facts>> {
        if !needs_facts(&ready.change.cause, ready.before.as_ref(), &ready.next) {
            return None;
        }
        let flight = self.flights.get(&ready.change.key)?;
        let (request, answer) = (flight.message(), flight.answer());
        let row = rules(ready.next.business);
        let about = ready.next.original().filter(|_| row.initiator == Initiator::Party);
        let original = about.and_then(|key| self.shared.table.get(key));
        let source = Source {
            row,
            request: &request,
            answer: answer.as_ref(),
            original: original.as_ref(),
            digests: digests(&self.shared, row, flight.clear.as_deref()),
            unknown_passes: self.shared.passes_unknown_agreements(),
        };
        Some(Box::new(source.facts(&ready.next, &self.shared.registers, now_us)))
    }
}

/// The images that follow from a change. `refunded_fen` is what refunds hold of the original now, for an adjustment of it.
///
/// # Errors
/// The code that declines a transaction which may not begin.
pub(super) fn follow_change<'r>(
    registers: &'r Registers,
    ready: &Prepared,
    refunded_fen: Option<u64>,
    now_us: u64,
) -> Result<Entries<'r>, [u8; 8]> {
    let mut entries = Entries { changes: Vec::new() };
    let row = rules(ready.next.business);
    if let Some(facts) = &ready.facts
        && let Some(stage) = stage_of(&ready.change.cause, ready.before.as_ref(), &ready.next)
        && let Some(key) = row.register.key(facts)
    {
        let mut facts = **facts;
        if let (Some(dispute), Some(refunded_fen)) = (&mut facts.dispute, refunded_fen) {
            dispute.refunded_fen = refunded_fen;
        }
        let (guard, image) = follow_rule(registers, row.register, stage, &facts, &key)?;
        entries.add(guard, image);
    }
    for effect in ready.effects.iter() {
        if let Effect::OpenCase(kind) = effect
            && row.initiator != Initiator::Party
        {
            let (guard, image) = open_case(registers, &ready.next, *kind, now_us);
            entries.add(guard, image);
        }
    }
    Ok(entries)
}

fn follow_rule<'r>(
    registers: &'r Registers,
    rule: RegisterRule,
    stage: Stage,
    facts: &Facts,
    key: &Key,
) -> Result<(Guard<'r>, Option<Image>), [u8; 8]> {
    let guard = registers.lock(key);
    let known = guard.image();
    if stage == Stage::Accepted {
        check(rule, facts, known.as_ref())?;
    }
    let image = follow(rule, stage, facts, known.as_ref());
    Ok((guard, image))
}

/// The original with a refund's amount reserved on it: no more than refunds and adjustments together have left of it. Its lock is held.
///
/// # Errors
/// Why the refund must not be accepted.
pub(super) fn reserve_refund(
    shared: &Shared,
    original: Option<&Payment>,
    request: &RefundRequest,
    now_us: u64,
) -> Result<Payment, RefundRefusal> {
    let adjusted = original.and_then(|original| shared.registers.case(original.trx_id).map(|case| (original, case)));
    let is_too_much = adjusted.is_some_and(|(original, case)| {
        let left_fen = case.adjustable_fen(Direction::ToPayer, original.refunded_fen);
        !case.adjustments.is_empty() && request.amount_fen > left_fen
    });
    if is_too_much {
        return Err(RefundRefusal::ExceedsOriginal);
    }
    refund::reserve(original, request, now_us, &shared.timing)
}

/// The case of a payment, opened or with one more reason.
pub(super) fn open_case<'r>(
    registers: &'r Registers,
    payment: &Payment,
    kind: CaseKind,
    now_us: u64,
) -> (Guard<'r>, Option<Image>) {
    let guard = registers.lock(&Key::Case(payment.trx_id));
    let known = guard.image();
    let opening = Opening {
        trx_key: payment.trx_id,
        reason: Reason::from(kind),
        status: payment.status,
        business: payment.business.code(),
        has_reserve: payment.has_reserve(),
        amount_fen: payment.amount_fen,
        institution: payment.institution,
        banks: payment.banks,
        code: payment.code,
        at_us: now_us,
    };
    let image = open(known.as_ref().and_then(Image::case), &opening).map(Image::Case);
    (guard, image)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Business;
    use crate::domain::timing::Timing;
    use crate::domain::transaction::{Acceptance, Leg, Outcome, transition};

    /// The bank denies the end of a mandate and acknowledges the notice of that failure: it has not confirmed the end.
    #[test]
    fn an_acknowledged_failure_confirms_nothing() {
        let acceptance = Acceptance {
            trx_id: 20_261_120 * 10_u128.pow(23) + 770_101,
            original: 0,
            digest: [0; 16],
            amount_fen: 0,
            account: 0,
            unrefundable: false,
            reserves_nothing: false,
            batch: 1,
            institution: 0,
            banks: [1, u16::MAX],
            ways: [0, 0],
            business: Business::MandateEnd,
        };
        let now_us = 1_795_140_000_000_000;
        let timing = Timing::default();
        let (accepted, _) = Payment::accept(&acceptance, now_us, &timing);
        let acknowledgement = Event::NoticeAcknowledged(Party::Bank1);
        for (answer, confirms) in [
            (Event::LegSucceeded(Leg::One), true),
            (Event::LegRefused(Leg::One, *b"PB531001"), false),
            (Event::LegRefused(Leg::One, *b"PB512001"), true),
        ] {
            let Outcome::Changed { next, .. } = transition(&accepted, answer, now_us + 1, &timing) else {
                panic!("{answer:?} ends it")
            };
            let stage = stage_of(&Cause::Event(acknowledgement), Some(&next), &next);
            assert_eq!(stage, confirms.then_some(Stage::Acknowledged(Party::Bank1)), "{answer:?}");
        }
    }
}
