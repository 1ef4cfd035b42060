//! Agreements: one leg to the bank of the customer's account; none where the bank has decided already.

use clearway_codec::catalogue::{Field as F, MessageType};
use clearway_codec::value::TrxStatus;

use super::super::{AccountOf, Business, BusinessRules, Initiator, LegRules, Notice, Refundable, RegisterRule, Target};
use super::payment::{AGREEMENT_PAYMENT, DEBIT};

/// A leg to the bank that keeps the customer's account.
pub(super) const ASK_BANK: LegRules = LegRules {
    target: Target::Bank(&[F::SgnAcctIssrId]),
    answer: MessageType::Epcc102,
    unknown_target: *b"PB511099",
    ..DEBIT
};

/// What ends an agreement or a mandate at its bank. The register is the referee: when the bank stays silent it has ended,
/// and the bank is on the list of those who owe their word.
pub(super) const END_AT_BANK: LegRules = LegRules {
    answer: MessageType::Epcc104,
    // No such agreement, and ended already (S).
    done_already: &[*b"PB512001", *b"PB512002"],
    presumed_status: TrxStatus::PresumedSuccess,
    ..ASK_BANK
};

/// 101 with 0201, 身份认证. The signing that follows has the same TrxId.
pub(super) const IDENTITY_CHECK: BusinessRules = BusinessRules {
    business: Business::IdentityCheck,
    name: "identity-check",
    request: MessageType::Epcc101,
    receipt: MessageType::Epcc102,
    categories: &["0201"],
    key_tag: 1,
    initiator: Initiator::Institution(F::InstgId),
    legs: &[ASK_BANK],
    echoed: &[
        F::SgnNo,
        F::SgnAcctIssrId,
        F::SgnAcctTp,
        F::SgnAcctId,
        F::SgnAcctNm,
        F::SgnAcctLvl,
        F::InstgId,
        F::InstgAcct,
        F::TrxCtgy,
        F::TrxId,
        F::TrxDtTm,
    ],
    moves_money: false,
    refundable: Refundable::Never,
    account: AccountOf::Clear(F::SgnAcctId),
    limited: false,
    customer_leg: None,
    register: RegisterRule::None,
    ..AGREEMENT_PAYMENT
};

/// 101 with 0202, 签约.
pub(super) const SIGNING: BusinessRules = BusinessRules {
    business: Business::Signing,
    name: "signing",
    categories: &["0202"],
    key_tag: 0,
    register: RegisterRule::Sign,
    ..IDENTITY_CHECK
};

/// 103, 解约.
pub(super) const AGREEMENT_END: BusinessRules = BusinessRules {
    business: Business::AgreementEnd,
    name: "agreement-end",
    request: MessageType::Epcc103,
    receipt: MessageType::Epcc104,
    categories: &["0203"],
    legs: &[END_AT_BANK],
    echoed: &[
        F::SgnNo,
        F::SgnAcctIssrId,
        F::SgnAcctTp,
        F::SgnAcctShrtId,
        F::InstgId,
        F::InstgAcct,
        F::TrxCtgy,
        F::TrxId,
        F::TrxDtTm,
    ],
    register: RegisterRule::EndAgreement,
    ..SIGNING
};

/// 105, 解约通知.
pub(super) const FORCED_AGREEMENT_END: BusinessRules = BusinessRules {
    business: Business::ForcedAgreementEnd,
    name: "forced-agreement-end",
    request: MessageType::Epcc105,
    receipt: MessageType::Epcc303,
    categories: &["0208"],
    initiator: Initiator::Bank(F::SgnAcctIssrId),
    legs: &[],
    echoed: &[],
    notice: Notice::Request,
    register: RegisterRule::AgreementEndedByBank,
    ..SIGNING
};
