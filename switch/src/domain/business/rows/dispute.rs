//! Disputes: one party's word about a transaction, carried to the other, who acknowledges it. Its identity is that of the transaction
//! in dispute, so each kind may be said once of each.

use clearway_codec::catalogue::MessageType;
use clearway_codec::value::TrxStatus;

use super::super::{AccountOf, Business, BusinessRules, Chase, Initiator, LegRules, Notice, RegisterRule, Target};
use super::agreement::SIGNING;
use super::payment::DEBIT;

/// A leg that only has to arrive.
const TELL: LegRules = LegRules {
    target: Target::Counterpart,
    answer: MessageType::Epcc303,
    chase: Chase::Resend,
    unknown_target: *b"PB531001",
    presumed_status: TrxStatus::PresumedSuccess,
    ..DEBIT
};

/// 321, 差错提交.
pub(super) const SUBMISSION: BusinessRules = BusinessRules {
    business: Business::DisputeSubmission,
    name: "dispute-submission",
    request: MessageType::Epcc321,
    receipt: MessageType::Epcc303,
    categories: &[],
    key_tag: 2,
    initiator: Initiator::Party,
    legs: &[TELL],
    echoed: &[],
    notice: Notice::Nobody,
    account: AccountOf::Nobody,
    register: RegisterRule::SubmitDispute,
    ..SIGNING
};

/// 322, 差错确认.
pub(super) const DECISION: BusinessRules = BusinessRules {
    business: Business::DisputeDecision,
    name: "dispute-decision",
    request: MessageType::Epcc322,
    key_tag: 3,
    register: RegisterRule::AnswerDispute,
    ..SUBMISSION
};

/// 324, 差错调账.
pub(super) const ADJUSTMENT: BusinessRules = BusinessRules {
    business: Business::DisputeAdjustment,
    name: "dispute-adjustment",
    request: MessageType::Epcc324,
    key_tag: 4,
    register: RegisterRule::Adjust,
    ..SUBMISSION
};
