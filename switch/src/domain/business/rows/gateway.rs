//! Gateway payment: the bank gives the address of its page, the customer pays there, and only then leg 2 follows.

use clearway_codec::catalogue::{Field as F, MessageType};

use super::super::{AccountOf, Business, BusinessRules, LegRules, Patience, RegisterRule, Rest, RestEnd};
use super::payment::{AGREEMENT_PAYMENT, CREDIT, DEBIT};

/// 241, 网关支付.
pub(super) const GATEWAY_PAYMENT: BusinessRules = BusinessRules {
    business: Business::GatewayPayment,
    name: "gateway-payment",
    request: MessageType::Epcc241,
    receipt: MessageType::Epcc243,
    categories: &["0114"],
    legs: &[
        LegRules {
            answer: MessageType::Epcc243,
            // An order that expires is told as one that was closed (S, PB500034).
            rest: Some(Rest {
                patience: Patience::Order,
                end: RestEnd::QueryThenFail(*b"PB500034"),
                news: MessageType::Epcc245,
                news_id: F::OriTrxId,
            }),
            ..DEBIT
        },
        LegRules { answer: MessageType::Epcc243, ..CREDIT },
    ],
    echoed: &[
        F::PyerAcctIssrId,
        F::PyerAcctTp,
        F::PyeeAcctIssrId,
        F::PyeeAcctTp,
        F::ResfdAcctIssrId,
        F::InstgAcctId,
        F::InstgAcctNm,
        F::TrxId,
        F::TrxDtTm,
        F::TrxAmt,
        F::TrxCtgy,
        F::PgUrl,
    ],
    closable: true,
    account: AccountOf::Order(F::OrdrId),
    customer_leg: None,
    register: RegisterRule::None,
    ..AGREEMENT_PAYMENT
};
