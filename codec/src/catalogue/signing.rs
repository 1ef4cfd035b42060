//! 101 and 102: identity check and signing of an agreement. Order of captured messages; what the
//! receipt has beside them is ours.

use super::blocks::{CODE_2, INSTITUTION, M, O, SYS_RTN_INF, body, instg_inf, ori_trx_inf_of, sgn_biz_inf};
use super::element::{Element, Presence, block, encrypted, leaf};
use super::field::{Field as F, names};
use super::leaves::{
    ACCOUNT_CHARS, NAME_CHARS, SEALED, SEALED_LONG, auth_msg, id_no, id_tp, mob_no, trx_ctgy, trx_dt_tm, trx_id,
};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::value_type::ValueType as V;

/// 身份认证及签约申请. The identity check (0201) and the signing (0202) that follows it have the
/// same `TrxId`.
pub(super) static EPCC_101: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc101,
    chinese: "身份认证及签约申请",
    english: "identity check (0201) and signing (0202) request",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc102),
    body: body(&[SGN_INF, TRX_INF, instg_inf()]),
};

/// 身份认证及签约回执.
pub(super) static EPCC_102: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc102,
    chinese: "身份认证及签约回执",
    english: "receipt of an identity check or a signing",
    sender: Sender::Bank,
    answer: None,
    body: body(&[
        SYS_RTN_INF,
        sgn_biz_inf(O),
        sgn_inf_echo(),
        instg_inf(),
        ori_trx_inf_of(const { &[trx_ctgy(M, "0202"), trx_id(M), trx_dt_tm(M)] }),
    ]),
};

const SGN_INF: Element = block(
    names!("SgnInf"),
    M,
    ["签约人信息", "who signs"],
    &[sgn_acct_issr_id(M), sgn_acct_tp(M), sgn_acct_id(M), sgn_acct_nm(M), id_tp(M), id_no(M), mob_no(M)],
);

const TRX_INF: Element = block(
    names!("TrxInf"),
    M,
    ["交易信息", "transaction"],
    &[trx_ctgy(M, "0202"), trx_id(M), trx_dt_tm(M), auth_msg()],
);

/// 签约人信息 of a receipt: an echo, and the level of the account.
pub(super) const fn sgn_inf_echo() -> Element {
    const LEVEL: [&str; 2] = ["账户等级", "level of the account: 0 default, 1 to 3 class I to III"];
    block(
        names!("SgnInf"),
        O,
        ["签约人信息", "who signs, echoed"],
        const {
            &[
                sgn_acct_issr_id(O),
                sgn_acct_tp(O),
                sgn_acct_id(O),
                sgn_acct_nm(O),
                leaf(F::SgnAcctLvl, O, (V::Digits, 1), LEVEL, "1"),
            ]
        },
    )
}

pub(super) const fn sgn_acct_issr_id(presence: Presence) -> Element {
    let meaning = ["签约人银行账户所属机构标识", "bank of the signer's account"];
    leaf(F::SgnAcctIssrId, presence, INSTITUTION, meaning, "C1000000000011")
}

pub(super) const fn sgn_acct_tp(presence: Presence) -> Element {
    leaf(F::SgnAcctTp, presence, CODE_2, ["签约人银行账户类型", "type of the signer's account"], "00")
}

pub(super) const fn sgn_acct_id(presence: Presence) -> Element {
    let meaning = ["签约人银行账户编号", "number of the signer's account"];
    encrypted(F::SgnAcctId, presence, ACCOUNT_CHARS, meaning, SEALED_LONG)
}

pub(super) const fn sgn_acct_nm(presence: Presence) -> Element {
    encrypted(F::SgnAcctNm, presence, NAME_CHARS, ["签约人银行账户名称", "name of the signer's account"], SEALED)
}
