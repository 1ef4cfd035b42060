//! 301 and 302: what became of a transaction. The answer's blocks are ours.

use super::blocks::{
    BATCH_ID, CDTR_BANK_ID, DBTR_BANK_ID, M, O, ORI_TRX_CTGY, ORI_TRX_DT_TM, ORI_TRX_ID, RETURN_CODE, RP_FLG,
    SYS_RTN_INF, body, trx_status,
};
use super::element::{Element, block, encrypted, leaf};
use super::field::{Field as F, names};
use super::leaves::{ACCOUNT_CHARS, NAME_CHARS, SEALED, SEALED_LONG, sgn_no};
use super::message_type::{MessageSchema, MessageType, Sender};

/// 交易状态查询申请.
pub(super) static EPCC_301: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc301,
    chinese: "交易状态查询申请",
    english: "query of a transaction's status",
    sender: Sender::Participant,
    answer: Some(MessageType::Epcc302),
    body: body(&[ORI_TRX_INF]),
};

/// 交易状态查询回执.
pub(super) static EPCC_302: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc302,
    chinese: "交易状态查询回执",
    english: "answer to a query",
    sender: Sender::Switch,
    answer: None,
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
        ORI_SYS_RTN_CD,
        ORI_BIZ_STS_CD,
        trx_status(O),
        BATCH_ID,
        DBTR_BANK_ID,
        CDTR_BANK_ID,
        sgn_no(O),
        encrypted(F::PyerAcctId, O, ACCOUNT_CHARS, ["付款方账户", "payer's account"], SEALED_LONG),
        encrypted(F::PyerAcctNm, O, NAME_CHARS, ["付款方账户名称", "name of the payer's account"], SEALED),
    ],
);

/// 原系统返回码.
pub(super) const ORI_SYS_RTN_CD: Element =
    leaf(F::OriSysRtnCd, O, RETURN_CODE, ["原系统返回码", "system return code of the original"], "00000000");

/// 原业务返回码.
pub(super) const ORI_BIZ_STS_CD: Element =
    leaf(F::OriBizStsCd, O, RETURN_CODE, ["原业务返回码", "business return code of the original"], "00000000");
