//! Whether a transaction may begin, by what the registers hold.
//!
//! Codes are (S) where wire.md section 4 names them for the same case; that the switch gives them before a bank does is ours.

use super::facts::{DisputeFacts, Facts};
use super::image::Image;
use super::rule::RegisterRule;
use crate::domain::agreement::{Agreement, Standing, State};
use crate::domain::dispute::{ADJUSTMENTS_MAX, Case, CaseState};
use crate::domain::mandate::Mandate;
use crate::domain::transaction::Party;

/// A BizStsCd.
pub type Code = [u8; 8];

pub(super) const ENDED: Code = *b"PB521013";
pub(super) const UNKNOWN_NUMBER: Code = *b"PB521014";
pub(super) const OUTSIDE_TERM: Code = *b"PB521015";
pub(super) const TOO_OFTEN: Code = *b"PB521021";
pub(super) const ABOVE_LIMIT: Code = *b"PB521023";
pub(super) const NOT_ALLOWED: Code = *b"PB521096";
pub(super) const NOT_AS_SIGNED: Code = *b"PB520097";
pub(super) const NOTHING_TO_END: Code = *b"PB512001";
pub(super) const ENDED_ALREADY: Code = *b"PB512002";
/// Terms that cannot be, or no room for one more (S: signing, other reason).
pub(super) const NOT_SIGNED: Code = *b"PB511099";
/// No such transaction, or not final.
pub(super) const NO_ORIGINAL: Code = *b"PB531001";
/// More than the original leaves; the number that a refund gets, ours.
pub(super) const ABOVE_ORIGINAL: Code = *b"RB622022";
/// A dispute message that does not fit the state of its case; ours.
pub(super) const CASE_STATE: Code = *b"RB622099";

/// Whether a transaction of this rule may begin; `found` is the image of [`RegisterRule::key`].
///
/// # Errors
/// The code of the refusal.
pub fn check(rule: RegisterRule, facts: &Facts, found: Option<&Image>) -> Result<(), Code> {
    let (agreement, mandate, case) = match found {
        Some(Image::Agreement(agreement)) => (Some(agreement), None, None),
        Some(Image::Mandate(mandate)) => (None, Some(mandate), None),
        Some(Image::Case(case)) => (None, None, Some(case)),
        _ => (None, None, None),
    };
    match rule {
        RegisterRule::None => Ok(()),
        RegisterRule::Sign => check_room(facts),
        RegisterRule::UseAgreement => check_use(facts, agreement),
        RegisterRule::UseMandate => check_collection(facts, mandate),
        RegisterRule::EndAgreement => check_end(facts, agreement),
        RegisterRule::AgreementEndedByBank => check_ended_by_bank(facts, agreement),
        RegisterRule::CreateMandate => check_terms(facts),
        RegisterRule::EndMandate => check_end_of_mandate(facts, mandate),
        RegisterRule::EndMandateByBank => check_end_asked_by_bank(facts, mandate),
        RegisterRule::SubmitDispute => with_dispute(facts, |dispute| check_submission(facts, dispute, case)),
        RegisterRule::AnswerDispute => with_dispute(facts, |dispute| check_answer(dispute, case)),
        RegisterRule::Adjust => with_dispute(facts, |dispute| check_adjustment(facts, dispute, case)),
    }
}

fn check_use(facts: &Facts, found: Option<&Agreement>) -> Result<(), Code> {
    let Some(agreement) = found else {
        return if facts.unknown_passes { Ok(()) } else { Err(UNKNOWN_NUMBER) };
    };
    if agreement.institution != facts.institution || agreement.bank != facts.bank {
        return Err(NOT_AS_SIGNED);
    }
    check_standing(agreement.standing(facts.at_us))
}

const fn check_standing(standing: Standing) -> Result<(), Code> {
    match standing {
        Standing::Live => Ok(()),
        Standing::Ending | Standing::Ended => Err(ENDED),
        Standing::NotYet | Standing::Expired => Err(OUTSIDE_TERM),
    }
}

fn check_collection(facts: &Facts, found: Option<&Mandate>) -> Result<(), Code> {
    let mandate = found.ok_or(UNKNOWN_NUMBER)?;
    if mandate.institution != facts.institution || mandate.bank != facts.bank {
        return Err(NOT_AS_SIGNED);
    }
    check_standing(mandate.standing(facts.at_us))?;
    let period = mandate.period_of_use(facts.accepted_at_us).ok_or(OUTSIDE_TERM)?;
    if !facts.collection.is_allowed() {
        Err(NOT_ALLOWED)
    } else if facts.amount_fen > mandate.terms.limit_fen {
        Err(ABOVE_LIMIT)
    } else if mandate.used_in(period) >= mandate.terms.payments_per_period() {
        Err(TOO_OFTEN)
    } else {
        Ok(())
    }
}

