//! 216 and 218: certified payment (认证支付), which names the account in every payment. 218 was
//! seen; the rest is ours: the payer after the payout, everything else after the agreement payment.

use super::blocks::{
    BATCH_ID, CDTR_BANK_ID, CODE_2, DBTR_BANK_ID, INSTITUTION, M, O, RP_FLG, SYS_RTN_INF, biz_inf, body, resfd_inf,
};
use super::element::{Element, Presence, block, encrypted, leaf};
use super::field::{Field as F, names};
use super::leaves::{ACCOUNT_CHARS, NAME_CHARS, SEALED, SEALED_LONG, auth_msg, id_no, id_tp, mob_no, trx_devc_inf};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::payment::{ORDR_INF, PYEE_AREA_NO, PYEE_CTRY_NO, PYEE_TRX_TRM_NO, PYEE_TRX_TRM_TP, trx, trx_inf};
use super::receipt::{trx_echo, trx_inf_echo};
use super::value_type::ValueType as V;

const CATEGORY: &str = "0112";

/// 认证支付申请.
pub(super) static EPCC_216: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc216,
    chinese: "认证支付申请",
    english: "certified payment request",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc218),
    body: body(&[
        PYER_ACCT_INF,
        RP_FLG,
        PYEE_INF,
        resfd_inf(M),
        trx_inf(const { &trx(CATEGORY) }),
        ORDR_INF,
        BATCH_ID,
        trx_devc_inf(),
    ]),
};

/// 认证支付回执.
pub(super) static EPCC_218: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc218,
    chinese: "认证支付回执",
    english: "receipt of a certified payment",
    sender: Sender::Bank,
    answer: None,
    body: body(&[
        SYS_RTN_INF,
        biz_inf(O),
        PYER_ACCT_INF_ECHO,
        PYEE_INF_ECHO,
        resfd_inf(O),
        trx_inf_echo(const { &trx_echo(CATEGORY) }),
        BATCH_ID,
        DBTR_BANK_ID,
        CDTR_BANK_ID,
    ]),
};

const PYER_ACCT_INF: Element = block(
    names!("PyerAcctInf"),
    M,
    ["付款方账户信息", "payer's bank account, and who owns it"],
    &[pyer_bk_id(M), pyer_acct_tp(M), pyer_bk_no(M), pyer_bk_nm(M), id_tp(O), id_no(O), mob_no(O), auth_msg()],
);

const PYER_ACCT_INF_ECHO: Element = block(
    names!("PyerAcctInf"),
    O,
    ["付款方账户信息", "payer's bank account, echoed"],
    &[pyer_bk_id(O), pyer_acct_tp(O), pyer_bk_no(O), pyer_bk_nm(O)],
);

const PYEE_INF: Element = block(
    names!("PyeeInf"),
    M,
    ["收款方信息", "payee"],
    &[
        pyee_acct_issr_id(M),
        pyee_acct_no(),
        pyee_acct_nm(),
        PYEE_NM,
        pyee_acct_tp(M),
        PYEE_CTRY_NO,
        PYEE_AREA_NO,
        PYEE_TRX_TRM_TP,
        PYEE_TRX_TRM_NO,
    ],
);

const PYEE_INF_ECHO: Element = block(
    names!("PyeeInf"),
    O,
    ["收款方信息", "payee, echoed"],
    &[pyee_acct_issr_id(O), pyee_acct_no(), pyee_acct_nm(), PYEE_NM, pyee_acct_tp(O)],
);

const fn pyer_bk_id(presence: Presence) -> Element {
    let meaning = ["付款方账户所属机构标识", "bank of the payer's account"];
    leaf(F::PyerBkId, presence, INSTITUTION, meaning, "C1000000000011")
}

const fn pyer_acct_tp(presence: Presence) -> Element {
    leaf(F::PyerAcctTp, presence, CODE_2, ["付款方账户类型", "type of the payer's account"], "00")
}

const fn pyer_bk_no(presence: Presence) -> Element {
    encrypted(F::PyerBkNo, presence, ACCOUNT_CHARS, ["付款方账号", "number of the payer's account"], SEALED_LONG)
}

const fn pyer_bk_nm(presence: Presence) -> Element {
    encrypted(F::PyerBkNm, presence, NAME_CHARS, ["付款方户名", "name of the payer's account"], SEALED)
}

const fn pyee_acct_issr_id(presence: Presence) -> Element {
    let meaning = ["收款方账户所属机构标识", "institution of the payee's account"];
    leaf(F::PyeeAcctIssrId, presence, INSTITUTION, meaning, "Z2000000000088")
}

const fn pyee_acct_no() -> Element {
    encrypted(F::PyeeAcctNo, O, ACCOUNT_CHARS, ["收款方账号", "number of the payee's account"], SEALED_LONG)
}

const fn pyee_acct_nm() -> Element {
    encrypted(F::PyeeAcctNm, O, NAME_CHARS, ["收款方户名", "name of the payee's account"], SEALED)
}

const PYEE_NM: Element = leaf(F::PyeeNm, O, (V::Text, NAME_CHARS), ["收款方名称", "payee's name"], "演示商户");

const fn pyee_acct_tp(presence: Presence) -> Element {
    leaf(F::PyeeAcctTp, presence, CODE_2, ["收款方账户类型", "type of the payee's account"], "04")
}
