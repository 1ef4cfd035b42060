//! The next image of a case, by the messages of a dispute.

use clearway_codec::value::{BeijingTime, TrxStatus};

use super::facts::{DisputeFacts, Facts};
use super::rule::Stage;
use crate::domain::dispute::{
    Adjustment, AdjustmentState, Case, CaseState, DisputeBatchId, Opening, Reason, Request, open,
};

impl DisputeFacts {
    /// The case that this message opens, when none is known.
    pub(super) fn case_without_adjustments(&self) -> Case {
        let opening = self.opening(0, [0; 8]);
        let opened = open(None, &opening).map(|case| Case { version: 0, ..case });
        opened.unwrap_or_else(|| unreachable!("without a case before, one always opens"))
    }

    const fn opening(&self, at_us: u64, code: [u8; 8]) -> Opening {
        Opening {
            trx_key: self.original_key,
            reason: Reason::Submitted,
            status: self.original_status,
            business: self.original_business,
            has_reserve: self.original_has_reserve,
            amount_fen: self.original_amount_fen,
            institution: self.institution,
            banks: self.banks,
            code,
            at_us,
        }
    }
}

/// The case as it is, or as it opens now, one version on.
fn next(before: Option<&Case>, dispute: &DisputeFacts, facts: &Facts) -> Case {
    let known = before.cloned().unwrap_or_else(|| Case {
        opened_at_us: facts.at_us,
        code: facts.code,
        ..dispute.case_without_adjustments()
    });
    Case {
        version: known.version.saturating_add(1),
        changed_at_us: facts.at_us,
        reasons: known.reasons.with(Reason::Submitted),
        ..known
    }
}

/// 321 counts when the other side has it: 00, or 03 when only its acknowledgement is missing.
pub(super) fn follow_submission(stage: Stage, facts: &Facts, before: Option<&Case>) -> Option<Case> {
    let dispute = facts.dispute.as_ref()?;
    let arrived = matches!(stage, Stage::Final(TrxStatus::Success | TrxStatus::PresumedSuccess));
    let taken = before.is_some_and(|case| matches!(case.state, CaseState::Submitted | CaseState::Agreed));
    (arrived && !taken).then(|| Case {
        state: CaseState::Submitted,
        asked: Some(Request {
            direction: dispute.direction,
            amount_fen: facts.amount_fen,
            by: dispute.by,
            of: dispute.of,
        }),
        ..next(before, dispute, facts)
    })
}

/// 322 counts as soon as it is accepted: the decision is its sender's.
pub(super) fn follow_answer(stage: Stage, facts: &Facts, before: &Case) -> Option<Case> {
    let dispute = facts.dispute.as_ref()?;
    let answers = stage == Stage::Accepted && before.state == CaseState::Submitted;
    let state = if dispute.agrees { CaseState::Agreed } else { CaseState::Refused };
    answers.then(|| Case { state, ..next(Some(before), dispute, facts) })
}

/// 324 reserves its amount when it is accepted, counts when it is final, and gives the amount back when it fails. Its batch
/// is that of its acceptance, because the message names it.
pub(super) fn follow_adjustment(stage: Stage, facts: &Facts, before: Option<&Case>) -> Option<Case> {
    let dispute = facts.dispute.as_ref()?;
    match stage {
        Stage::Accepted => {
            let mut case = next(before, dispute, facts);
            case.adjustments.push(Adjustment {
                trx_key: facts.trx_key,
                amount_fen: facts.amount_fen,
                batch: DisputeBatchId::at(BeijingTime::from_unix_micros(facts.accepted_at_us)),
                direction: dispute.direction,
                state: AdjustmentState::Running,
            });
            Some(case)
        }
        Stage::Final(TrxStatus::Success | TrxStatus::PresumedSuccess) => {
            let mut case = ended(before?, dispute, facts, AdjustmentState::Made)?;
            case.asked = case.asked.map(|request| after_adjustment(request, dispute, facts.amount_fen));
            if case.asked.is_none_or(|request| request.amount_fen == 0) {
                case.state = CaseState::Adjusted;
            }
            Some(case)
        }
        Stage::Final(_) => ended(before?, dispute, facts, AdjustmentState::Failed),
        Stage::Waiting | Stage::Acknowledged(_) => None,
    }
}

fn after_adjustment(request: Request, dispute: &DisputeFacts, amount_fen: u64) -> Request {
    let served = request.direction == dispute.direction;
    let amount_fen = if served { request.amount_fen.saturating_sub(amount_fen) } else { request.amount_fen };
    Request { amount_fen, ..request }
}

/// The case with this transaction's running adjustment in its last state; `None` when it has none.
fn ended(before: &Case, dispute: &DisputeFacts, facts: &Facts, state: AdjustmentState) -> Option<Case> {
    let is_own = |one: &Adjustment| one.trx_key == facts.trx_key && one.state == AdjustmentState::Running;
    let at = before.adjustments.iter().rposition(is_own)?;
    let mut case = next(Some(before), dispute, facts);
    case.adjustments[at].state = state;
    Some(case)
}
