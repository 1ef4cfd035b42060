//! The next image of a register, by rule, stage and the image before.

use clearway_codec::value::TrxStatus;

use super::check::{ENDED_ALREADY, NOTHING_TO_END};
use super::facts::Facts;
use super::follow_dispute::{follow_adjustment, follow_answer, follow_submission};
use super::follow_mandate::{follow_collection, follow_creation, follow_end_by_bank, follow_end_of_mandate};
use super::image::Image;
use super::rule::{RegisterRule, Stage};
use crate::domain::agreement::{Agreement, EndedBy, State};
use crate::domain::dispute::{Opening, Reason, open};
use crate::domain::transaction::{Parties, Party};

/// The image after a transaction of this rule has come to `stage`; `None` when nothing changes. `before` is the image of
/// [`RegisterRule::key`] as it is now. The one image that is not of that key is the [`Image::Case`] of a signing whose
/// number is live for somebody else: the first one stays, and people look at it.
pub fn follow(rule: RegisterRule, stage: Stage, facts: &Facts, before: Option<&Image>) -> Option<Image> {
    let agreement = before.and_then(Image::agreement);
    let mandate = before.and_then(Image::mandate);
    let case = before.and_then(Image::case);
    match rule {
        RegisterRule::None | RegisterRule::UseAgreement => None,
        RegisterRule::Sign => follow_signing(stage, facts, agreement),
        RegisterRule::EndAgreement => follow_end(stage, facts, agreement?).map(Image::Agreement),
        RegisterRule::AgreementEndedByBank => follow_ended_by_bank(stage, facts, agreement?).map(Image::Agreement),
        RegisterRule::UseMandate => follow_collection(stage, facts, mandate?).map(Image::Mandate),
        RegisterRule::CreateMandate => follow_creation(stage, facts, mandate),
        RegisterRule::EndMandate => follow_end_of_mandate(stage, facts, mandate?).map(Image::Mandate),
        RegisterRule::EndMandateByBank => follow_end_by_bank(stage, facts, mandate?).map(Image::Mandate),
        RegisterRule::SubmitDispute => follow_submission(stage, facts, case).map(Image::Case),
        RegisterRule::AnswerDispute => follow_answer(stage, facts, case?).map(Image::Case),
        RegisterRule::Adjust => follow_adjustment(stage, facts, case).map(Image::Case),
    }
}

/// The next image, changed by this transaction.
fn changed(before: &Agreement, facts: &Facts) -> Agreement {
    Agreement {
        version: before.version.saturating_add(1),
        changed_by: facts.trx_key,
        changed_at_s: seconds(facts.at_us),
        ..*before
    }
}

pub(super) const fn seconds(at_us: u64) -> u32 {
    let seconds = at_us / 1_000_000;
    if seconds > u32::MAX as u64 { u32::MAX } else { seconds as u32 }
}

/// Only a success brings an agreement; what is presumed is not registered, and a case is open for it anyway.
fn follow_signing(stage: Stage, facts: &Facts, before: Option<&Agreement>) -> Option<Image> {
    let number = facts.sgn_no?;
    if stage != Stage::Final(TrxStatus::Success) {
        return None;
    }
    let signed = Agreement {
        number,
        account: facts.account,
        customer: facts.customer,
        institution: facts.institution,
        bank: facts.bank,
        state: State::Live,
        ended_by: EndedBy::Nobody,
        unacknowledged: Parties::NONE,
        shared: before.is_some_and(|known| known.shared && known.institution == facts.institution),
        changed_by: facts.trx_key,
        version: before.map_or(1, |known| known.version.saturating_add(1)),
        changed_at_s: seconds(facts.at_us),
        starts_at_s: 0,
        ends_at_s: 0,
    };
    match before {
        Some(known) if known.state != State::Ended && !has_same_ends(known, facts) => number_taken(facts),
        // Signed twice, or a number that came with the import without account and customer: what is known stays.
        Some(known) if known.state == State::Live && has_same_holder(known, facts) => None,
        _ => Some(Image::Agreement(signed)),
    }
}

/// Whether an agreement that has not ended may be this one: same institution, same bank, and no other customer or account.
fn has_same_ends(known: &Agreement, facts: &Facts) -> bool {
    let fits = |known: u64, said: u64| known == 0 || said == 0 || known == said;
    known.institution == facts.institution
        && known.bank == facts.bank
        && fits(known.customer, facts.customer)
        && fits(known.account, facts.account)
}

