//! 301 and 302: what became of a transaction. The answer's blocks are ours.

use super::blocks::{
    BATCH_ID, CDTR_BANK_ID, DBTR_BANK_ID, M, O, ORI_TRX_CTGY, ORI_TRX_DT_TM, ORI_TRX_ID, RETURN_CODE, RP_FLG,
    SYS_RTN_INF, body,
};
use super::element::{Element, block, leaf};
use super::field::{Field as F, names};
use super::message_type::{MessageSchema, MessageType};
use super::value_type::ValueType as V;

/// 交易状态查询申请.
pub(super) static EPCC_301: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc301,
    chinese: "交易状态查询申请",
    english: "query of a transaction's status",
    body: body(&[ORI_TRX_INF]),
};

/// 交易状态查询回执.
pub(super) static EPCC_302: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc302,
    chinese: "交易状态查询回执",
    english: "answer to a query",
    body: body(&[SYS_RTN_INF, ORI_TRX_INF, ORI_BIZ_INF]),
};

/// When one bank serves both legs, `RPFlg` says which of them is meant.
const ORI_TRX_INF: Element = block(
    names!("OriTrxInf"),
    M,
    ["原交易信息", "the transaction asked for"],
    &[ORI_TRX_CTGY, ORI_TRX_ID, ORI_TRX_DT_TM, RP_FLG],
);

const ORI_BIZ_INF: Element = block(
    names!("OriBizInf"),
    O,
    ["原交易业务信息", "what became of it"],
    &[
        leaf(F::OriSysRtnCd, O, RETURN_CODE, ["原系统返回码", "system return code of the original"], "00000000"),
        leaf(F::OriBizStsCd, O, RETURN_CODE, ["原业务返回码", "business return code of the original"], "00000000"),
        leaf(F::TrxStatus, O, (V::Status, 2), ["交易状态", "status of the transaction"], "00"),
        BATCH_ID,
        DBTR_BANK_ID,
        CDTR_BANK_ID,
    ],
);
