//! 207: terminal notice. Function public, code and order ours.

use super::blocks::{BATCH_ID, CDTR_BANK_ID, DBTR_BANK_ID, M, ORI_TRX_CTGY, ORI_TRX_DT_TM, ORI_TRX_ID, biz_inf, body};
use super::element::block;
use super::field::names;
use super::message_type::{MessageSchema, MessageType};

/// 终态通知.
pub(super) static EPCC_207: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc207,
    chinese: "终态通知",
    english: "terminal notice: the final state of a transaction",
    body: body(&[
        block(names!("OriTrxInf"), M, ["原交易信息", "the transaction"], &[ORI_TRX_CTGY, ORI_TRX_ID, ORI_TRX_DT_TM]),
        BATCH_ID,
        biz_inf(M),
        DBTR_BANK_ID,
        CDTR_BANK_ID,
    ]),
};
