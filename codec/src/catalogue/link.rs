//! 991 and 992: link probe and its answer. Ours, after the sibling systems' messages.

use super::blocks::{INSTITUTION, M, body};
use super::element::{Element, leaf};
use super::field::Field as F;
use super::message_type::{MessageSchema, MessageType, Sender};
use super::value_type::ValueType as V;

/// 链路探测.
pub(super) static EPCC_991: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc991,
    chinese: "链路探测",
    english: "link probe",
    sender: Sender::Participant,
    answer: Some(MessageType::Epcc992),
    body: body(CHILDREN),
};

/// 链路探测应答.
pub(super) static EPCC_992: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc992,
    chinese: "链路探测应答",
    english: "answer to a link probe",
    sender: Sender::Switch,
    answer: None,
    body: body(CHILDREN),
};

const CHILDREN: &[Element] = &[
    leaf(F::InstgId, M, INSTITUTION, ["机构标识", "who probes, or answers"], "Z2000000000088"),
    leaf(F::Nonce, M, (V::Alphanumeric, 32), ["随机数", "echoed in the answer"], "5f1c0e9a7b3d2468"),
];
