//! Agreements and mandates over their whole life: what the institution knows, what the bank knows, and what was paid on
//! them.
//!
//! ```text
//! institution: opened 00 --> live --> ended by it (00, 03), by the bank (105), or by consent (117)
//! bank:        register
//! payments:    none sent after an acknowledged end may go well; none may be refused while all is live
//! ```
//!
//! Not judged: what nobody could know. While an end is unresolved or presumed, the switch lets nobody use the contract,
//! and its own report lists it.

use super::verdict::{Verdict, Violation};
use crate::bank::{Contract, Ledgers};
use crate::business::{Business, Effect};
use crate::institution::End;
use crate::mandate::MandateTerms;
use crate::sgn_no::SgnNo;
use crate::tracker::{Fate, Knowledge, Payee, Tracker, has_moved};
use clearway_codec::{TrxId, TrxStatus};
use std::collections::{BTreeMap, HashMap};

/// Applies all rules about agreements and mandates.
pub(super) fn judge_contracts(ledgers: &Ledgers, tracker: &Tracker, verdict: &mut Verdict) {
    let lives = lives(ledgers, tracker);
    for (number, life) in &lives {
        judge_life(*number, life, verdict);
    }
    for (id, fate) in tracker.iter() {
        let Some(life) = fate.order.contract.and_then(|number| lives.get(&number)) else { continue };
        if matches!(fate.order.business, Business::Payment | Business::Entrusted) {
            judge_payment(id, fate, life, verdict);
        }
    }
    judge_mandates(&lives, tracker, verdict);
    count_ends_of_banks(ledgers, verdict);
}

/// What banks have started is nobody's order: it is counted from their registers.
fn count_ends_of_banks(ledgers: &Ledgers, verdict: &mut Verdict) {
    let registers = ledgers.banks.iter().flat_map(|bank| bank.ledger.register().values());
    for contract in registers.filter(|contract| contract.is_given_up) {
        let (business, told) = match contract.is_mandate {
            true => (Business::BankMandateEnd, contract.told_of_end),
            false => (Business::BankUnsigning, (contract.end_acknowledged_us > 0).then_some(true)),
        };
        verdict.businesses.entry(business).or_default().add(match told {
            Some(true) => Knowledge::Final(TrxStatus::Success),
            Some(false) => Knowledge::Final(TrxStatus::Failure),
            None => Knowledge::Open,
        });
    }
}

/// Every agreement and mandate that was opened in this run, and whether both its ends hold it for live. Left out is what
/// nobody could know: ends that are underway or presumed.
pub(super) fn standings(ledgers: &Ledgers, tracker: &Tracker) -> BTreeMap<SgnNo, Standing> {
    let lives = lives(ledgers, tracker);
    let known = lives.iter().filter(|(_, life)| life.opened_by.is_some() && !life.is_underway());
    let standing = |life: &Life<'_>| Some(Standing { is_live: life.is_live_for_institution()?, story: life.story() });
    known.filter_map(|(number, life)| Some((*number, standing(life)?))).collect()
}

/// How both ends hold an agreement or a mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Payments may use it.
    pub is_live: bool,
    /// What became of it, for people: ends that were asked for, by whom, and how they ended.
    pub story: String,
}

