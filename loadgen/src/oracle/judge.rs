//! The rules, one function each, applied to every transaction of a run.

use super::contracts::{Standing, judge_contracts, standings};
use super::movements::{Movements, Side, gather};
use super::verdict::{Verdict, Violation};
use crate::bank::Ledgers;
use crate::business::Effect;
use crate::error::Error;
use crate::run::is_refundable;
use crate::sgn_no::SgnNo;
use crate::tracker::{Closed, Fate, Knowledge, Order, Tracker, has_moved};
use crate::transactions::TransactionMap;
use clearway_codec::{TrxId, TrxStatus};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The judge of a run.
#[derive(Debug, Clone, Copy)]
pub struct Oracle;

impl Oracle {
    /// Judges what the institutions know against what the banks did.
    ///
    /// The rules: nothing acknowledged is lost; nothing is debited or credited twice; 00 and 03 mean one debit and one
    /// credit of the ordered amount in force, everything else means none; nobody is told two final states; refunds
    /// never exceed their original. What is signed at one end is signed at the other, and no payment goes well on what
    /// was ended; mandates are never exceeded; an order is paid or closed, never both. Of a request that was changed after
    /// it was signed nothing comes.
    pub fn judge(ledgers: &Ledgers, tracker: &Tracker) -> Verdict {
        let (movements, invented) = gather(ledgers, tracker);
        let mut bench =
            Bench { ledgers, tracker, movements, verdict: Verdict::default(), refunded: TransactionMap::default() };
        for (id, fate) in tracker.iter() {
            bench.hear(id, fate);
        }
        for id in invented {
            bench.verdict.find(Violation::Invented, id, || "a bank was asked to move money for it".into());
        }
        bench.judge_refunds();
        judge_contracts(ledgers, tracker, &mut bench.verdict);
        bench.verdict.conclude()
    }

    /// Every agreement and mandate that was opened in this run, and whether both its ends hold it for live: what the
    /// switch must say of it too. Left out is what nobody could know: ends that are underway or presumed.
    pub fn standings(ledgers: &Ledgers, tracker: &Tracker) -> BTreeMap<SgnNo, Standing> {
        standings(ledgers, tracker)
    }

    /// Judges again and again until the verdict is good or `limit` is over, and gives the last one.
    ///
    /// A final state reaches the institution before the terminal notice makes the payer's bank give the money back:
    /// right after a run with failing payments the books still disagree, lawfully. `source` gives the books as they are
    /// now.
    ///
    /// # Errors
    /// What `source` fails with.
    pub fn await_agreement(
        mut source: impl FnMut() -> Result<Ledgers, Error>,
        tracker: &Tracker,
        limit: Duration,
    ) -> Result<Verdict, Error> {
        const PAUSE: Duration = Duration::from_millis(100);
        let until = Instant::now() + limit;
        loop {
            let verdict = Self::judge(&source()?, tracker);
            if verdict.ok || Instant::now() >= until {
                return Ok(verdict);
            }
            std::thread::sleep(PAUSE);
        }
    }
}

struct Bench<'a> {
    ledgers: &'a Ledgers,
    tracker: &'a Tracker,
    movements: TransactionMap<Movements>,
    verdict: Verdict,
    /// Successful refunds by original, in fen.
    refunded: TransactionMap<u128>,
}

