//! 201: agreement payment. Order of a captured message.

use super::blocks::{BATCH_ID, CODE_2, INSTITUTION, M, O, RP_FLG, body, resfd_inf};
use super::element::{Element, block, leaf};
use super::field::{Field as F, names};
use super::leaves::{biz_tp, ordr_id, sgn_no_or_old, trx_amt, trx_ctgy, trx_devc_inf, trx_dt_tm, trx_id};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::value_type::ValueType as V;

/// 协议支付申请.
pub(super) static EPCC_201: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc201,
    chinese: "协议支付申请",
    english: "agreement payment request",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc206),
    body: body(&[
        PYER_INF,
        RP_FLG,
        PYEE_INF,
        resfd_inf(M),
        trx_inf(const { &trx("0110") }),
        ORDR_INF,
        BATCH_ID,
        trx_devc_inf(),
    ]),
};

/// 付款方信息: the account is named by its agreement, or its mandate.
pub(super) const PYER_INF: Element = block(
    names!("PyerInf"),
    M,
    ["付款方信息", "payer"],
    &[
        leaf(
            F::PyerAcctIssrId,
            M,
            INSTITUTION,
            ["付款方账户所属机构标识", "bank of the payer's account"],
            "C1000000000011",
        ),
        leaf(F::PyerAcctTp, M, CODE_2, ["付款方账户类型", "type of the payer's account"], "00"),
        sgn_no_or_old(M),
        PYER_TRX_TRM_TP,
        PYER_TRX_TRM_NO,
    ],
);

/// 收款方信息.
pub(super) const PYEE_INF: Element = block(
    names!("PyeeInf"),
    M,
    ["收款方信息", "payee"],
    &[
        leaf(
            F::PyeeAcctIssrId,
            M,
            INSTITUTION,
            ["收款方账户所属机构标识", "payment institution of the payee"],
            "Z2000000000088",
        ),
        leaf(F::PyeeAcctId, M, (V::Text, 34), ["收款方账户", "payee's account"], "48554461999940003755"),
        leaf(F::PyeeNm, M, (V::Text, 60), ["收款方名称", "payee's name"], "演示商户"),
        leaf(F::PyeeAcctTp, M, CODE_2, ["收款方账户类型", "type of the payee's account"], "04"),
        PYEE_CTRY_NO,
        PYEE_AREA_NO,
        PYEE_TRX_TRM_TP,
        PYEE_TRX_TRM_NO,
    ],
);

/// 用户交易终端类型.
pub(super) const PYER_TRX_TRM_TP: Element =
    leaf(F::PyerTrxTrmTp, O, CODE_2, ["用户交易终端类型", "type of the payer's terminal"], "08");

/// 用户交易终端编码.
pub(super) const PYER_TRX_TRM_NO: Element = leaf(
    F::PyerTrxTrmNo,
    O,
    (V::Text, 32),
    ["用户交易终端编码", "number of the payer's terminal (length ours)"],
    "T0000001",
);

/// 收款方国家.
pub(super) const PYEE_CTRY_NO: Element = leaf(F::PyeeCtryNo, O, CODE_2, ["收款方国家", "payee's country"], "CN");

/// 收款方地区.
pub(super) const PYEE_AREA_NO: Element =
    leaf(F::PyeeAreaNo, O, (V::Alphanumeric, 6), ["收款方地区", "payee's area"], "110000");

/// 商户交易终端类型.
pub(super) const PYEE_TRX_TRM_TP: Element =
    leaf(F::PyeeTrxTrmTp, O, CODE_2, ["商户交易终端类型", "type of the payee's terminal"], "02");

/// 商户交易终端编码.
pub(super) const PYEE_TRX_TRM_NO: Element = leaf(
    F::PyeeTrxTrmNo,
    O,
    (V::Text, 32),
    ["商户交易终端编码", "number of the payee's terminal (length ours)"],
    "T0000002",
);

/// 交易信息 with these rows.
pub(super) const fn trx_inf(children: &'static [Element]) -> Element {
    block(names!("TrxInf"), M, ["交易信息", "transaction"], children)
}

/// The rows of a payment in this category.
pub(super) const fn trx(category: &'static str) -> [Element; 6] {
    [
        trx_id(M),
        trx_dt_tm(M),
        trx_amt(M),
        trx_ctgy(M, category),
        biz_tp(M, "100001"),
        leaf(F::AcctInTp, O, CODE_2, ["账户输入方式", "how the account was entered"], "04"),
    ]
}

/// 订单信息.
pub(super) const ORDR_INF: Element =
    block(names!("OrdrInf"), M, ["订单信息", "order"], &[ordr_id(M), ORDR_DESC, PLTFRM_NM]);

/// 订单详情.
pub(super) const ORDR_DESC: Element = leaf(
    F::OrdrDesc,
    M,
    (V::Text, 616),
    ["订单详情", "merchants and goods of the order"],
    "1|1|商户%001%01%01%9111%5411%1#1#商品^CNY1.00^1#|",
);

/// 网络交易平台简称.
pub(super) const PLTFRM_NM: Element =
    leaf(F::PltfrmNm, O, (V::Text, 60), ["网络交易平台简称", "short name of the platform (length ours)"], "平台");
