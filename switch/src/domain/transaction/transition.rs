//! The whole life of a transaction as one table: [`transition`].
//!
//! ```text
//!             leg 1 yes            leg 2 yes
//!  Leg1Sent ------------> Leg2Sent ------------> Final 00
//!   |  |  no / not sent      |  |  no
//!   |  +--------> Final 01 <-|--+   (undo leg 1)
//!   | unknown             ^  | unknown      ^ no such transaction: once more
//!   v                     |  v              |
//!  Leg1Unknown -----------+ Leg2Unknown ----+
//!   |   ^ | query           |   ^ | query
//!   |   +-+                 |   +-+
//!   +--> Final 04           +--> Final 03      when the last query brought nothing
//! ```
//!
//! Invariants: total (every phase x event has a row), pure, and nothing leaves `Final`. The points (1 to 7) are those of
//! business.md section 1. Called by the pipeline's commit and nobody else.

use clearway_codec::value::TrxStatus;

use super::effect::{CaseKind, Effect, Effects};
use super::event::Event;
use super::party::{Leg, Parties, Party};
use super::payment::{Flags, Payment, Phase, moves_money};
use super::refund::reserved_fen;
use crate::domain::business::rules;
use crate::domain::timing::Timing;

/// What an event makes of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is a next after-image: record it, and do the effects when the record is durable.
    Changed {
        /// The payment after the event.
        next: Payment,
        /// What to do, in order.
        effects: Effects,
    },
    /// The payment stays as it is.
    Unchanged {
        /// Why.
        reason: Reason,
        /// At most a case to open.
        effects: Effects,
    },
}

/// Why an event changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A bank's answer to a leg that is settled already.
    Late,
    /// Says what is known already.
    Duplicate,
    /// A timer that rang too early, or was replaced.
    NotDue,
    /// Means nothing in this phase.
    Irrelevant,
    /// The reservation of a refund that does not fit.
    Refused,
}