/// An end that the bank has not confirmed may be asked for again; one that it has confirmed may not.
fn check_end(facts: &Facts, found: Option<&Agreement>) -> Result<(), Code> {
    match found {
        None if facts.unknown_passes => Ok(()),
        Some(agreement) if agreement.institution != facts.institution || agreement.bank != facts.bank => {
            Err(NOTHING_TO_END)
        }
        Some(agreement) if agreement.state == State::Ended && !agreement.unacknowledged.contains(Party::Bank1) => {
            Err(ENDED_ALREADY)
        }
        Some(_) => Ok(()),
        None => Err(NOTHING_TO_END),
    }
}

/// A bank may say it as often as it likes: the institution is told again until it acknowledges.
fn check_ended_by_bank(facts: &Facts, found: Option<&Agreement>) -> Result<(), Code> {
    match found {
        None if facts.unknown_passes => Ok(()),
        Some(agreement) if agreement.institution == facts.institution && agreement.bank == facts.bank => Ok(()),
        _ => Err(NOTHING_TO_END),
    }
}

const fn check_room(facts: &Facts) -> Result<(), Code> {
    if facts.full { Err(NOT_SIGNED) } else { Ok(()) }
}

fn check_terms(facts: &Facts) -> Result<(), Code> {
    check_room(facts)?;
    let terms = facts.terms.ok_or(NOT_SIGNED)?;
    terms.check().map_err(|_| NOT_SIGNED)?;
    if u64::from(terms.ends_at_s) <= facts.at_us / 1_000_000 { Err(NOT_SIGNED) } else { Ok(()) }
}

fn check_end_of_mandate(facts: &Facts, found: Option<&Mandate>) -> Result<(), Code> {
    let mandate = of_the_same_ends(facts, found)?;
    let confirmed = !mandate.unacknowledged.contains(Party::Bank1);
    if mandate.state == State::Ended && confirmed { Err(ENDED_ALREADY) } else { Ok(()) }
}

fn check_end_asked_by_bank(facts: &Facts, found: Option<&Mandate>) -> Result<(), Code> {
    let mandate = of_the_same_ends(facts, found)?;
    if mandate.state == State::Ended { Err(ENDED_ALREADY) } else { Ok(()) }
}

fn of_the_same_ends<'a>(facts: &Facts, found: Option<&'a Mandate>) -> Result<&'a Mandate, Code> {
    found.filter(|mandate| mandate.institution == facts.institution && mandate.bank == facts.bank).ok_or(NOTHING_TO_END)
}

fn with_dispute(facts: &Facts, judge: impl FnOnce(&DisputeFacts) -> Result<(), Code>) -> Result<(), Code> {
    let dispute = facts.dispute.as_ref().filter(|dispute| dispute.original_status.is_final()).ok_or(NO_ORIGINAL)?;
    judge(dispute)
}

fn check_submission(facts: &Facts, dispute: &DisputeFacts, found: Option<&Case>) -> Result<(), Code> {
    if !is_of(dispute, dispute.by) || !is_of(dispute, dispute.of) || dispute.by == dispute.of {
        return Err(NO_ORIGINAL);
    }
    if found.is_some_and(|case| matches!(case.state, CaseState::Submitted | CaseState::Agreed)) {
        return Err(CASE_STATE);
    }
    check_amount(facts, dispute, found)
}

fn check_answer(dispute: &DisputeFacts, found: Option<&Case>) -> Result<(), Code> {
    let case = found.filter(|case| case.state == CaseState::Submitted).ok_or(CASE_STATE)?;
    match case.asked {
        Some(request) if request.of == dispute.by && request.by == dispute.of => Ok(()),
        _ => Err(CASE_STATE),
    }
}

fn check_adjustment(facts: &Facts, dispute: &DisputeFacts, found: Option<&Case>) -> Result<(), Code> {
    let agreed = found.filter(|case| case.state == CaseState::Agreed).and_then(|case| case.asked);
    let fits = |request: super::super::dispute::Request| {
        request.direction == dispute.direction
            && facts.amount_fen <= request.amount_fen
            && (request.by == dispute.by || request.of == dispute.by)
    };
    if !dispute.by_operator && !agreed.is_some_and(fits) {
        return Err(CASE_STATE);
    }
    if found.is_some_and(|case| case.adjustments.len() >= ADJUSTMENTS_MAX) {
        return Err(CASE_STATE);
    }
    check_amount(facts, dispute, found)
}

fn check_amount(facts: &Facts, dispute: &DisputeFacts, found: Option<&Case>) -> Result<(), Code> {
    let known = found.cloned().unwrap_or_else(|| dispute.case_without_adjustments());
    let adjustable_fen = known.adjustable_fen(dispute.direction, dispute.refunded_fen);
    if facts.amount_fen == 0 || facts.amount_fen > adjustable_fen { Err(ABOVE_ORIGINAL) } else { Ok(()) }
}

/// Whether a participant takes part in the transaction in dispute.
fn is_of(dispute: &DisputeFacts, participant: u16) -> bool {
    dispute.institution == participant || dispute.banks.contains(&participant)
}
