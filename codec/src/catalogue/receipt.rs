//! 206: receipt of an agreement payment or a refund. Its order is inferred, not captured: answers
//! first, then the echo of the request's keys, then what the banks add.

use super::blocks::{
    AMOUNT, BATCH_ID, CDTR_BANK_ID, CODE_2, DBTR_BANK_ID, INSTITUTION, M, O, SYS_RTN_INF, TIME, TRX_ID, biz_inf, body,
    resfd_inf,
};
use super::element::{Element, block, leaf};
use super::field::{Field as F, names};
use super::message_type::{MessageSchema, MessageType};
use super::value_type::ValueType as V;

/// 协议支付 / 退款回执.
pub(super) static EPCC_206: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc206,
    chinese: "协议支付、退款回执",
    english: "receipt of an agreement payment or a refund",
    body: body(&[
        SYS_RTN_INF,
        biz_inf(O),
        PYER_INF,
        PYEE_INF,
        resfd_inf(O),
        TRX_INF,
        BATCH_ID,
        DBTR_BANK_ID,
        CDTR_BANK_ID,
    ]),
};

const PYER_INF: Element = block(
    names!("PyerInf"),
    O,
    ["付款方信息", "payer, echoed"],
    &[
        leaf(
            F::PyerAcctIssrId,
            O,
            INSTITUTION,
            ["付款方账户所属机构标识", "institution of the payer's account"],
            "C1000000000011",
        ),
        leaf(F::PyerAcctId, O, (V::Text, 34), ["付款方账户", "payer's account"], "79564360874586767409"),
        leaf(F::PyerAcctTp, O, CODE_2, ["付款方账户类型", "type of the payer's account"], "00"),
        leaf(F::SgnNo, O, (V::Text, 34), ["签约协议号", "agreement number"], "EPZDA002544792183870618"),
    ],
);

const PYEE_INF: Element = block(
    names!("PyeeInf"),
    O,
    ["收款方信息", "payee, echoed"],
    &[
        leaf(
            F::PyeeAcctIssrId,
            O,
            INSTITUTION,
            ["收款方账户所属机构标识", "institution of the payee's account"],
            "Z2000000000088",
        ),
        leaf(F::PyeeAcctId, O, (V::Text, 34), ["收款方账户", "payee's account"], "48554461999940003755"),
        leaf(F::PyeeNm, O, (V::Text, 60), ["收款方名称", "payee's name"], "演示商户"),
        leaf(F::PyeeAcctTp, O, CODE_2, ["收款方账户类型", "type of the payee's account"], "04"),
    ],
);

const TRX_INF: Element = block(
    names!("TrxInf"),
    M,
    ["交易信息", "transaction, echoed"],
    &[
        leaf(F::TrxId, M, TRX_ID, ["交易流水号", "identity of the transaction"], "2026112021090766339761990770101"),
        leaf(F::TrxDtTm, O, TIME, ["交易日期时间", "time of the transaction"], "2026-11-20T10:00:00"),
        leaf(F::TrxAmt, O, AMOUNT, ["交易金额", "amount"], "CNY1283.85"),
        leaf(F::TrxCtgy, O, (V::Digits, 4), ["交易类别", "category"], "0110"),
        leaf(F::BizTp, O, (V::Digits, 6), ["业务种类", "kind of business"], "100001"),
    ],
);
