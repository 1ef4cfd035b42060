//! Mandates: created with a person's consent, which may take days; ended at once by the institution, and by the bank if the
//! institution does not refuse in time.

use clearway_codec::catalogue::{Field as F, MessageType};
use clearway_codec::value::TrxStatus;

use super::super::{
    Business, BusinessRules, Chase, Initiator, LegRules, Notice, Patience, RegisterRule, Rest, RestEnd, Target,
};
use super::agreement::{AGREEMENT_END, ASK_BANK, END_AT_BANK, SIGNING};

/// 111, 建立委托. The customer has thirty days (ours) on the bank's page or in its branch.
pub(super) const MANDATE: BusinessRules = BusinessRules {
    business: Business::Mandate,
    name: "mandate",
    request: MessageType::Epcc111,
    receipt: MessageType::Epcc113,
    categories: &["0204"],
    legs: &[LegRules {
        answer: MessageType::Epcc113,
        rest: Some(Rest {
            patience: Patience::Days(30),
            end: RestEnd::QueryThenFail(*b"PB500034"),
            news: MessageType::Epcc113,
            news_id: F::TrxId,
        }),
        ..ASK_BANK
    }],
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
        F::BizTp,
        F::TrxId,
        F::TrxDtTm,
        F::PyeeMrchntNo,
        F::PyeeMrchntNm,
        F::EntrstAuthNo,
        F::EntrstAmtLmt,
        F::EntrstStrDtTm,
        F::EntrstEndDtTm,
        F::EntrstDtUnt,
        F::EntrstDtStp,
        F::EntrstDtDsc,
        F::EntrstFrqcy,
        F::PgUrl,
    ],
    notice: Notice::Receipt,
    register: RegisterRule::CreateMandate,
    ..SIGNING
};

/// 115, 解除委托.
pub(super) const MANDATE_END: BusinessRules = BusinessRules {
    business: Business::MandateEnd,
    name: "mandate-end",
    request: MessageType::Epcc115,
    receipt: MessageType::Epcc116,
    categories: &["0205"],
    legs: &[LegRules { answer: MessageType::Epcc116, ..END_AT_BANK }],
    register: RegisterRule::EndMandate,
    ..AGREEMENT_END
};

/// 117, 银行解除委托. The institution agrees, refuses, or is silent for seven working days, which is consent (business.md
/// section 4). It only takes note of the request, so the request is sent again until it does.
pub(super) const MANDATE_END_BY_BANK: BusinessRules = BusinessRules {
    business: Business::MandateEndByBank,
    name: "mandate-end-by-bank",
    request: MessageType::Epcc117,
    receipt: MessageType::Epcc118,
    categories: &["0206"],
    initiator: Initiator::Bank(F::SgnAcctIssrId),
    legs: &[LegRules {
        target: Target::Institution(F::InstgId),
        answer: MessageType::Epcc118,
        chase: Chase::Resend,
        rest: Some(Rest {
            patience: Patience::WorkingDays(7),
            end: RestEnd::Agree,
            news: MessageType::Epcc118,
            news_id: F::TrxId,
        }),
        done_already: &[],
        presumed_status: TrxStatus::PresumedSuccess,
        ..ASK_BANK
    }],
    echoed: &[F::InstgId, F::TrxCtgy, F::TrxId, F::TrxDtTm],
    register: RegisterRule::EndMandateByBank,
    ..SIGNING
};
