//! 303: the general answer, to a notice and to any message that fails signature or format.

use super::blocks::{SYS_RTN_INF, body};
use super::message_type::{MessageSchema, MessageType, Sender};

/// 通用应答.
pub(super) static EPCC_303: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc303,
    chinese: "通用应答",
    english: "general answer",
    sender: Sender::Participant,
    answer: None,
    body: body(&[SYS_RTN_INF]),
};
