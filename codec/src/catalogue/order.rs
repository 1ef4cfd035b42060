//! 305, 306 and 317, 318: what became of an order, and its closing. Codes seen but for 317, which
//! is inferred; bodies ours.

use super::blocks::{
    BATCH_ID, M, O, ORI_TRX_CTGY, ORI_TRX_DT_TM, ORI_TRX_ID, ORI_TRX_INF, SYS_RTN_INF, body, trx_status,
};
use super::element::{Element, Presence, block};
use super::field::names;
use super::leaves::{instg_id, ordr_id, ori_trx_amt};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::query::{ORI_BIZ_STS_CD, ORI_SYS_RTN_CD};

/// 商户订单查询申请.
pub(super) static EPCC_305: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc305,
    chinese: "商户订单查询申请",
    english: "query of an order",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc306),
    body: body(&[
        block(names!("InstgInf"), M, ["支付机构信息", "payment institution that asks"], &[instg_id(M)]),
        ordr_inf(M, const { &[ordr_id(M)] }),
    ]),
};

/// 商户订单查询回执.
pub(super) static EPCC_306: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc306,
    chinese: "商户订单查询回执",
    english: "answer to a query of an order",
    sender: Sender::Switch,
    answer: None,
    body: body(&[SYS_RTN_INF, ordr_inf(M, const { &[ordr_id(M)] }), ORI_TRX_INF_FOUND, ORI_BIZ_INF_BATCH]),
};

/// 订单关闭申请.
pub(super) static EPCC_317: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc317,
    chinese: "订单关闭申请",
    english: "request to close an order",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc318),
    body: body(&[ORI_TRX_INF, ordr_inf(O, const { &[ordr_id(O)] })]),
};

/// 订单关闭回执.
pub(super) static EPCC_318: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc318,
    chinese: "订单关闭回执",
    english: "answer to the closing of an order",
    sender: Sender::Switch,
    answer: None,
    body: body(&[SYS_RTN_INF, ORI_TRX_INF, ORI_BIZ_INF]),
};

const fn ordr_inf(presence: Presence, children: &'static [Element]) -> Element {
    block(names!("OrdrInf"), presence, ["订单信息", "order"], children)
}

const ORI_TRX_INF_FOUND: Element = block(
    names!("OriTrxInf"),
    O,
    ["原交易信息", "the transaction of the order"],
    &[ORI_TRX_CTGY, ORI_TRX_ID, ORI_TRX_DT_TM, ori_trx_amt(O)],
);

const ORI_BIZ_INF: Element = block(
    names!("OriBizInf"),
    O,
    ["原交易业务信息", "what became of it"],
    &[ORI_SYS_RTN_CD, ORI_BIZ_STS_CD, trx_status(O)],
);

const ORI_BIZ_INF_BATCH: Element = block(
    names!("OriBizInf"),
    O,
    ["原交易业务信息", "what became of it"],
    &[ORI_SYS_RTN_CD, ORI_BIZ_STS_CD, trx_status(O), BATCH_ID],
);
