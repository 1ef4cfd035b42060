//! 401 and 402: the control numbers (流水号控制位) that an institution may end its transaction
//! identities with.

use super::blocks::{INSTITUTION, M, O, SYS_RTN_INF, body};
use super::element::{Element, Presence, block, leaf};
use super::field::{Field as F, names};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::value_type::ValueType as V;
use crate::limits::CONTROL_NUMBERS_MAX;

/// 流水号控制位申请.
pub(super) static EPCC_401: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc401,
    chinese: "流水号控制位申请",
    english: "request for control numbers",
    sender: Sender::Participant,
    answer: Some(MessageType::Epcc402),
    body: body(&[INSTG_ID]),
};

/// 流水号控制位应答.
pub(super) static EPCC_402: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc402,
    chinese: "流水号控制位应答",
    english: "control numbers",
    sender: Sender::Switch,
    answer: None,
    body: body(&[INSTG_ID, CTRL_NB_INF, SYS_RTN_INF]),
};

const INSTG_ID: Element = leaf(F::InstgId, M, INSTITUTION, ["机构标识", "whose control numbers"], "Z2000000000088");

/// Optional, because a refusal has none.
const CTRL_NB_INF: Element = block(
    names!("CtrlNbInf"),
    O,
    ["控制位信息", "list of control numbers"],
    &[leaf(
        F::CtrlNbF,
        Presence::Repeated(CONTROL_NUMBERS_MAX),
        (V::Digits, 6),
        ["流水号控制位", "the last six digits of an identity"],
        "770101",
    )],
);
