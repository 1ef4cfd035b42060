//! One bank as the rest of the process sees it: books, behaviour, counts, and what the bank decides.
//!
//! Invariant: a decision changes the ledger before anybody hears of it. The server of the bank only asks and writes.

use super::answer::Verdict;
use super::behaviour::{Behaviour, Conduct, Fault, Step, draw_key};
use super::customer::{Decision, Visit};
use super::ledger::{BankLedger, Finding, Ledger, Leg};
use crate::ask::LegAsk;
use crate::random::Draws;
use clearway_codec::{InstitutionId, ReturnCode, TrxId, TrxStatus};
use parking_lot::{Mutex, MutexGuard};
use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Code of a debit that the bank will not execute any more: it has denied it, or was told that it failed.
const DISOWNED: ReturnCode = ReturnCode::PB500099;

/// What a bank has seen, for reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BankCounts {
    /// Legs asked for.
    pub legs: u64,
    /// Queries.
    pub queries: u64,
    /// Terminal notices.
    pub notices: u64,
    /// Requests that were no message, not signed by the switch, or not for a bank.
    pub rejected: u64,
    /// Legs that named another bank.
    pub misrouted: u64,
    /// Answers spoilt on purpose.
    pub faults: u64,
    /// Disputes: raised, answered, carried out.
    pub disputes: u64,
    /// Consents of the bank to disputes that the switch has taken.
    pub consents: u64,
}

#[derive(Debug, Default)]
struct Counts([AtomicU64; 8]);

#[derive(Debug, Clone, Copy)]
pub(super) enum Count {
    Legs,
    Queries,
    Notices,
    Rejected,
    Misrouted,
    Faults,
    Disputes,
    Consents,
}

impl Counts {
    fn add(&self, count: Count) {
        self.0[count as usize].fetch_add(1, Ordering::Relaxed);
    }

    fn read(&self) -> BankCounts {
        let [legs, queries, notices, rejected, misrouted, faults, disputes, consents] =
            std::array::from_fn(|place| self.0[place].load(Ordering::Relaxed));
        BankCounts { legs, queries, notices, rejected, misrouted, faults, disputes, consents }
    }
}

/// One bank as the rest of the process sees it: its books can be read and its behaviour changed while it serves.
#[derive(Debug)]
pub(crate) struct BankState {
    pub(crate) id: InstitutionId,
    place: usize,
    seed: u64,
    ledger: Mutex<Ledger>,
    behaviour: Mutex<Behaviour>,
    counts: Counts,
}

impl BankState {
    pub(crate) fn new(id: InstitutionId, place: usize, seed: u64, behaviour: Behaviour) -> Self {
        Self { id, place, seed, ledger: Mutex::default(), behaviour: Mutex::new(behaviour), counts: Counts::default() }
    }

    /// Counts something that the bank has seen.
    pub(super) fn count(&self, count: Count) {
        self.counts.add(count);
    }

    /// The bank starts nothing by itself any more.
    pub(crate) fn calm(&self) {
        let mut behaviour = self.behaviour.lock();
        (behaviour.ends_per_s, behaviour.mandate_ends_per_s) = (0.0, 0.0);
    }

    pub(crate) fn set_behaviour(&self, behaviour: Behaviour) {
        *self.behaviour.lock() = behaviour;
    }

    pub(crate) fn ledger(&self) -> BankLedger {
        BankLedger { bank: self.id, ledger: self.ledger.lock().clone() }
    }

    pub(crate) fn counts(&self) -> BankCounts {
        self.counts.read()
    }

    fn draws(&self, id: TrxId, step: Step, attempt: u16) -> Draws {
        Draws::new(self.seed, draw_key(self.place, id, step, attempt))
    }

    /// Draws for what the bank does by itself.
    pub(super) fn draws_of(&self, step: Step, number: u64) -> Draws {
        Draws::new(self.seed, number.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (self.place as u64) << 32 ^ step as u64)
    }

    pub(super) fn place(&self) -> usize {
        self.place
    }

