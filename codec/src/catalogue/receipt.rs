//! 206: receipt of an agreement payment or a refund; 223 has the same rows. Its order is inferred, not captured: answers
//! first, then the echo of the request's keys, then what the banks add.

use super::blocks::{
    BATCH_ID, CDTR_BANK_ID, CODE_2, DBTR_BANK_ID, INSTITUTION, M, O, SYS_RTN_INF, biz_inf, body, resfd_inf,
};
use super::element::{Element, block, leaf};
use super::field::{Field as F, names};
use super::leaves::{biz_tp, sgn_no_or_old, trx_amt, trx_ctgy, trx_dt_tm, trx_id};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::value_type::ValueType as V;

/// 协议支付 / 退款回执.
pub(super) static EPCC_206: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc206,
    chinese: "协议支付、退款回执",
    english: "receipt of an agreement payment or a refund",
    sender: Sender::Bank,
    answer: None,
    body: body(const { &receipt(const { &trx_echo("0110") }) }),
};

/// The rows of a payment's receipt, with these rows for the transaction.
pub(super) const fn receipt(trx: &'static [Element]) -> [Element; 9] {
    [SYS_RTN_INF, biz_inf(O), PYER_INF, PYEE_INF, resfd_inf(O), trx_inf_echo(trx), BATCH_ID, DBTR_BANK_ID, CDTR_BANK_ID]
}

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
        sgn_no_or_old(O),
    ],
);

/// 收款方信息 of a receipt.
pub(super) const PYEE_INF: Element = block(
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

/// 交易信息 of a receipt, with these rows.
pub(super) const fn trx_inf_echo(children: &'static [Element]) -> Element {
    block(names!("TrxInf"), M, ["交易信息", "transaction, echoed"], children)
}

/// The rows: the identity must be there.
pub(super) const fn trx_echo(category: &'static str) -> [Element; 5] {
    [trx_id(M), trx_dt_tm(O), trx_amt(O), trx_ctgy(O, category), biz_tp(O, "100001")]
}
