//! 103, 104 and 105: the end of an agreement. The blocks were seen; their children and the code of
//! the bank's notice are ours.

use super::blocks::{M, O, SYS_RTN_INF, body, instg_inf, ori_trx_inf_of, sgn_biz_inf};
use super::element::{Element, Presence, block, leaf};
use super::field::{Field as F, names};
use super::leaves::{sgn_no_or_old, trx_ctgy, trx_dt_tm, trx_id};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::signing::{sgn_acct_issr_id, sgn_acct_tp};
use super::value_type::ValueType as V;

/// 解约申请.
pub(super) static EPCC_103: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc103,
    chinese: "解约申请",
    english: "request to end an agreement",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc104),
    body: body(&[sgn_inf(M), RESCIND_INF, end_trx_inf(const { &end_trx("0203") }), instg_inf()]),
};

/// 解约回执.
pub(super) static EPCC_104: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc104,
    chinese: "解约回执",
    english: "receipt of the end of an agreement",
    sender: Sender::Bank,
    answer: None,
    body: body(&[SYS_RTN_INF, sgn_biz_inf(O), sgn_inf(O), instg_inf(), ori_trx_inf_of(const { &end_trx("0203") })]),
};

/// 解约通知.
pub(super) static EPCC_105: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc105,
    chinese: "解约通知",
    english: "notice of an agreement ended by the bank",
    sender: Sender::Bank,
    answer: Some(MessageType::Epcc303),
    body: body(&[sgn_inf(M), RESCIND_INF_REASON, end_trx_inf(const { &end_trx("0208") }), instg_inf()]),
};

/// 签约人信息 as far as an end needs it.
pub(super) const fn sgn_inf(presence: Presence) -> Element {
    block(
        names!("SgnInf"),
        presence,
        ["签约人信息", "who signed"],
        match presence {
            Presence::Mandatory => const { &sgn_inf_children(M) },
            _ => const { &sgn_inf_children(O) },
        },
    )
}

const fn sgn_inf_children(presence: Presence) -> [Element; 3] {
    let tail = ["签约人银行账户短号", "last digits of the signer's account"];
    [sgn_acct_issr_id(presence), sgn_acct_tp(presence), leaf(F::SgnAcctShrtId, O, (V::Alphanumeric, 4), tail, "7890")]
}

/// 解约信息.
pub(super) const RESCIND_INF: Element = block(names!("RescindInf"), M, ["解约信息", "what ends"], &[sgn_no_or_old(M)]);

/// 解约信息 of a bank, which may say why.
pub(super) const RESCIND_INF_REASON: Element = block(
    names!("RescindInf"),
    M,
    ["解约信息", "what ends, and why"],
    &[sgn_no_or_old(M), leaf(F::RescindRsn, O, (V::Text, 60), ["解约原因", "reason (ours)"], "客户在柜面解约")],
);

/// 交易信息 with these children.
pub(super) const fn end_trx_inf(children: &'static [Element]) -> Element {
    block(names!("TrxInf"), M, ["交易信息", "transaction"], children)
}

/// Category, identity and time of an end.
pub(super) const fn end_trx(category: &'static str) -> [Element; 3] {
    [trx_ctgy(M, category), trx_id(M), trx_dt_tm(M)]
}