/// What `event` makes of `payment` at `now_us`. Total and pure; a final status never changes.
pub fn transition(payment: &Payment, event: Event, now_us: u64, timing: &Timing) -> Outcome {
    use Event::*;
    use Leg::{One, Two};
    use Phase::*;
    let step = Step { payment, now_us, timing };
    match (payment.phase, event) {
        // (2) Leg 1 is out, and (4) its late or queried answer, as long as it is unknown.
        (Leg1Sent | Leg1Unknown, LegSucceeded(One)) | (Leg1Unknown, QuerySucceeded(One)) => step.begin_leg_two(),
        (Leg1Sent | Leg1Unknown, LegRefused(One, code)) | (Leg1Unknown, QueryRefused(One, code)) => {
            step.fail(code, Parties::NONE)
        }
        (Leg1Sent | Leg1Unknown, LegNotSent(One)) => step.fail(step.leg_rules(One).unreachable, Parties::NONE),
        (Leg1Sent, LegUnknown(One, _)) => step.await_query(Leg1Unknown),
        (Leg1Unknown, LegUnknown(One, _)) => unchanged(Reason::Duplicate),
        (Leg1Unknown, QueryNoSuchTransaction(One)) => {
            step.fail(step.leg_rules(One).no_such_transaction, Parties::BANK1)
        }

        // (3) Leg 2 is out, and (4) likewise.
        (Leg2Sent | Leg2Unknown, LegSucceeded(Two)) | (Leg2Unknown, QuerySucceeded(Two)) => step.succeed(),
        (Leg2Sent | Leg2Unknown, LegRefused(Two, code)) | (Leg2Unknown, QueryRefused(Two, code)) => {
            step.fail(code, Parties::BANK1)
        }
        (Leg2Sent, LegUnknown(Two, _) | LegNotSent(Two)) => step.await_query(Leg2Unknown),
        (Leg2Unknown, LegUnknown(Two, _) | LegNotSent(Two)) => unchanged(Reason::Duplicate),
        (Leg2Unknown, QueryNoSuchTransaction(Two)) if payment.leg_two_was_resent() => unchanged(Reason::Duplicate),
        (Leg2Unknown, QueryNoSuchTransaction(Two)) => step.resend_leg_two(),

        // (4) Time: a leg's deadline, the next query, presumption; (6) the next notice.
        (_, Due) if !step.is_due() => unchanged(Reason::NotDue),
        (Leg1Sent, Due) => step.await_query(Leg1Unknown),
        (Leg2Sent, Due) => step.await_query(Leg2Unknown),
        (Leg1Unknown, Due) => step.query_or_presume(One),
        (Leg2Unknown, Due) => step.query_or_presume(Two),
        (Final, Due) => step.notify_again(),

        // (5) The institution's exchange.
        (Leg1Sent | Leg1Unknown | Leg2Sent | Leg2Unknown, ReceiptDue) => {
            step.end_exchange(Effects::of(Effect::ReplyInProcess))
        }
        (Leg1Sent | Leg1Unknown | Leg2Sent | Leg2Unknown, ReceiptLost) => step.end_exchange(Effects::NONE),
        (Final, ReceiptLost) => step.end_exchange(Effects::of(Effect::Notify(Party::Institution))),
        (Final, ReceiptDelivered) => step.seen_by(Party::Institution),
        (Final, ReceiptDue) => unchanged(Reason::Irrelevant),
        (Leg1Sent | Leg1Unknown | Leg2Sent | Leg2Unknown, ReceiptDelivered) => unchanged(Reason::Irrelevant),

        // (6) Terminal notices.
        (Final, NoticeAcknowledged(party)) => step.seen_by(party),
        (Leg1Sent | Leg1Unknown | Leg2Sent | Leg2Unknown, NoticeAcknowledged(_)) => unchanged(Reason::Irrelevant),

        // (7) Answers about a leg that is settled: never a change.
        (Leg2Sent | Leg2Unknown, LegSucceeded(One) | QuerySucceeded(One)) => unchanged(Reason::Duplicate),
        (Leg2Sent | Leg2Unknown, LegRefused(One, _) | QueryRefused(One, _) | QueryNoSuchTransaction(One)) => {
            late(CaseKind::LateAnswerContradicts)
        }
        (Final, LegSucceeded(leg)) => step.hear_late(leg, true, true),
        (Final, LegRefused(leg, _)) => step.hear_late(leg, false, true),
        (Final, QuerySucceeded(leg)) => step.hear_late(leg, true, false),
        (Final, QueryRefused(leg, _) | QueryNoSuchTransaction(leg)) => step.hear_late(leg, false, false),

        // A query that brings nothing changes nothing: its leg's next step is a matter of time.
        (_, QueryUnanswered(_)) => unchanged(Reason::Irrelevant),
        // A leg that is settled cannot become unknown.
        (Leg2Sent | Leg2Unknown, LegUnknown(One, _) | LegNotSent(One)) => unchanged(Reason::Late),
        (Final, LegUnknown(..) | LegNotSent(_)) => unchanged(Reason::Late),
        // No query of this sending is out: whatever this answers was asked before, and the sending's own answer decides.
        (Leg1Sent, QuerySucceeded(One) | QueryRefused(One, _) | QueryNoSuchTransaction(One)) => {
            unchanged(Reason::Irrelevant)
        }
        (Leg2Sent, QuerySucceeded(Two) | QueryRefused(Two, _) | QueryNoSuchTransaction(Two)) => {
            unchanged(Reason::Irrelevant)
        }
        // Leg 2 is not out yet.
        (Leg1Sent | Leg1Unknown, LegSucceeded(Two) | LegRefused(Two, _) | LegUnknown(Two, _) | LegNotSent(Two)) => {
            unchanged(Reason::Irrelevant)
        }
        (Leg1Sent | Leg1Unknown, QuerySucceeded(Two) | QueryRefused(Two, _) | QueryNoSuchTransaction(Two)) => {
            unchanged(Reason::Irrelevant)
        }

        // Refunds of this payment.
        (_, RefundReserved(fen)) => step.reserve(fen),
        (_, RefundReleased(fen)) => step.release(fen),
    }
}

