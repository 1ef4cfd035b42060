//! Businesses that move money: a debit leg, then a credit leg.
//!
//! Codes are I-marked in wire.md sections 4 and 6.2 (PS500030, PS500031, RS600030 beside ES000098/99), or ours.

use clearway_codec::catalogue::{Field as F, MessageType};
use clearway_codec::value::TrxStatus;

use super::super::{
    AccountOf, Business, BusinessRules, Chase, Initiator, LegRules, Notice, Refundable, RegisterRule, Target,
};
use crate::domain::transaction::Leg;

/// The debit leg of a business whose payer is named by `PyerAcctIssrId`.
pub(super) const DEBIT: LegRules = LegRules {
    target: Target::Bank(&[F::PyerAcctIssrId]),
    answer: MessageType::Epcc206,
    chase: Chase::Query,
    rest: None,
    done_already: &[],
    unknown_target: *b"PB520097",
    unreachable: *b"PS500030",
    no_such_transaction: *b"PB531001",
    presumed_status: TrxStatus::PresumedFailure,
    presumed: *b"PS500031",
};

/// The credit leg of a business whose payee is a reserve account.
pub(super) const CREDIT: LegRules = LegRules {
    target: Target::Bank(&[F::ResfdAcctIssrId]),
    unknown_target: *b"RB620097",
    unreachable: *b"RS600030",
    no_such_transaction: *b"PB631001",
    presumed_status: TrxStatus::PresumedSuccess,
    presumed: *b"RS600031",
    ..DEBIT
};

/// What a receipt 206 repeats, where the request has it (wire.md 3.6).
pub(super) const KEYS: &[F] = &[
    F::PyerAcctIssrId,
    F::PyerAcctTp,
    F::SgnNo,
    F::PyeeAcctIssrId,
    F::PyeeAcctTp,
    F::InstgAcctId,
    F::InstgAcctNm,
    F::ResfdAcctIssrId,
    F::TrxId,
    F::TrxDtTm,
    F::TrxAmt,
    F::TrxCtgy,
];

/// 201, 协议支付.
pub(super) const AGREEMENT_PAYMENT: BusinessRules = BusinessRules {
    business: Business::AgreementPayment,
    name: "agreement-payment",
    request: MessageType::Epcc201,
    receipt: MessageType::Epcc206,
    categories: &["0110"],
    key_tag: 0,
    initiator: Initiator::Institution(F::PyeeAcctIssrId),
    legs: &[DEBIT, CREDIT],
    echoed: KEYS,
    notice: Notice::Terminal,
    moves_money: true,
    refundable: Refundable::Always,
    reserves_original: false,
    closable: false,
    account: AccountOf::Agreement,
    limited: true,
    customer_leg: Some(Leg::One),
    register: RegisterRule::UseAgreement,
};

/// 205, 退款.
pub(super) const REFUND: BusinessRules = BusinessRules {
    business: Business::Refund,
    name: "refund",
    request: MessageType::Epcc205,
    categories: &["0121"],
    initiator: Initiator::Institution(F::PyerAcctIssrId),
    legs: &[
        LegRules { target: CREDIT.target, unknown_target: CREDIT.unknown_target, ..DEBIT },
        LegRules { target: Target::Bank(&[F::PyeeAcctIssrId]), ..CREDIT },
    ],
    refundable: Refundable::Never,
    reserves_original: true,
    limited: false,
    customer_leg: Some(Leg::Two),
    register: RegisterRule::None,
    ..AGREEMENT_PAYMENT
};

/// 211, 付款.
pub(super) const PAYOUT: BusinessRules = BusinessRules {
    business: Business::Payout,
    name: "payout",
    request: MessageType::Epcc211,
    receipt: MessageType::Epcc213,
    categories: &["0120"],
    initiator: Initiator::Institution(F::PyerAcctIssrId),
    legs: &[
        LegRules {
            target: Target::Bank(&[F::PyerBkId]),
            unknown_target: CREDIT.unknown_target,
            answer: MessageType::Epcc213,
            ..DEBIT
        },
        LegRules { target: Target::Bank(&[F::PyeeBkId]), answer: MessageType::Epcc213, ..CREDIT },
    ],
    echoed: &[
        F::PyerBkId,
        F::PyerAcctIssrId,
        F::PyerAcctTp,
        F::PyerAcctNo,
        F::PyerAcctNm,
        F::PyeeAcctTp,
        F::PyeeBkId,
        F::PyeeBkNo,
        F::PyeeSgnNo,
        F::PyeeBkNm,
        F::TrxId,
        F::TrxDtTm,
        F::TrxAmt,
        F::TrxCtgy,
        F::BizTp,
    ],
    refundable: Refundable::Never,
    account: AccountOf::Clear(F::PyeeBkNo),
    limited: false,
    customer_leg: Some(Leg::Two),
    register: RegisterRule::None,
    ..AGREEMENT_PAYMENT
};

/// 216, 认证支付.
pub(super) const CERTIFIED_PAYMENT: BusinessRules = BusinessRules {
    business: Business::CertifiedPayment,
    name: "certified-payment",
    request: MessageType::Epcc216,
    receipt: MessageType::Epcc218,
    categories: &["0112"],
    legs: &[
        LegRules { target: Target::Bank(&[F::PyerBkId]), answer: MessageType::Epcc218, ..DEBIT },
        LegRules { answer: MessageType::Epcc218, ..CREDIT },
    ],
    echoed: &[
        F::PyerBkId,
        F::PyerAcctTp,
        F::PyerBkNo,
        F::PyerBkNm,
        F::PyeeAcctIssrId,
        F::PyeeAcctTp,
        F::InstgAcctId,
        F::InstgAcctNm,
        F::ResfdAcctIssrId,
        F::TrxId,
        F::TrxDtTm,
        F::TrxAmt,
        F::TrxCtgy,
    ],
    account: AccountOf::Clear(F::PyerBkNo),
    register: RegisterRule::None,
    ..AGREEMENT_PAYMENT
};

/// 221, 商业委托支付. Straight to a merchant's bank account it cannot be refunded (business.md section 4).
pub(super) const ENTRUSTED_PAYMENT: BusinessRules = BusinessRules {
    business: Business::EntrustedPayment,
    name: "entrusted-payment",
    request: MessageType::Epcc221,
    receipt: MessageType::Epcc223,
    categories: &["0113"],
    initiator: Initiator::Institution(F::InstgId),
    legs: &[
        LegRules { answer: MessageType::Epcc223, ..DEBIT },
        LegRules {
            target: Target::Bank(&[F::ResfdAcctIssrId, F::PyeeAcctIssrId]),
            answer: MessageType::Epcc223,
            ..CREDIT
        },
    ],
    refundable: Refundable::IfNamed(F::ResfdAcctIssrId),
    register: RegisterRule::UseMandate,
    ..AGREEMENT_PAYMENT
};
