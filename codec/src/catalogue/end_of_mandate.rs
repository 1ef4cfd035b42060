//! 115 to 118: the end of a mandate, asked for by the institution or by the bank. Ours, after the
//! end of an agreement.

use super::blocks::{M, O, SYS_RTN_INF, body, instg_inf, ori_trx_inf_of, sgn_biz_inf};
use super::element::block;
use super::field::names;
use super::leaves::instg_id;
use super::message_type::{MessageSchema, MessageType, Sender};
use super::unsigning::{RESCIND_INF, RESCIND_INF_REASON, end_trx, end_trx_inf, sgn_inf};

/// 商业委托解除申请, by the institution.
pub(super) static EPCC_115: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc115,
    chinese: "商业委托解除申请",
    english: "request of the institution to end a mandate",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc116),
    body: body(&[sgn_inf(M), RESCIND_INF, end_trx_inf(const { &end_trx("0205") }), instg_inf()]),
};

/// 商业委托解除回执.
pub(super) static EPCC_116: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc116,
    chinese: "商业委托解除回执",
    english: "receipt of the end of a mandate",
    sender: Sender::Bank,
    answer: None,
    body: body(&[SYS_RTN_INF, sgn_biz_inf(O), sgn_inf(O), instg_inf(), ori_trx_inf_of(const { &end_trx("0205") })]),
};

/// 商业委托解除申请, by the bank.
pub(super) static EPCC_117: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc117,
    chinese: "银行发起商业委托解除申请",
    english: "request of the bank to end a mandate",
    sender: Sender::Bank,
    answer: Some(MessageType::Epcc118),
    body: body(&[sgn_inf(M), RESCIND_INF_REASON, end_trx_inf(const { &end_trx("0206") }), instg_inf()]),
};

/// The institution's word on it: a return code of success agrees, any other refuses.
pub(super) static EPCC_118: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc118,
    chinese: "银行发起商业委托解除回执",
    english: "consent or refusal of the institution",
    sender: Sender::Institution,
    answer: None,
    body: body(&[
        SYS_RTN_INF,
        sgn_biz_inf(O),
        block(names!("InstgInf"), M, ["支付机构信息", "payment institution"], &[instg_id(M)]),
        ori_trx_inf_of(const { &end_trx("0206") }),
    ]),
};
