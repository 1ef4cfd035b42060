//! 241, 243 and 245: gateway payment (网关支付), which the customer makes on the bank's page. The
//! body of the request was seen; codes, receipt and notice are ours. The reserve account's elements
//! stand in another order here than elsewhere.

use super::blocks::{
    BATCH_ID, CDTR_BANK_ID, CODE_2, DBTR_BANK_ID, INSTITUTION, M, O, ORI_TRX_INF, RP_FLG, SYS_RTN_INF, TIME, biz_inf,
    body, resfd_inf_children,
};
use super::element::{Element, Presence, block, encrypted, leaf};
use super::field::{Field as F, names};
use super::leaves::{
    ACCOUNT_CHARS, NAME_CHARS, SEALED, SEALED_LONG, biz_tp, clbck_url, ordr_id, pg_url, trx_amt, trx_ctgy,
    trx_devc_inf, trx_dt_tm, trx_id,
};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::payment::{ORDR_DESC, PLTFRM_NM, PYEE_INF, PYER_TRX_TRM_NO, PYER_TRX_TRM_TP, trx_inf};
use super::receipt::{PYEE_INF as PYEE_INF_ECHO, trx_echo, trx_inf_echo};
use super::value_type::ValueType as V;

const CATEGORY: &str = "0114";

/// 网关支付申请.
pub(super) static EPCC_241: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc241,
    chinese: "网关支付申请",
    english: "gateway payment request",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc243),
    body: body(&[
        PYER_INF,
        PYEE_INF,
        resfd_inf(M, const { &resfd(M) }),
        RP_FLG,
        trx_inf(const { &[trx_id(M), trx_dt_tm(M), trx_amt(M), trx_ctgy(M, CATEGORY), biz_tp(M, "100001")] }),
        ORDR_INF,
        BATCH_ID,
        trx_devc_inf(),
        leaf(F::GwChnnlTp, M, (V::Digits, 2), ["网关渠道类型", "channel: 01 PC, 02 H5 (ours)"], "01"),
    ]),
};

/// 网关支付回执.
pub(super) static EPCC_243: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc243,
    chinese: "网关支付回执",
    english: "receipt of a gateway payment request",
    sender: Sender::Bank,
    answer: None,
    body: body(&[
        SYS_RTN_INF,
        biz_inf(O),
        PYER_INF_ECHO,
        PYEE_INF_ECHO,
        resfd_inf(O, const { &resfd(O) }),
        trx_inf_echo(const { &trx_echo(CATEGORY) }),
        BATCH_ID,
        DBTR_BANK_ID,
        CDTR_BANK_ID,
        pg_url(),
    ]),
};

/// 网关支付状态通知.
pub(super) static EPCC_245: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc245,
    chinese: "网关支付状态通知",
    english: "notice whether the customer has paid on the bank's page",
    sender: Sender::Bank,
    answer: Some(MessageType::Epcc303),
    body: body(&[ORI_TRX_INF, biz_inf(M), PYER_INF_NOTICE, trx_amt(O), DBTR_BANK_ID]),
};

const PYER_INF: Element = block(
    names!("PyerInf"),
    M,
    ["付款方信息", "who may pay"],
    &[
        pyer_acct_issr_id(M),
        leaf(F::CBFlg, M, (V::Digits, 2), ["个人企业标识", "01 person, 02 company (codes ours)"], "01"),
        leaf(
            F::LmtAcctTpCd,
            O,
            (V::Alphanumeric, 16),
            ["限定账户类型", "types of account that may pay (length ours)"],
            "00",
        ),
        pyer_acct_tp(),
        PYER_TRX_TRM_TP,
        PYER_TRX_TRM_NO,
    ],
);

const PYER_INF_ECHO: Element = block(
    names!("PyerInf"),
    O,
    ["付款方信息", "who pays"],
    &[
        pyer_acct_issr_id(O),
        pyer_acct_tp(),
        encrypted(F::PyerAcctId, O, ACCOUNT_CHARS, ["付款方账户", "payer's account"], SEALED_LONG),
        encrypted(F::PyerAcctNm, O, NAME_CHARS, ["付款方账户名称", "name of the payer's account"], SEALED),
    ],
);

const PYER_INF_NOTICE: Element =
    block(names!("PyerInf"), O, ["付款方信息", "who has paid"], &[pyer_acct_issr_id(M), pyer_acct_tp()]);

const fn pyer_acct_issr_id(presence: Presence) -> Element {
    let meaning = ["付款方账户所属机构标识", "bank of the payer's account"];
    leaf(F::PyerAcctIssrId, presence, INSTITUTION, meaning, "C1000000000011")
}

const fn pyer_acct_tp() -> Element {
    leaf(F::PyerAcctTp, O, CODE_2, ["付款方账户类型", "type of the payer's account"], "00")
}

const fn resfd_inf(presence: Presence, children: &'static [Element]) -> Element {
    block(names!("ResfdInf"), presence, ["备付金信息", "reserve account"], children)
}

const fn resfd(presence: Presence) -> [Element; 3] {
    let [account, name, bank] = resfd_inf_children(presence);
    [bank, account, name]
}

const ORDR_INF: Element = block(
    names!("OrdrInf"),
    M,
    ["订单信息", "order"],
    &[
        ordr_id(M),
        ORDR_DESC,
        leaf(F::OrdrExp, O, TIME, ["订单有效期", "valid until"], "2026-11-20T13:00:00"),
        PLTFRM_NM,
        clbck_url(),
    ],
);
