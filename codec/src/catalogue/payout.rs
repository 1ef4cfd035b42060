//! 211 and 213: payout, from the reserve account to an account at any bank. Orders of captured
//! messages, which differ in the payee's block; `RPFlg` and `BatchId` stand inside `TrxInf` here.

use super::blocks::{
    BATCH_ID, CDTR_BANK_ID, CODE_2, DBTR_BANK_ID, INSTITUTION, M, O, RP_FLG, SYS_RTN_INF, biz_inf, body,
};
use super::element::{Element, Presence, block, encrypted, leaf};
use super::field::{Field as F, names};
use super::leaves::{
    ACCOUNT_CHARS, NAME_CHARS, SEALED, SEALED_LONG, biz_tp, trx_amt, trx_ctgy, trx_devc_inf, trx_dt_tm, trx_id,
};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::value_type::ValueType as V;

/// Category and kind of business of the captured messages.
const CATEGORY: &str = "0120";
const BUSINESS: &str = "130002";

/// 付款申请.
pub(super) static EPCC_211: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc211,
    chinese: "付款申请",
    english: "payout request",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc213),
    body: body(&[
        pyer_acct_inf(M, const { &pyer_acct(M) }),
        pyer_inf(M, const { &pyer(M) }),
        pyee_acct_inf(M, const { &[pyee_acct_tp(M), pyee_bk_id(M), PYEE_SGN_NO, pyee_bk_no(M), pyee_bk_nm(M)] }),
        TRX_INF,
    ]),
};

/// 付款回执.
pub(super) static EPCC_213: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc213,
    chinese: "付款回执",
    english: "receipt of a payout",
    sender: Sender::Bank,
    answer: None,
    body: body(&[
        SYS_RTN_INF,
        biz_inf(O),
        pyer_acct_inf(O, const { &pyer_acct(O) }),
        pyer_inf(O, const { &pyer(O) }),
        pyee_acct_inf(O, const { &[pyee_acct_tp(O), pyee_bk_id(O), pyee_bk_no(O), PYEE_SGN_NO, pyee_bk_nm(O)] }),
        TRX_INF_ECHO,
        DBTR_BANK_ID,
        CDTR_BANK_ID,
    ]),
};

const fn pyer_acct_inf(presence: Presence, children: &'static [Element]) -> Element {
    block(names!("PyerAcctInf"), presence, ["备付金账户信息", "reserve account, in the clear"], children)
}

const fn pyer_acct(presence: Presence) -> [Element; 3] {
    [
        leaf(
            F::PyerBkId,
            presence,
            INSTITUTION,
            ["备付金账户所属机构标识", "bank of the reserve account"],
            "C1000000000022",
        ),
        leaf(
            F::PyerBkNo,
            presence,
            (V::Text, 20),
            ["备付金账户", "number of the reserve account"],
            "237256928516431391",
        ),
        leaf(
            F::PyerBkNm,
            presence,
            (V::Text, NAME_CHARS),
            ["备付金账户名称", "name of the reserve account"],
            "演示支付机构备付金",
        ),
    ]
}

const fn pyer_inf(presence: Presence, children: &'static [Element]) -> Element {
    block(names!("PyerInf"), presence, ["付款方信息", "who pays, at the institution"], children)
}

const fn pyer(presence: Presence) -> [Element; 7] {
    [
        leaf(
            F::PyerAcctIssrId,
            presence,
            INSTITUTION,
            ["付款方账户所属机构标识", "payment institution of the payer"],
            "Z2000000000088",
        ),
        leaf(F::PyerAcctTp, presence, CODE_2, ["付款方账户类型", "type of the payer's account"], "04"),
        encrypted(F::PyerAcctNo, presence, ACCOUNT_CHARS, ["付款方支付账号", "payer's payment account"], SEALED_LONG),
        encrypted(F::PyerAcctNm, presence, NAME_CHARS, ["付款方账户名称", "name of that account"], SEALED),
        leaf(F::PyerMrchntNo, O, (V::Text, 34), ["付款商户编号", "number of the paying merchant"], "898110048160001"),
        leaf(
            F::PyerMrchntNm,
            O,
            (V::Text, NAME_CHARS),
            ["付款商户名称", "name of the paying merchant (length ours)"],
            "演示商户有限公司",
        ),
        leaf(F::PyerMrchntShrtNm, O, (V::Text, 20), ["付款商户简称", "its short name"], "演示商户"),
    ]
}

const fn pyee_acct_inf(presence: Presence, children: &'static [Element]) -> Element {
    block(names!("PyeeAcctInf"), presence, ["收款方账户信息", "account that is paid"], children)
}

const fn pyee_acct_tp(presence: Presence) -> Element {
    leaf(F::PyeeAcctTp, presence, CODE_2, ["收款方账户类型", "type of the payee's account"], "00")
}

const fn pyee_bk_id(presence: Presence) -> Element {
    let meaning = ["收款方账户所属机构标识", "bank of the payee's account"];
    leaf(F::PyeeBkId, presence, INSTITUTION, meaning, "C1000000000011")
}

const PYEE_SGN_NO: Element =
    leaf(F::PyeeSgnNo, O, (V::Text, 34), ["收款方签约协议号", "payee's agreement number"], "EPZDA001174626566677847");

const fn pyee_bk_no(presence: Presence) -> Element {
    encrypted(F::PyeeBkNo, presence, ACCOUNT_CHARS, ["收款方账号", "number of the payee's account"], SEALED_LONG)
}

const fn pyee_bk_nm(presence: Presence) -> Element {
    encrypted(F::PyeeBkNm, presence, NAME_CHARS, ["收款方户名", "name of the payee's account"], SEALED)
}

const TRX_INF: Element = block(
    names!("TrxInf"),
    M,
    ["交易信息", "transaction"],
    &[
        RP_FLG,
        trx_ctgy(M, CATEGORY),
        biz_tp(M, BUSINESS),
        trx_id(M),
        trx_dt_tm(M),
        trx_amt(M),
        BATCH_ID,
        TRX_SMMRY,
        TRX_PRPS,
        TRX_TRM_TP,
        TRX_TRM_NO,
        trx_devc_inf(),
    ],
);

const TRX_INF_ECHO: Element = block(
    names!("TrxInf"),
    M,
    ["交易信息", "transaction, echoed"],
    &[
        RP_FLG,
        trx_ctgy(O, CATEGORY),
        biz_tp(O, BUSINESS),
        trx_id(M),
        trx_dt_tm(O),
        trx_amt(O),
        BATCH_ID,
        TRX_SMMRY,
        TRX_PRPS,
        TRX_TRM_TP,
        TRX_TRM_NO,
        trx_devc_inf(),
    ],
);

const TRX_SMMRY: Element = leaf(F::TrxSmmry, O, (V::Text, 64), ["交易摘要", "summary for statements"], "工资");
const TRX_PRPS: Element = leaf(F::TrxPrps, O, (V::Alphanumeric, 4), ["交易用途", "purpose"], "0001");
const TRX_TRM_TP: Element = leaf(F::TrxTrmTp, O, CODE_2, ["交易终端类型", "type of the terminal"], "08");
const TRX_TRM_NO: Element =
    leaf(F::TrxTrmNo, O, (V::Text, 32), ["交易终端编码", "number of the terminal (length ours)"], "T0000001");
