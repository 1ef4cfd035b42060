//! 321, 322 and 324: a dispute (差错) between participants. That there is a submission and an
//! adjustment was seen; codes, children and their values are ours.

use super::blocks::{AMOUNT, M, O, ORI_TRX_INF, body};
use super::element::{Element, Presence, block, leaf};
use super::field::{Field as F, names};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::value_type::ValueType as V;

/// 差错提交.
pub(super) static EPCC_321: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc321,
    chinese: "差错提交",
    english: "dispute: asks the counterparty for an adjustment",
    sender: Sender::Participant,
    answer: Some(MessageType::Epcc303),
    body: body(&[ORI_TRX_INF, dspt_inf(const { &dspt(O) })]),
};

/// 差错确认.
pub(super) static EPCC_322: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc322,
    chinese: "差错确认",
    english: "dispute: the counterparty agrees or refuses",
    sender: Sender::Participant,
    answer: Some(MessageType::Epcc303),
    body: body(&[ORI_TRX_INF, dspt_inf(const { &dspt(M) })]),
};

/// 差错调账.
pub(super) static EPCC_324: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc324,
    chinese: "差错调账",
    english: "dispute: the adjustment",
    sender: Sender::Participant,
    answer: Some(MessageType::Epcc303),
    body: body(&[ORI_TRX_INF, dspt_inf(const { &dspt(O) })]),
};

const fn dspt_inf(children: &'static [Element]) -> Element {
    block(names!("DsptInf"), M, ["差错信息", "dispute"], children)
}

const fn dspt(result: Presence) -> [Element; 5] {
    [DSPT_BATCH_ID, dspt_tp(M), dspt_amt(M), DSPT_RSN, dspt_rslt(result)]
}

/// 差错批次号.
pub(super) const DSPT_BATCH_ID: Element =
    leaf(F::DsptBatchId, O, (V::DisputeBatch, 13), ["差错批次号", "batch of the adjustment"], "D202611200001");

pub(super) const fn dspt_tp(presence: Presence) -> Element {
    let meaning = ["差错类型", "01 give back to the payer, 02 give to the payee (ours)"];
    leaf(F::DsptTp, presence, (V::Digits, 2), meaning, "01")
}

pub(super) const fn dspt_amt(presence: Presence) -> Element {
    leaf(F::DsptAmt, presence, AMOUNT, ["差错金额", "amount of the adjustment"], "CNY1283.85")
}

/// 差错原因.
pub(super) const DSPT_RSN: Element =
    leaf(F::DsptRsn, O, (V::Text, 120), ["差错原因", "reason (length ours)"], "付款方已扣款，收款方未入账");

pub(super) const fn dspt_rslt(presence: Presence) -> Element {
    leaf(F::DsptRslt, presence, (V::Digits, 2), ["差错处理结果", "00 agrees, 01 refuses (ours)"], "00")
}
