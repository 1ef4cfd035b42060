//! 207: terminal notice. Function public, code and order ours.

use super::blocks::{BATCH_ID, CDTR_BANK_ID, DBTR_BANK_ID, ORI_TRX_INF, body, notice_biz_inf};
use super::message_type::{MessageSchema, MessageType, Sender};

/// 终态通知.
pub(super) static EPCC_207: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc207,
    chinese: "终态通知",
    english: "terminal notice: the final state of a transaction",
    sender: Sender::Switch,
    answer: Some(MessageType::Epcc303),
    body: body(&[ORI_TRX_INF, BATCH_ID, notice_biz_inf(), DBTR_BANK_ID, CDTR_BANK_ID]),
};