    pub(super) fn lock_ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock()
    }

    /// Ends of agreements and of mandates that the bank starts, per second.
    pub(super) fn spontaneous_rates(&self) -> (f64, f64) {
        let behaviour = self.behaviour.lock();
        (behaviour.ends_per_s, behaviour.mandate_ends_per_s)
    }

    /// Decides one leg and books it.
    pub(super) fn decide_leg(&self, ask: &LegAsk) -> (Verdict, Conduct) {
        self.counts.add(Count::Legs);
        let mut ledger = self.ledger.lock();
        let attempt = ledger.note_request(ask.id, ask.leg, ask.fen);
        if ask.row.effect.closes() {
            // Refused or not: a terminal notice may say that it has ended all the same.
            ledger.note_entry(ask.id, ask.row.effect, ask.contract, ask.institution);
        }
        let conduct = self.behaviour.lock().conduct(&mut self.draws(ask.id, Step::leg(ask.leg), attempt));
        let verdict = match self.refusal(ask, &conduct) {
            Some(code) => Verdict::Refused(code),
            None => self.carry_out(&mut ledger, ask, &conduct),
        };
        match verdict {
            Verdict::Refused(code) => ledger.refuse(ask.id, ask.leg, code),
            Verdict::Done(_) if is_heard(conduct.fault) => ledger.confirm(ask.id, ask.leg),
            Verdict::Done(_) | Verdict::Waiting => {}
        }
        (verdict, conduct)
    }

    fn carry_out(&self, ledger: &mut Ledger, ask: &LegAsk, conduct: &Conduct) -> Verdict {
        ledger.note_entry(ask.id, ask.row.effect, ask.contract, ask.institution);
        if let (Leg::Debit, Some(number)) = (ask.leg, ask.contract) {
            ledger.note_use(number);
        }
        if !conduct.executes {
            return Verdict::Done(0);
        }
        if ask.row.is_deferred && ask.leg != Leg::Credit {
            ledger.wait(ask.id, ask.leg);
            return Verdict::Waiting;
        }
        ledger.execute(ask.id, ask.leg, ask.fen).map_or(Verdict::Refused(DISOWNED), Verdict::Done)
    }

    fn refusal(&self, ask: &LegAsk, conduct: &Conduct) -> Option<ReturnCode> {
        let (unknown, business) = match ask.leg {
            Leg::Credit => (ReturnCode::RB620097, ReturnCode::RB620097),
            Leg::Debit | Leg::Entry | Leg::Check => (ReturnCode::PB520097, ReturnCode::PB520011),
        };
        if ask.addressee != Some(self.id) && !self.behaviour.lock().is_agent {
            self.counts.add(Count::Misrouted);
            return Some(unknown);
        }
        conduct.refuses.then_some(business)
    }

    /// What the customer of a waiting leg will do.
    pub(super) fn decide_visit(&self, ask: &LegAsk) -> Visit {
        let attempt = self.ledger.lock().book(ask.id, ask.leg).map_or(0, |book| book.requests);
        let mut draws = self.draws(ask.id, Step::Customer, attempt);
        self.behaviour.lock().customer.visit(ask.leg == Leg::Debit, &mut draws)
    }

    /// The customer has decided. `None`: there is nothing to tell.
    pub(super) fn book_decision(&self, ask: &LegAsk, decision: Decision) -> Option<Verdict> {
        let mut ledger = self.ledger.lock();
        let verdict = match decision {
            Decision::Abandons => return None,
            Decision::Agrees => {
                ledger.execute(ask.id, ask.leg, ask.fen).map_or(Verdict::Refused(DISOWNED), Verdict::Done)
            }
            Decision::Refuses => Verdict::Refused(ReturnCode::PB520011),
        };
        match verdict {
            Verdict::Refused(code) => ledger.refuse(ask.id, ask.leg, code),
            Verdict::Done(_) => ledger.confirm(ask.id, ask.leg),
            Verdict::Waiting => {}
        }
        Some(verdict)
    }

    /// Looks a leg up, after perhaps having lost it.
    pub(super) fn decide_query(&self, id: TrxId, leg: Leg) -> (Finding, Duration, Option<Fault>) {
        self.counts.add(Count::Queries);
        let mut ledger = self.ledger.lock();
        let attempt = ledger.note_query(id, leg);
        let mut draws = self.draws(id, Step::query(leg), attempt);
        let behaviour = self.behaviour.lock();
        let (delay, fault) = behaviour.conduct_query(&mut draws);
        if draws.chance(behaviour.loses) {
            ledger.lose(id, leg);
        }
        let finding = ledger.look_up(id, leg);
        if matches!(finding, Finding::Executed(_)) && is_heard(fault) {
            ledger.confirm(id, leg);
        }
        (finding, delay, fault)
    }

    pub(super) fn decide_notice(&self, id: TrxId, leg: Leg, status: TrxStatus) -> (Duration, Option<Fault>) {
        self.counts.add(Count::Notices);
        let mut ledger = self.ledger.lock();
        let attempt = ledger.note_notice(id, leg);
        ledger.settle_notice(id, leg, status);
        self.behaviour.lock().conduct_query(&mut self.draws(id, Step::Notice, attempt))
    }
}

/// Whether an answer with this fault says, sooner or later, what the bank has done.
const fn is_heard(fault: Option<Fault>) -> bool {
    matches!(fault, None | Some(Fault::Late))
}
