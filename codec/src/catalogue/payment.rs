//! 201: agreement payment. Order of a captured message.

use super::blocks::{AMOUNT, BATCH_ID, CODE_2, INSTITUTION, M, O, RP_FLG, TIME, TRX_ID, body, resfd_inf};
use super::element::{Element, block, leaf};
use super::field::{Field as F, names};
use super::message_type::{MessageSchema, MessageType};
use super::value_type::ValueType as V;

/// 协议支付申请.
pub(super) static EPCC_201: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc201,
    chinese: "协议支付申请",
    english: "agreement payment request",
    body: body(&[
        PYER_INF,
        RP_FLG,
        PYEE_INF,
        resfd_inf(M),
        TRX_INF,
        ORDR_INF,
        BATCH_ID,
        leaf(
            F::TrxDevcInf,
            O,
            (V::Text, 190),
            ["交易设备信息", "the payer's device: eight parts between bars"],
            "127.0.0.1||718319573461405|||00247e0a6c2e||",
        ),
    ]),
};

const PYER_INF: Element = block(
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
        leaf(F::SgnNo, M, (V::Text, 34), ["签约协议号", "agreement number"], "EPZDA002544792183870618"),
        leaf(F::PyerTrxTrmTp, O, CODE_2, ["用户交易终端类型", "type of the payer's terminal"], "08"),
        leaf(
            F::PyerTrxTrmNo,
            O,
            (V::Text, 32),
            ["用户交易终端编码", "number of the payer's terminal (length ours)"],
            "T0000001",
        ),
    ],
);

const PYEE_INF: Element = block(
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
        leaf(F::PyeeCtryNo, O, CODE_2, ["收款方国家", "payee's country"], "CN"),
        leaf(F::PyeeAreaNo, O, (V::Alphanumeric, 6), ["收款方地区", "payee's area"], "110000"),
        leaf(F::PyeeTrxTrmTp, O, CODE_2, ["商户交易终端类型", "type of the payee's terminal"], "02"),
        leaf(
            F::PyeeTrxTrmNo,
            O,
            (V::Text, 32),
            ["商户交易终端编码", "number of the payee's terminal (length ours)"],
            "T0000002",
        ),
    ],
);

const TRX_INF: Element = block(
    names!("TrxInf"),
    M,
    ["交易信息", "transaction"],
    &[
        leaf(F::TrxId, M, TRX_ID, ["交易流水号", "identity of the transaction"], "2026112021090766339761990770101"),
        leaf(F::TrxDtTm, M, TIME, ["交易日期时间", "time of the transaction"], "2026-11-20T10:00:00"),
        leaf(F::TrxAmt, M, AMOUNT, ["交易金额", "amount"], "CNY1283.85"),
        leaf(F::TrxCtgy, M, (V::Digits, 4), ["交易类别", "category"], "0110"),
        leaf(F::BizTp, M, (V::Digits, 6), ["业务种类", "kind of business"], "100001"),
        leaf(F::AcctInTp, O, CODE_2, ["账户输入方式", "how the account was entered"], "04"),
    ],
);

const ORDR_INF: Element = block(
    names!("OrdrInf"),
    M,
    ["订单信息", "order"],
    &[
        leaf(F::OrdrId, M, (V::Text, 40), ["订单编码", "number of the order"], "402549084586151151732471"),
        leaf(
            F::OrdrDesc,
            M,
            (V::Text, 616),
            ["订单详情", "merchants and goods of the order"],
            "1|1|商户%001%01%01%9111%5411%1#1#商品^CNY1.00^1#|",
        ),
        leaf(F::PltfrmNm, O, (V::Text, 60), ["网络交易平台简称", "short name of the platform (length ours)"], "平台"),
    ],
);