/// Everything that is known of one agreement or mandate.
#[derive(Debug, Default)]
struct Life<'a> {
    /// The transaction of this run that opened it, by the institution's account.
    opened_by: Option<(TrxId, &'a Fate)>,
    /// Ends that its institution has asked for.
    ends: Vec<(TrxId, &'a Fate)>,
    /// Ends that its bank has started, as its institution heard of them, and what it was told of their end.
    heard: Vec<(&'a End, Option<TrxStatus>)>,
    /// The bank's register.
    register: Option<&'a Contract>,
}

fn lives<'a>(ledgers: &'a Ledgers, tracker: &'a Tracker) -> HashMap<SgnNo, Life<'a>> {
    let mut lives: HashMap<SgnNo, Life<'a>> = HashMap::new();
    for (id, fate) in tracker.iter() {
        let effect = fate.order.business.row().effect;
        if let Some(number) = fate.opened {
            lives.entry(number).or_default().opened_by = Some((id, fate));
        }
        if let (true, Some(number)) = (effect.closes(), fate.order.contract) {
            lives.entry(number).or_default().ends.push((id, fate));
        }
        if let (Effect::Money, Some(number)) = (effect, fate.order.contract) {
            lives.entry(number).or_default();
        }
    }
    for (id, end) in &ledgers.ends {
        let notice = TrxId::parse(id.as_bytes()).ok().and_then(|id| ledgers.notices.get(id));
        let told = notice.map(|notice| notice.status);
        lives.entry(end.number).or_default().heard.push((end, told));
    }
    for contract in ledgers.banks.iter().flat_map(|bank| bank.ledger.register().values()) {
        if let Some(life) = lives.get_mut(&contract.number) {
            life.register = Some(contract);
        }
    }
    lives
}

impl Life<'_> {
    /// Whether its institution must take it for live; `None` when nobody could know.
    fn is_live_for_institution(&self) -> Option<bool> {
        let open = |(_, fate): &&(TrxId, &Fate)| match fate.knowledge() {
            Knowledge::Open | Knowledge::Unknown => true,
            Knowledge::Final(TrxStatus::PresumedFailure) => true,
            // An institution ends a mandate at once (business.md section 4): a bank that says no is on the list.
            Knowledge::Final(TrxStatus::Failure) => fate.order.business == Business::MandateEnd,
            _ => false,
        };
        if self.ends.iter().find(open).is_some() {
            return None;
        }
        let ended = self.ends.iter().any(|(_, fate)| is_success(fate));
        let ends = |(end, told): &(&End, Option<TrxStatus>)| {
            !end.is_mandate || end.consent == Some(true) || told.is_some_and(has_moved)
        };
        let ended_by_bank = self.heard.iter().any(ends);
        Some(!ended && !ended_by_bank)
    }

    /// When its end was first acknowledged to one of its ends, in microseconds since 1970-01-01 UTC.
    fn ended_us(&self) -> Option<u64> {
        let by_institution = self.ends.iter().filter(|(_, fate)| is_success(fate)).map(|(_, fate)| fate.final_us);
        let by_bank =
            self.register.filter(|contract| !contract.is_mandate).map(|contract| contract.end_acknowledged_us);
        by_institution.chain(by_bank).filter(|at_us| *at_us > 0).min()
    }

    fn story(&self) -> String {
        let of_institution = |(id, fate): &(TrxId, &Fate)| format!("{id} {:?} {:?}", fate.knowledge(), fate.code);
        let ends: Vec<_> = self.ends.iter().map(of_institution).collect();
        let of_bank = |(end, told): &(&End, Option<TrxStatus>)| format!("consent {:?} told {told:?}", end.consent);
        let heard: Vec<_> = self.heard.iter().map(of_bank).collect();
        format!("ends {ends:?}, ends of the bank {heard:?}")
    }

    /// Its bank has started to end it, and the switch has not answered yet.
    fn is_underway(&self) -> bool {
        self.register.is_some_and(|contract| {
            let acknowledged = contract.end_acknowledged_us > 0;
            let is_answered = if contract.is_mandate { contract.told_of_end.is_some() } else { acknowledged };
            contract.is_given_up && !is_answered
        })
    }

    /// Nobody has even tried to end it.
    fn is_untouched(&self) -> bool {
        self.ends.is_empty()
            && self.heard.is_empty()
            && self.register.is_none_or(|contract| contract.is_live() && !contract.is_given_up)
    }
}

fn is_success(fate: &Fate) -> bool {
    matches!(fate.knowledge(), Knowledge::Final(status) if has_moved(status))
}

fn judge_life(number: SgnNo, life: &Life<'_>, verdict: &mut Verdict) {
    let Some((id, fate)) = life.opened_by else { return };
    if fate.opened_changed {
        verdict.find(Violation::NumberDiffers, id, || format!("told {number}, and another one"));
    }
    let Some(contract) = life.register else {
        verdict.find(Violation::NumberDiffers, id, || format!("the bank has no {number}"));
        return;
    };
    let acknowledged = !contract.is_mandate && contract.end_acknowledged_us > 0;
    if acknowledged && life.heard.is_empty() {
        verdict.find(Violation::EndUntold, id, || format!("{number} was ended by its bank"));
    }
    match life.is_live_for_institution() {
        // Until the switch has answered, an end that the bank has started is underway.
        Some(is_live) if is_live != contract.is_live() && !life.is_underway() => {
            verdict.find(Violation::EndsDisagree, id, || {
                format!("{number}: institution {}, bank {}", word(is_live), word(contract.is_live()))
            });
        }
        _ => {}
    }
}

const fn word(is_live: bool) -> &'static str {
    if is_live { "live" } else { "ended" }
}

fn judge_payment(id: TrxId, fate: &Fate, life: &Life<'_>, verdict: &mut Verdict) {
    if let (true, Some(ended_us)) = (is_success(fate), life.ended_us())
        && fate.sent_us > ended_us
    {
        verdict.find(Violation::PaidAfterEnd, id, || format!("sent {} us after the end", fate.sent_us - ended_us));
    }
    let says_dead = fate.code.is_some_and(|code| matches!(code.as_bytes(), b"PB521013" | b"PB521014"));
    let is_plain = fate.order.business == Business::Payment;
    if is_plain && says_dead && life.is_untouched() && fate.knowledge() == Knowledge::Final(TrxStatus::Failure) {
        verdict.find(Violation::LiveRefused, id, || "refused, though nobody has ended it".into());
    }
}

/// Limit, term, payee and number of payments a period.
fn judge_mandates(lives: &HashMap<SgnNo, Life<'_>>, tracker: &Tracker, verdict: &mut Verdict) {
    let mut paid: HashMap<(SgnNo, u64), u32> = HashMap::new();
    for (id, fate) in tracker.iter().filter(|(_, fate)| fate.order.business == Business::Entrusted) {
        let Some(number) = fate.order.contract.filter(|_| is_success(fate)) else { continue };
        let Some((opener, _)) = lives.get(&number).and_then(|life| life.opened_by) else { continue };
        let terms = MandateTerms::of(opener);
        let Some(period) = terms.period_of(fate.order.started_s) else {
            verdict.find(Violation::MandateExceeded, id, || "outside of its time".into());
            continue;
        };
        let payments = paid.entry((number, period)).or_insert(0);
        *payments += 1;
        if fate.order.fen > terms.limit_fen {
            verdict.find(Violation::MandateExceeded, id, || {
                format!("{} fen, {} allowed", fate.order.fen, terms.limit_fen)
            });
        }
        if fate.order.payee == Payee::Person {
            verdict.find(Violation::MandateExceeded, id, || "from a person to a person".into());
        }
        if *payments > terms.payments_max {
            verdict.find(Violation::MandateExceeded, id, || {
                format!("payment {payments} of a period, {} allowed", terms.payments_max)
            });
        }
    }
}
