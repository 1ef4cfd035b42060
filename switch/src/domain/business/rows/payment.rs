//! Businesses that move money: a debit leg, then a credit leg.
//!
//! Codes are I-marked in wire.md sections 4 and 6.2 (PS500030, PS500031, RS600030 beside ES000098/99), or ours.

use clearway_codec::catalogue::{Field as F, MessageType};
use clearway_codec::value::TrxStatus;

use super::super::{Business, BusinessRules, Chase, Initiator, LegRules, Notice, RegisterRule, Target};

/// The debit leg of a business whose payer is named by `PyerAcctIssrId`.
const DEBIT: LegRules = LegRules {
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
const CREDIT: LegRules = LegRules {
    target: Target::Bank(&[F::ResfdAcctIssrId]),
    unknown_target: *b"RB620097",
    unreachable: *b"RS600030",
    no_such_transaction: *b"PB631001",
    presumed_status: TrxStatus::PresumedSuccess,
    presumed: *b"RS600031",
    ..DEBIT
};

/// What a receipt 206 repeats, where the request has it (wire.md 3.6).
const KEYS: &[F] = &[
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
    refundable: true,
    reserves_original: false,
    closable: false,
    limited: true,
    register: RegisterRule::None,
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
    refundable: false,
    reserves_original: true,
    limited: false,
    ..AGREEMENT_PAYMENT
};
