//! 221 and 223: payment on a mandate (商业委托支付). Codes ours: an agreement payment whose `SgnNo`
//! is the mandate's, and which names the institution at its end, because the payee may be a
//! merchant's account at a bank. Without `ResfdInf` it goes straight to that account.

use super::blocks::{BATCH_ID, M, O, RP_FLG, body, resfd_inf};
use super::element::block;
use super::field::names;
use super::leaves::{instg_id, trx_devc_inf};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::payment::{ORDR_INF, PYEE_INF, PYER_INF, trx, trx_inf};
use super::receipt::{receipt, trx_echo};

const CATEGORY: &str = "0113";

/// 商业委托支付申请.
pub(super) static EPCC_221: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc221,
    chinese: "商业委托支付申请",
    english: "entrusted payment request, on a mandate",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc223),
    body: body(&[
        PYER_INF,
        RP_FLG,
        PYEE_INF,
        resfd_inf(O),
        trx_inf(const { &trx(CATEGORY) }),
        ORDR_INF,
        BATCH_ID,
        trx_devc_inf(),
        block(names!("InstgInf"), M, ["支付机构信息", "payment institution that orders"], &[instg_id(M)]),
    ]),
};

/// 商业委托支付回执.
pub(super) static EPCC_223: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc223,
    chinese: "商业委托支付回执",
    english: "receipt of an entrusted payment",
    sender: Sender::Bank,
    answer: None,
    body: body(const { &receipt(const { &trx_echo(CATEGORY) }) }),
};
