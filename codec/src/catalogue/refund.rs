//! 205: refund. The payer is the institution's reserve account, the payee the customer.

use super::blocks::{AMOUNT, BATCH_ID, CODE_2, INSTITUTION, M, O, RP_FLG, SERIAL, TIME, TRX_ID, body, resfd_inf};
use super::element::{Element, block, leaf};
use super::field::{Field as F, names};
use super::leaves::sgn_no_or_old;
use super::message_type::{MessageSchema, MessageType, Sender};
use super::value_type::ValueType as V;

/// 退款申请.
pub(super) static EPCC_205: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc205,
    chinese: "退款申请",
    english: "refund request",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc206),
    body: body(&[PYER_INF, PYEE_INF, resfd_inf(M), TRX_INF, ORI_TRX_INF, RP_FLG, BATCH_ID, ORDR_INF]),
};

const PYER_INF: Element = block(
    names!("PyerInf"),
    M,
    ["退款方信息", "who refunds: the institution"],
    &[
        leaf(F::PyerAcctIssrId, M, INSTITUTION, ["退款方账户所属机构标识", "payment institution"], "Z2000000000088"),
        leaf(F::PyerAcctId, M, (V::Text, 34), ["退款方账户编号", "its account"], "79564360874586767409"),
        leaf(F::PyerAcctTp, M, CODE_2, ["退款方账户类型", "type of its account"], "04"),
    ],
);

const PYEE_INF: Element = block(
    names!("PyeeInf"),
    M,
    ["退款收款方信息", "who is refunded: the customer"],
    &[
        leaf(F::PyeeAcctIssrId, M, INSTITUTION, ["收款方账户所属机构标识", "the customer's bank"], "C1000000000011"),
        leaf(F::PyeeAcctTp, M, CODE_2, ["收款方账户类型", "type of the customer's account"], "00"),
        sgn_no_or_old(O),
        leaf(F::PyeeAcctId, O, (V::Text, 34), ["收款方账户编号", "the customer's account"], "6222000000000000011"),
        leaf(F::PyeeAcctNm, O, (V::Text, 60), ["收款方账户名称", "the customer's name"], "演示客户"),
    ],
);

const TRX_INF: Element = block(
    names!("TrxInf"),
    M,
    ["交易信息", "transaction"],
    &[
        leaf(F::TrxCtgy, M, (V::Digits, 4), ["交易类别", "category"], "0121"),
        leaf(F::TrxId, M, TRX_ID, ["交易流水号", "identity of the refund"], "2026112099793215740375650770101"),
        leaf(F::TrxDtTm, M, TIME, ["交易日期时间", "time of the refund"], "2026-11-20T11:00:00"),
        leaf(F::TrxAmt, M, AMOUNT, ["退款金额", "amount refunded"], "CNY1.00"),
    ],
);

const ORI_TRX_INF: Element = block(
    names!("OriTrxInf"),
    M,
    ["原交易信息", "original payment"],
    &[
        leaf(
            F::OriTrxId,
            M,
            TRX_ID,
            ["原交易流水号", "identity of the original payment"],
            "2026112064978340108568170770101",
        ),
        leaf(
            F::OriDbtrBankId,
            O,
            SERIAL,
            ["原付款行银行流水号", "serial of the original payer's bank"],
            "90130769580171550918",
        ),
        leaf(F::OriTrxAmt, M, AMOUNT, ["原交易金额", "amount of the original payment"], "CNY1.00"),
        leaf(F::OriBizTp, O, (V::Digits, 6), ["原业务种类", "kind of business of the original"], "100001"),
    ],
);

const ORDR_INF: Element = block(
    names!("OrdrInf"),
    O,
    ["订单信息", "order (later versions)"],
    &[
        leaf(F::OrdrId, O, (V::Text, 40), ["订单编码", "number of the order"], "402549084586151151732471"),
        leaf(F::OrdrDtTm, O, TIME, ["订单日期时间", "time of the order"], "2026-11-20T10:00:00"),
    ],
);