fn unchanged(reason: Reason) -> Outcome {
    Outcome::Unchanged { reason, effects: Effects::NONE }
}

fn late(case: CaseKind) -> Outcome {
    Outcome::Unchanged { reason: Reason::Late, effects: Effects::of(Effect::OpenCase(case)) }
}

/// One application of the table: the actions that its rows name.
#[derive(Clone, Copy)]
struct Step<'a> {
    payment: &'a Payment,
    now_us: u64,
    timing: &'a Timing,
}

impl Step<'_> {
    fn leg_rules(&self, leg: Leg) -> &'static crate::domain::business::LegRules {
        rules(self.payment.business).leg(leg)
    }

    fn is_due(&self) -> bool {
        self.payment.due_at_us != 0 && self.payment.due_at_us <= self.now_us
    }

    /// The next after-image, one step on.
    fn next(&self) -> Payment {
        Payment { step: self.payment.step + 1, ..*self.payment }
    }

    fn in_us(&self, wait_us: u64) -> u64 {
        self.now_us.saturating_add(wait_us)
    }

    fn begin_leg_two(self) -> Outcome {
        let mut next = self.next();
        next.flags = next.flags.with(Flags::LEG_ONE_HAPPENED);
        self.send_leg_two(next)
    }

    fn resend_leg_two(self) -> Outcome {
        let mut next = self.next();
        next.flags = next.flags.with(Flags::LEG_TWO_RESENT);
        self.send_leg_two(next)
    }

    fn send_leg_two(self, mut next: Payment) -> Outcome {
        next.phase = Phase::Leg2Sent;
        next.queries = 0;
        next.due_at_us = self.in_us(self.timing.leg_deadline_us[Leg::Two.index()]);
        let mut effects = Effects::of(Effect::SendLeg(Leg::Two));
        effects.push(Effect::ArmDue(next.due_at_us));
        Outcome::Changed { next, effects }
    }

    /// The leg is unknown: wait for the first query.
    fn await_query(self, phase: Phase) -> Outcome {
        let mut next = self.next();
        next.phase = phase;
        next.queries = 0;
        let leg = if phase == Phase::Leg1Unknown { Leg::One } else { Leg::Two };
        next.due_at_us = self.after_queries(leg, 0);
        Outcome::Changed { next, effects: Effects::of(Effect::ArmDue(next.due_at_us)) }
    }

    /// When the leg is due again after `queries` queries: at the next query, or when the last one's answer is overdue.
    fn after_queries(&self, leg: Leg, queries: u8) -> u64 {
        let answer_us = self.timing.leg_deadline_us[leg.index()];
        self.in_us(self.timing.query_schedule.wait_us(queries).unwrap_or(answer_us))
    }

    fn query_or_presume(self, leg: Leg) -> Outcome {
        if self.payment.queries >= self.timing.query_schedule.steps() {
            return self.presume(leg);
        }
        let mut next = self.next();
        next.queries += 1;
        next.due_at_us = self.after_queries(leg, next.queries);
        let mut effects = Effects::of(Effect::SendQuery(leg));
        effects.push(Effect::ArmDue(next.due_at_us));
        Outcome::Changed { next, effects }
    }

    /// The rule of presumption; both sides that may have moved money are told.
    fn presume(self, leg: Leg) -> Outcome {
        let rules = self.leg_rules(leg);
        let told = if leg == Leg::One { Parties::BANK1 } else { Parties::BANKS };
        self.finish(rules.presumed_status, rules.presumed, told)
    }

    fn succeed(self) -> Outcome {
        self.finish(TrxStatus::Success, *b"00000000", Parties::NONE)
    }

    fn fail(self, code: [u8; 8], told: Parties) -> Outcome {
        self.finish(TrxStatus::Failure, code, told)
    }

    /// Makes the status final. `told` are the banks that must learn it by notice; the institution always must see it.
    fn finish(self, status: TrxStatus, code: [u8; 8], told: Parties) -> Outcome {
        let mut next = self.next();
        next.phase = Phase::Final;
        next.status = status;
        next.code = code;
        next.finished_at_us = self.now_us;
        next.owed = told.with(Party::Institution);
        next.notices = 0;
        next.due_at_us = self.timing.notice_schedule.wait_us(0).map_or(0, |wait| self.in_us(wait));
        let effects = self.effects_of_finish(&next, told);
        Outcome::Changed { next, effects }
    }

    fn effects_of_finish(&self, next: &Payment, told: Parties) -> Effects {
        let mut effects = Effects::of(match next.exchange_is_over() {
            true => Effect::Notify(Party::Institution),
            false => Effect::ReplyFinal,
        });
        for bank in told.iter() {
            effects.push(Effect::Notify(bank));
        }
        if rules(next.business).reserves_original && !moves_money(next.status) {
            effects.push(Effect::ReleaseRefund);
        }
        match next.status {
            TrxStatus::PresumedSuccess => effects.push(Effect::OpenCase(CaseKind::Presumed03)),
            TrxStatus::PresumedFailure => effects.push(Effect::OpenCase(CaseKind::Presumed04)),
            TrxStatus::Success | TrxStatus::Failure | TrxStatus::InProcess => {}
        }
        if next.due_at_us != 0 {
            effects.push(Effect::ArmDue(next.due_at_us));
        }
        effects
    }

    /// Resends every notice still owed; after the last the statement file decides.
    fn notify_again(self) -> Outcome {
        let mut next = self.next();
        next.notices += 1;
        next.due_at_us = self.timing.notice_schedule.wait_us(next.notices).map_or(0, |wait| self.in_us(wait));
        let mut effects = Effects::NONE;
        for party in next.owed.iter() {
            effects.push(Effect::Notify(party));
        }
        if next.due_at_us != 0 {
            effects.push(Effect::ArmDue(next.due_at_us));
        }
        Outcome::Changed { next, effects }
    }

    /// No receipt can be written on the institution's exchange from now on.
    fn end_exchange(self, effects: Effects) -> Outcome {
        let seen = self.payment.is_final() && !self.payment.owed.contains(Party::Institution);
        if seen || self.payment.exchange_is_over() {
            return unchanged(Reason::Duplicate);
        }
        let mut next = self.next();
        next.flags = next.flags.with(Flags::EXCHANGE_OVER);
        Outcome::Changed { next, effects }
    }

    fn seen_by(self, party: Party) -> Outcome {
        if !self.payment.owed.contains(party) {
            return unchanged(Reason::Duplicate);
        }
        let mut next = self.next();
        next.owed = next.owed.without(party);
        if next.owed.is_empty() {
            next.due_at_us = 0;
        }
        Outcome::Changed { next, effects: Effects::NONE }
    }

    /// A bank speaks about a leg after the final state: listed, never a change (point 7). The answer to a query that
    /// only repeats what another answer decided is nothing late.
    fn hear_late(self, leg: Leg, happened: bool, is_leg_answer: bool) -> Outcome {
        let status = self.payment.status;
        let presumed = matches!(status, TrxStatus::PresumedSuccess | TrxStatus::PresumedFailure);
        if leg == Leg::Two && !self.payment.leg_two_was_sent() {
            unchanged(Reason::Irrelevant)
        } else if self.payment.leg_happened(leg) != happened {
            late(CaseKind::LateAnswerContradicts)
        } else if presumed || is_leg_answer {
            late(CaseKind::LateAnswer)
        } else {
            unchanged(Reason::Duplicate)
        }
    }

    fn reserve(self, fen: u64) -> Outcome {
        let Some(refunded_fen) = reserved_fen(self.payment, fen) else {
            return unchanged(Reason::Refused);
        };
        Outcome::Changed { next: Payment { refunded_fen, ..self.next() }, effects: Effects::NONE }
    }

    fn release(self, fen: u64) -> Outcome {
        match self.payment.refunded_fen.checked_sub(fen) {
            Some(refunded_fen) if fen > 0 => {
                Outcome::Changed { next: Payment { refunded_fen, ..self.next() }, effects: Effects::NONE }
            }
            _ => unchanged(Reason::Irrelevant),
        }
    }
}
