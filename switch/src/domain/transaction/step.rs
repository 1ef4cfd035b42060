//! The actions that the rows of the [`transition`](super::transition()) table name: one method each.
//!
//! Invariant: each makes at most one next after-image, one step on, and lists its effects in the order in which they
//! are to be done. Called by the table and nobody else.

use clearway_codec::value::{BatchId, BeijingTime, TrxStatus};

use super::effect::{CaseKind, Effect, Effects};
use super::party::{Leg, Parties, Party};
use super::payment::{Flags, Payment, Phase, moves_money};
use super::refund::reserved_fen;
use super::transition::{Outcome, Reason};
use crate::domain::business::{BusinessRules, Chase, LegRules, Notice, Rest, RestEnd, rules};
use crate::domain::timing::Timing;

pub(super) fn unchanged(reason: Reason) -> Outcome {
    Outcome::Unchanged { reason, effects: Effects::NONE }
}

pub(super) fn late(case: CaseKind) -> Outcome {
    Outcome::Unchanged { reason: Reason::Late, effects: Effects::of(Effect::OpenCase(case)) }
}

/// One application of the table: the actions that its rows name.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) payment: &'a Payment,
    pub(super) now_us: u64,
    pub(super) timing: &'a Timing,
}

impl Step<'_> {
    pub(super) fn row(&self) -> &'static BusinessRules {
        rules(self.payment.business)
    }

    /// A code of the leg's row. Every leg that an event can be about has one; ES000099 says nothing else.
    pub(super) fn code(&self, leg: Leg, of: impl Fn(&LegRules) -> [u8; 8]) -> [u8; 8] {
        self.row().leg(leg).map_or(*b"ES000099", of)
    }

    fn chase(&self, leg: Leg) -> Chase {
        self.row().leg(leg).map_or(Chase::Query, |leg| leg.chase)
    }

    fn rest_rules(&self) -> Option<Rest> {
        self.row().leg(Leg::One).and_then(|leg| leg.rest)
    }

    /// The clearing batch of this moment.
    pub(super) fn batch(&self) -> u32 {
        BatchId::at(BeijingTime::from_unix_micros(self.now_us)).as_u32().max(self.timing.batch_from)
    }

    pub(super) fn is_due(&self) -> bool {
        self.payment.due_at_us != 0 && self.payment.due_at_us <= self.now_us
    }

    /// The next after-image, one step on.
    fn next(&self) -> Payment {
        Payment { step: self.payment.step + 1, ..*self.payment }
    }

    fn in_us(&self, wait_us: u64) -> u64 {
        self.now_us.saturating_add(wait_us)
    }

    /// The debit happened, or the other side said yes: on to leg 2, if there is one.
    pub(super) fn leg_one_happened(self) -> Outcome {
        let mut next = self.next();
        next.flags = next.flags.with(Flags::LEG_ONE_HAPPENED);
        match self.row().leg(Leg::Two) {
            Some(_) => self.send_leg_two(next),
            None => self.finish_as(next, TrxStatus::Success, *b"00000000", Parties::NONE),
        }
    }

    pub(super) fn leg_one_refused(self, code: [u8; 8]) -> Outcome {
        if self.row().leg(Leg::One).is_some_and(|leg| leg.done_already.contains(&code)) {
            return self.leg_one_happened();
        }
        self.fail(code, Parties::NONE)
    }

    /// What may be sent again will be; what may not has failed, for certain.
    pub(super) fn leg_one_not_sent(self) -> Outcome {
        match (self.chase(Leg::One), self.payment.phase) {
            (Chase::Query, _) => self.fail(self.code(Leg::One, |leg| leg.unreachable), Parties::NONE),
            (Chase::Resend, Phase::Leg1Sent) => self.await_query(Phase::Leg1Unknown),
            (Chase::Resend, _) => unchanged(Reason::Duplicate),
        }
    }

    /// Leg 1 rests with a person; the initiator is told so, and the final state will go to it by notice.
    pub(super) fn rest(self) -> Outcome {
        if self.rest_rules().is_none() {
            return self.not_decided();
        }
        let mut next = self.next();
        let mut effects = match next.exchange_is_over() {
            true => Effects::NONE,
            false => Effects::of(Effect::ReplyInProcess),
        };
        next.flags = next.flags.with(Flags::EXCHANGE_OVER);
        self.wait_for_person(&mut next);
        effects.push(Effect::ArmDue(next.due_at_us));
        Outcome::Changed { next, effects }
    }

    /// "In process" from a bank whose leg cannot rest: it does not know, so it is asked.
    fn not_decided(self) -> Outcome {
        match self.payment.phase {
            Phase::Leg1Sent => self.await_query(Phase::Leg1Unknown),
            _ => unchanged(Reason::Duplicate),
        }
    }

    fn wait_for_person(&self, next: &mut Payment) {
        next.phase = Phase::Waiting;
        next.queries = 0;
        // Whatever the clock says, the timer is still to come.
        next.due_at_us = self.timing.rest_until_us.max(self.in_us(1));
    }

    /// Nobody has decided in time.
    pub(super) fn end_rest(self) -> Outcome {
        match self.rest_rules().map(|rest| rest.end) {
            Some(RestEnd::QueryThenFail(_)) if self.payment.queries == 0 => {
                let mut next = self.next();
                next.queries = 1;
                next.due_at_us = self.in_us(self.timing.leg_deadline_us[Leg::One.index()]);
                let mut effects = Effects::of(Effect::SendQuery(Leg::One));
                effects.push(Effect::ArmDue(next.due_at_us));
                Outcome::Changed { next, effects }
            }
            Some(RestEnd::QueryThenFail(code)) => self.fail(code, Parties::BANK1),
            Some(RestEnd::Agree) => {
                let mut next = self.next();
                next.flags = next.flags.with(Flags::LEG_ONE_HAPPENED);
                self.finish_as(next, TrxStatus::Success, *b"00000000", Parties::BANK1)
            }
            None => self.presume(Leg::One),
        }
    }

    /// The initiator closes the order. The bank learns it by notice, and gives back what its customer pays after all.
    pub(super) fn close(self) -> Outcome {
        if !self.row().closable {
            return unchanged(Reason::Irrelevant);
        }
        self.fail(*b"PB500034", Parties::BANK1)
    }

    pub(super) fn resend_leg_two(self) -> Outcome {
        let mut next = self.next();
        next.flags = next.flags.with(Flags::LEG_TWO_RESENT);
        self.send_leg_two(next)
    }

    fn send_leg_two(self, mut next: Payment) -> Outcome {
        next.phase = Phase::Leg2Sent;
        self.send(next, Leg::Two)
    }

    /// The leg goes out, with a deadline of its own.
    fn send(self, mut next: Payment, leg: Leg) -> Outcome {
        next.queries = 0;
        next.due_at_us = self.in_us(self.timing.leg_deadline_us[leg.index()]);
        let mut effects = Effects::of(Effect::SendLeg(leg));
        effects.push(Effect::ArmDue(next.due_at_us));
        Outcome::Changed { next, effects }
    }

    /// Nothing of the leg has left: it goes out over another channel.
    pub(super) fn move_leg(self, leg: Leg, way: u8) -> Outcome {
        if self.payment.way(leg) == way {
            return unchanged(Reason::Duplicate);
        }
        let mut next = self.next();
        next.ways[leg.index()] = way;
        self.send(next, leg)
    }

    /// The leg is unknown: wait for the first query.
    pub(super) fn await_query(self, phase: Phase) -> Outcome {
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

    pub(super) fn query_or_presume(self, leg: Leg) -> Outcome {
        if self.payment.queries >= self.timing.query_schedule.steps() {
            return self.give_up(leg);
        }
        let mut next = self.next();
        next.queries += 1;
        next.due_at_us = self.after_queries(leg, next.queries);
        let mut effects = Effects::of(match self.chase(leg) {
            Chase::Query => Effect::SendQuery(leg),
            Chase::Resend => Effect::SendLeg(leg),
        });
        effects.push(Effect::ArmDue(next.due_at_us));
        Outcome::Changed { next, effects }
    }

    /// The last query brought nothing. Where silence is consent, the time to object runs on.
    fn give_up(self, leg: Leg) -> Outcome {
        let consents = self.rest_rules().is_some_and(|rest| rest.end == RestEnd::Agree);
        if !consents || leg == Leg::Two {
            return self.presume(leg);
        }
        let mut next = self.next();
        self.wait_for_person(&mut next);
        Outcome::Changed { next, effects: Effects::of(Effect::ArmDue(next.due_at_us)) }
    }

    /// The rule of presumption; both sides that may have moved money are told.
    fn presume(self, leg: Leg) -> Outcome {
        let Some(rules) = self.row().leg(leg) else { return unchanged(Reason::Irrelevant) };
        let told = if leg == Leg::One { Parties::BANK1 } else { Parties::BANKS };
        self.finish(rules.presumed_status, rules.presumed, told)
    }

    pub(super) fn succeed(self) -> Outcome {
        self.finish(TrxStatus::Success, *b"00000000", Parties::NONE)
    }

    pub(super) fn fail(self, code: [u8; 8], told: Parties) -> Outcome {
        self.finish(TrxStatus::Failure, code, told)
    }

    /// Makes the status final. `told` are the banks that must learn it by notice; the institution always must see it.
    fn finish(self, status: TrxStatus, code: [u8; 8], told: Parties) -> Outcome {
        self.finish_as(self.next(), status, code, told)
    }

    fn finish_as(self, mut next: Payment, status: TrxStatus, code: [u8; 8], told: Parties) -> Outcome {
        let told = if self.tells() { told } else { Parties::NONE };
        next.phase = Phase::Final;
        next.status = status;
        next.code = code;
        next.finished_at_us = self.now_us;
        next.owed = if self.tells() || !next.exchange_is_over() { told.with(Party::Institution) } else { told };
        next.notices = 0;
        let first_wait = self.timing.notice_schedule.wait_us(0).filter(|_| !next.owed.is_empty());
        next.due_at_us = first_wait.map_or(0, |wait| self.in_us(wait));
        let effects = self.effects_of_finish(&next, told);
        Outcome::Changed { next, effects }
    }

    fn effects_of_finish(&self, next: &Payment, told: Parties) -> Effects {
        let mut effects = Effects::of(match next.exchange_is_over() {
            true if !self.tells() => return Effects::NONE,
            true => Effect::Notify(Party::Institution),
            false => Effect::ReplyFinal,
        });
        for bank in told.iter() {
            effects.push(Effect::Notify(bank));
        }
        if next.has_reservation() && !moves_money(next.status) {
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

    /// Whether those who have not seen the final state are told.
    fn tells(&self) -> bool {
        self.row().notice != Notice::Nobody
    }

    /// The receipt of the final state did not arrive.
    pub(super) fn lose_receipt(self) -> Outcome {
        if self.tells() {
            self.end_exchange(Effects::of(Effect::Notify(Party::Institution)))
        } else {
            self.leave_untold()
        }
    }

    fn leave_untold(self) -> Outcome {
        if self.payment.owed.is_empty() {
            return unchanged(Reason::Duplicate);
        }
        let mut next = self.next();
        next.flags = next.flags.with(Flags::EXCHANGE_OVER);
        next.owed = Parties::NONE;
        next.due_at_us = 0;
        Outcome::Changed { next, effects: Effects::NONE }
    }

    /// Resends every notice still owed; after the last the statement file decides.
    pub(super) fn notify_again(self) -> Outcome {
        if !self.tells() {
            return self.leave_untold();
        }
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
    pub(super) fn end_exchange(self, effects: Effects) -> Outcome {
        let seen = self.payment.is_final() && !self.payment.owed.contains(Party::Institution);
        if seen || self.payment.exchange_is_over() {
            return unchanged(Reason::Duplicate);
        }
        let mut next = self.next();
        next.flags = next.flags.with(Flags::EXCHANGE_OVER);
        Outcome::Changed { next, effects }
    }

    pub(super) fn seen_by(self, party: Party) -> Outcome {
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
    /// only repeats what another answer decided is nothing late, nor is news that is told twice.
    pub(super) fn hear_late(self, leg: Leg, happened: bool, is_leg_answer: bool) -> Outcome {
        let status = self.payment.status;
        let presumed = matches!(status, TrxStatus::PresumedSuccess | TrxStatus::PresumedFailure);
        if leg == Leg::Two && !self.payment.leg_two_was_sent() {
            unchanged(Reason::Irrelevant)
        } else if self.payment.leg_happened(leg) != happened {
            late(CaseKind::LateAnswerContradicts)
        } else if presumed || (is_leg_answer && !(leg == Leg::One && self.rest_rules().is_some())) {
            late(CaseKind::LateAnswer)
        } else {
            unchanged(Reason::Duplicate)
        }
    }

    pub(super) fn reserve(self, fen: u64) -> Outcome {
        let Some(refunded_fen) = reserved_fen(self.payment, fen) else {
            return unchanged(Reason::Refused);
        };
        Outcome::Changed { next: Payment { refunded_fen, ..self.next() }, effects: Effects::NONE }
    }

    pub(super) fn release(self, fen: u64) -> Outcome {
        match self.payment.refunded_fen.checked_sub(fen) {
            Some(refunded_fen) if fen > 0 => {
                Outcome::Changed { next: Payment { refunded_fen, ..self.next() }, effects: Effects::NONE }
            }
            _ => unchanged(Reason::Irrelevant),
        }
    }
}
