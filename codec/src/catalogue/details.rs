//! 313 and 314: every detail of a transaction (差错核查), asked for before a dispute. 313 was seen,
//! with the two ends of the transaction; its answer is ours.

use super::blocks::{
    BATCH_ID, CDTR_BANK_ID, DBTR_BANK_ID, INSTITUTION, M, O, ORI_TRX_CTGY, ORI_TRX_DT_TM, ORI_TRX_ID, ORI_TRX_INF,
    SYS_RTN_INF, TRX_FINISH_TM, body, trx_status,
};
use super::dispute::{DSPT_BATCH_ID, DSPT_RSN, dspt_amt, dspt_rslt, dspt_tp};
use super::element::{Element, block, leaf};
use super::field::{Field as F, names};
use super::leaves::{instg_id, ori_biz_tp, ori_trx_amt, sgn_no};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::query::{ORI_BIZ_STS_CD, ORI_SYS_RTN_CD};

/// 交易详情查询申请.
pub(super) static EPCC_313: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc313,
    chinese: "交易详情查询申请",
    english: "query of a transaction's details",
    sender: Sender::Participant,
    answer: Some(MessageType::Epcc314),
    body: body(&[
        ORI_TRX_INF,
        leaf(F::SrcInstgId, O, INSTITUTION, ["源机构标识", "participant that began it"], "Z2000000000088"),
        leaf(F::SinkInstgId, O, INSTITUTION, ["宿机构标识", "participant at its other end"], "C1000000000011"),
    ]),
};

/// 交易详情查询回执.
pub(super) static EPCC_314: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc314,
    chinese: "交易详情查询回执",
    english: "answer with a transaction's details",
    sender: Sender::Switch,
    answer: None,
    body: body(&[
        SYS_RTN_INF,
        ORI_TRX_INF_WHOLE,
        ORI_BIZ_INF,
        leaf(
            F::PyerAcctIssrId,
            O,
            INSTITUTION,
            ["付款方账户所属机构标识", "institution of the payer's account"],
            "C1000000000011",
        ),
        leaf(
            F::PyeeAcctIssrId,
            O,
            INSTITUTION,
            ["收款方账户所属机构标识", "institution of the payee's account"],
            "Z2000000000088",
        ),
        leaf(
            F::ResfdAcctIssrId,
            O,
            INSTITUTION,
            ["备付金账户所属机构标识", "bank of the reserve account"],
            "C1000000000022",
        ),
        instg_id(O),
        DSPT_INF,
    ]),
};

const ORI_TRX_INF_WHOLE: Element = block(
    names!("OriTrxInf"),
    M,
    ["原交易信息", "the transaction asked for"],
    &[ORI_TRX_CTGY, ORI_TRX_ID, ORI_TRX_DT_TM, ori_trx_amt(O), ori_biz_tp()],
);

const ORI_BIZ_INF: Element = block(
    names!("OriBizInf"),
    O,
    ["原交易业务信息", "what became of it"],
    &[ORI_SYS_RTN_CD, ORI_BIZ_STS_CD, trx_status(O), BATCH_ID, DBTR_BANK_ID, CDTR_BANK_ID, sgn_no(O), TRX_FINISH_TM],
);

const DSPT_INF: Element = block(
    names!("DsptInf"),
    O,
    ["差错信息", "its dispute"],
    &[DSPT_BATCH_ID, dspt_tp(O), dspt_amt(O), DSPT_RSN, dspt_rslt(O)],
);