/// Whether nothing would be learnt by writing it again.
fn has_same_holder(known: &Agreement, facts: &Facts) -> bool {
    known.customer == facts.customer && known.account == facts.account && known.ends_at_s == 0 && known.starts_at_s == 0
}

pub(super) fn number_taken(facts: &Facts) -> Option<Image> {
    let opening = Opening {
        trx_key: facts.trx_key,
        reason: Reason::NumberTaken,
        status: TrxStatus::Success,
        business: 0,
        has_reserve: false,
        amount_fen: 0,
        institution: facts.institution,
        banks: [facts.bank, facts.bank],
        code: facts.code,
        at_us: facts.at_us,
    };
    open(None, &opening).map(Image::Case)
}

/// Whether the bank's "no" means that there is nothing left to end.
pub(super) fn is_over(facts: &Facts) -> bool {
    facts.code == NOTHING_TO_END || facts.code == ENDED_ALREADY
}

fn follow_end(stage: Stage, facts: &Facts, before: &Agreement) -> Option<Agreement> {
    let own = before.changed_by == facts.trx_key;
    let ended = |unacknowledged| Agreement {
        state: State::Ended,
        ended_by: EndedBy::Institution,
        unacknowledged,
        ..changed(before, facts)
    };
    match (stage, before.state) {
        // Whoever began to end it first holds it; after an unknown outcome (the bank owes its word) the next one takes over.
        (Stage::Accepted, State::Live) => Some(ending(before, facts)),
        (Stage::Accepted, State::Ending) if before.unacknowledged.contains(Party::Bank1) => Some(ending(before, facts)),
        (Stage::Final(TrxStatus::Success), State::Live | State::Ending) => Some(ended(Parties::NONE)),
        (Stage::Final(TrxStatus::Failure), State::Live | State::Ending) if is_over(facts) => Some(ended(Parties::NONE)),
        (Stage::Final(TrxStatus::PresumedSuccess), State::Live | State::Ending) => Some(ended(Parties::BANK1)),
        (Stage::Final(TrxStatus::Failure), State::Ending) if own => {
            Some(Agreement { state: State::Live, unacknowledged: Parties::NONE, ..changed(before, facts) })
        }
        // Not known whether the bank has ended it: nothing is debited until it is.
        (Stage::Final(TrxStatus::PresumedFailure), State::Ending) if own => {
            Some(Agreement { unacknowledged: Parties::BANK1, ..changed(before, facts) })
        }
        // Ended already; the bank now confirms it.
        (Stage::Final(TrxStatus::Success), State::Ended) => confirmed(before, facts),
        (Stage::Final(TrxStatus::Failure), State::Ended) if is_over(facts) => confirmed(before, facts),
        (Stage::Acknowledged(party), _) if own => acknowledged(before, facts, party),
        _ => None,
    }
}

fn ending(before: &Agreement, facts: &Facts) -> Agreement {
    Agreement { state: State::Ending, unacknowledged: Parties::NONE, ..changed(before, facts) }
}

fn confirmed(before: &Agreement, facts: &Facts) -> Option<Agreement> {
    acknowledged(before, facts, Party::Bank1)
}

fn acknowledged(before: &Agreement, facts: &Facts, party: Party) -> Option<Agreement> {
    before
        .unacknowledged
        .contains(party)
        .then(|| Agreement { unacknowledged: before.unacknowledged.without(party), ..changed(before, facts) })
}

fn follow_ended_by_bank(stage: Stage, facts: &Facts, before: &Agreement) -> Option<Agreement> {
    match (stage, before.state) {
        (Stage::Accepted, State::Live | State::Ending) => Some(Agreement {
            state: State::Ended,
            ended_by: EndedBy::Bank,
            unacknowledged: Parties::INSTITUTION,
            ..changed(before, facts)
        }),
        // The institution ended it first: the bank's word confirms that.
        (Stage::Accepted, State::Ended) => confirmed(before, facts),
        (Stage::Acknowledged(Party::Institution), State::Ended) => acknowledged(before, facts, Party::Institution),
        _ => None,
    }
}