impl Bench<'_> {
    fn hear(&mut self, id: TrxId, fate: &Fate) {
        let moved = self.movements.get(id).copied().unwrap_or_default();
        let knowledge = self.knowledge(id, fate);
        self.count(fate, knowledge);
        self.check_told(id, fate, &moved);
        self.check_altered(id, fate, knowledge);
        self.check_twice(id, &moved);
        if fate.order.business.row().effect != Effect::Money {
            return self.hear_entry(id, fate, knowledge, &moved);
        }
        self.check_closed(id, fate, knowledge);
        match knowledge {
            Knowledge::Final(status) if has_moved(status) => self.check_moved_once(id, &fate.order, &moved),
            Knowledge::Final(_) => self.check_nothing_kept(id, knowledge, &moved),
            Knowledge::Refused | Knowledge::Unsent | Knowledge::Denied => self.check_never_moved(id, knowledge, &moved),
            Knowledge::Lost => {
                self.verdict.find(Violation::Lost, id, || "acknowledged, then not known".into());
                self.check_nothing_kept(id, knowledge, &moved);
            }
            Knowledge::Open | Knowledge::Unknown => return,
        }
        self.verdict.debited_fen += moved.debit.effective_fen(&fate.order);
        self.verdict.credited_fen += moved.credit.effective_fen(&fate.order);
    }

    /// A transaction without money: the bank's register must say what the institution was told.
    fn hear_entry(&mut self, id: TrxId, fate: &Fate, knowledge: Knowledge, moved: &Movements) {
        let closes = fate.order.business.row().effect.closes();
        let entered = moved.entry.net > 0;
        match knowledge {
            Knowledge::Lost => {
                self.verdict.find(Violation::Lost, id, || "acknowledged, then not known".into());
            }
            Knowledge::Open | Knowledge::Unknown => return,
            _ => {}
        }
        match knowledge {
            Knowledge::Final(status) if has_moved(status) && entered => {}
            Knowledge::Final(status) if has_moved(status) => {
                self.verdict.find(Violation::EntryMissing, id, || "final success".into());
            }
            // Presumed: nobody may use it any more, whether or not the bank has ended it.
            Knowledge::Final(TrxStatus::PresumedFailure) if closes => {}
            _ if entered => self.verdict.find(Violation::EntryKept, id, || format!("{knowledge:?}")),
            Knowledge::Refused | Knowledge::Unsent | Knowledge::Denied if moved.entry.gross > 0 => {
                self.verdict.find(Violation::MovedThoughRefused, id, || format!("{knowledge:?}"));
            }
            _ => {}
        }
        if moved.entry.gross > 1 {
            self.verdict.find(Violation::EnteredTwice, id, || format!("{} entries", moved.entry.gross));
        }
    }

    /// What was changed after it was signed is refused, and nobody else ever hears of it.
    fn check_altered(&mut self, id: TrxId, fate: &Fate, knowledge: Knowledge) {
        if !fate.order.is_altered {
            return;
        }
        if fate.acknowledged || matches!(knowledge, Knowledge::Final(_)) {
            self.verdict.find(Violation::AlteredTaken, id, || format!("{knowledge:?}"));
        } else if self.movements.get(id).is_some() {
            self.verdict.find(Violation::AlteredTaken, id, || "a bank was asked for it".into());
        } else if self.ledgers.notices.get(id).is_some() {
            self.verdict.find(Violation::AlteredTaken, id, || "its institution was notified".into());
        }
    }

    fn check_closed(&mut self, id: TrxId, fate: &Fate, knowledge: Knowledge) {
        if let (Some(Closed::Done), Knowledge::Final(status)) = (fate.closed, knowledge)
            && status != TrxStatus::Failure
        {
            self.verdict.find(Violation::ClosedThoughPaid, id, || format!("closed, and then {status}"));
        }
    }

    /// What receipts and queries told, completed by a terminal notice.
    fn knowledge(&self, id: TrxId, fate: &Fate) -> Knowledge {
        match (fate.knowledge(), self.ledgers.notices.get(id)) {
            (known @ (Knowledge::Final(_) | Knowledge::Lost), _) => known,
            (_, Some(notice)) if notice.status.is_final() => Knowledge::Final(notice.status),
            (known, _) => known,
        }
    }

    fn count(&mut self, fate: &Fate, knowledge: Knowledge) {
        let is_final = matches!(knowledge, Knowledge::Final(_));
        self.verdict.businesses.entry(fate.order.business).or_default().add(knowledge);
        self.verdict.accepted += u64::from(fate.acknowledged || is_final);
        let count = match knowledge {
            Knowledge::Final(_) => &mut self.verdict.finals,
            Knowledge::Open | Knowledge::Unknown => &mut self.verdict.unknown,
            Knowledge::Refused => &mut self.verdict.refused,
            Knowledge::Unsent => &mut self.verdict.unsent,
            Knowledge::Denied => &mut self.verdict.denied,
            // Counted with the violations.
            Knowledge::Lost => return,
        };
        *count += 1;
    }

    /// One final state, the same for institution and banks, told with the same bytes.
    fn check_told(&mut self, id: TrxId, fate: &Fate, moved: &Movements) {
        let notice = self.ledgers.notices.get(id);
        let told = [fate.status, fate.contradiction, notice.map(|notice| notice.status), moved.told];
        let mut states: Vec<TrxStatus> = told.into_iter().flatten().collect();
        states.sort_unstable();
        states.dedup();
        if states.len() > 1 || moved.contradicted || notice.is_some_and(|notice| notice.contradicted) {
            self.verdict.find(Violation::Contradiction, id, || format!("told {states:?}"));
        }
        if fate.receipt_changed {
            self.verdict.find(Violation::ReceiptChanged, id, || "the final receipt came again with other bytes".into());
        }
        let ordered_by = self.tracker.roster().institution(fate.order.institution);
        if let Some(notice) = notice.filter(|notice| Some(notice.institution) != ordered_by) {
            self.verdict.find(Violation::MisdirectedNotice, id, || format!("notice to {}", notice.institution));
        }
    }

    fn check_twice(&mut self, id: TrxId, moved: &Movements) {
        if moved.debit.gross > 1 {
            self.verdict.find(Violation::DebitedTwice, id, || format!("{} debits", moved.debit.gross));
        }
        if moved.credit.gross > 1 {
            self.verdict.find(Violation::CreditedTwice, id, || format!("{} credits", moved.credit.gross));
        }
        if moved.stray {
            self.verdict.find(Violation::StrayMovement, id, || "money moved at a bank without that role".into());
        }
    }

    /// 00 and 03: both sides in force with the ordered amount. More than one is [`Violation::DebitedTwice`] or its
    /// sister already.
    fn check_moved_once(&mut self, id: TrxId, order: &Order, moved: &Movements) {
        for (side, missing) in [(&moved.debit, Violation::DebitMissing), (&moved.credit, Violation::CreditMissing)] {
            if side.net == 0 {
                self.verdict.find(missing, id, || "final success".into());
            } else if side.net == 1 && side.effective_fen(order) != u128::from(order.fen) {
                self.verdict.find(Violation::AmountDiffers, id, || {
                    format!("{} fen moved, {} ordered", side.net_fen, order.fen)
                });
            }
        }
    }

    /// Everything else: nothing in force.
    fn check_nothing_kept(&mut self, id: TrxId, knowledge: Knowledge, moved: &Movements) {
        let in_force = |side: &Side| side.net > 0;
        if in_force(&moved.debit) {
            self.verdict.find(Violation::DebitKept, id, || format!("{knowledge:?}"));
        }
        if in_force(&moved.credit) {
            self.verdict.find(Violation::CreditGiven, id, || format!("{knowledge:?}"));
        }
    }

    /// What was never taken must not have moved at all, not even for a while.
    fn check_never_moved(&mut self, id: TrxId, knowledge: Knowledge, moved: &Movements) {
        self.check_nothing_kept(id, knowledge, moved);
        if moved.debit.gross > 0 || moved.credit.gross > 0 {
            self.verdict.find(Violation::MovedThoughRefused, id, || format!("{knowledge:?}"));
        }
    }

    fn judge_refunds(&mut self) {
        for (id, fate) in self.tracker.iter() {
            let succeeded = is_success(self.knowledge(id, fate));
            if let (Some(original), true) = (fate.order.original, succeeded) {
                *self.refunded.get_or_insert_with(original, || 0) += u128::from(fate.order.fen);
            }
        }
        let refunded: Vec<(TrxId, u128)> = self.refunded.iter().map(|(id, fen)| (id, *fen)).collect();
        for (original, refunded) in refunded {
            let refundable = self.refundable_fen(original);
            if refunded > refundable {
                let found = || format!("{refunded} fen refunded of {refundable}");
                self.verdict.find(Violation::RefundExceedsOriginal, original, found);
            }
        }
    }

    fn refundable_fen(&self, original: TrxId) -> u128 {
        let fate = self.tracker.get(original).filter(|fate| is_success(self.knowledge(original, fate)));
        let fate = fate.filter(|fate| is_refundable(&fate.order));
        fate.map_or(0, |fate| u128::from(fate.order.fen))
    }
}

fn is_success(knowledge: Knowledge) -> bool {
    matches!(knowledge, Knowledge::Final(status) if has_moved(status))
}
