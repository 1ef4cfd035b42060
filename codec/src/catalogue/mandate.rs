//! 111 and 113: a mandate (商业委托) is set up. A captured 113 shows the terms; the request is
//! built after it, codes ours.

use super::blocks::{AMOUNT, CODE_2, M, O, SYS_RTN_INF, TIME, body, instg_inf, ori_trx_inf_of, sgn_biz_inf};
use super::element::{Element, Presence, block, leaf};
use super::field::{Field as F, names};
use super::leaves::{
    ACCOUNT_CHARS, NAME_CHARS, biz_tp, clbck_url, id_no, id_tp, lgl_rep_id_no, lgl_rep_id_tp, lgl_rep_nm, mob_no,
    pg_url, trx_ctgy, trx_dt_tm, trx_id,
};
use super::message_type::{MessageSchema, MessageType, Sender};
use super::signing::{sgn_acct_id, sgn_acct_issr_id, sgn_acct_nm, sgn_acct_tp};
use super::value_type::ValueType as V;

/// Kind of business of the captured message.
const BUSINESS: &str = "110001";
const CATEGORY: &str = "0204";

/// 商业委托建立申请.
pub(super) static EPCC_111: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc111,
    chinese: "商业委托建立申请",
    english: "request to set up a mandate",
    sender: Sender::Institution,
    answer: Some(MessageType::Epcc113),
    body: body(&[SGN_INF, TRX_INF, instg_inf()]),
};

/// 商业委托建立回执.
pub(super) static EPCC_113: MessageSchema = MessageSchema {
    message_type: MessageType::Epcc113,
    chinese: "商业委托建立回执",
    english: "receipt of a mandate request, or its outcome as a notice",
    sender: Sender::Bank,
    answer: Some(MessageType::Epcc303),
    body: body(&[
        SYS_RTN_INF,
        sgn_biz_inf(O),
        SGN_INF_ECHO,
        instg_inf(),
        ori_trx_inf_of(const { &ori_trx() }),
        pg_url(),
    ]),
};

const SGN_INF: Element = block(
    names!("SgnInf"),
    M,
    ["签约人信息", "who gives the mandate"],
    &[
        sgn_acct_issr_id(M),
        sgn_acct_tp(M),
        sgn_acct_id(M),
        sgn_acct_nm(M),
        id_tp(M),
        id_no(M),
        mob_no(M),
        lgl_rep_nm(),
        lgl_rep_id_tp(),
        lgl_rep_id_no(),
    ],
);

const SGN_INF_ECHO: Element = block(
    names!("SgnInf"),
    O,
    ["签约人信息", "who gives the mandate, echoed"],
    &[
        sgn_acct_issr_id(O),
        sgn_acct_tp(O),
        sgn_acct_id(O),
        sgn_acct_nm(O),
        id_tp(O),
        id_no(O),
        mob_no(O),
        lgl_rep_nm(),
        lgl_rep_id_tp(),
        lgl_rep_id_no(),
    ],
);

const TRX_INF: Element = block(names!("TrxInf"), M, ["交易信息", "the mandate"], const { &trx() });

const fn trx() -> [Element; 16] {
    let [merchant, name, authorisation, limit, start, end, unit, step, words, count] = terms(M);
    let meaning = ["建立方式", "set up on the bank's page (01) or offline (02)"];
    [
        trx_ctgy(M, CATEGORY),
        biz_tp(M, BUSINESS),
        trx_id(M),
        trx_dt_tm(M),
        leaf(F::EstblMd, M, (V::Digits, 2), meaning, "01"),
        merchant,
        name,
        authorisation,
        limit,
        start,
        end,
        unit,
        step,
        words,
        count,
        clbck_url(),
    ]
}

const fn ori_trx() -> [Element; 14] {
    let [merchant, name, authorisation, limit, start, end, unit, step, words, count] = terms(O);
    [
        trx_ctgy(M, CATEGORY),
        biz_tp(O, BUSINESS),
        trx_id(M),
        trx_dt_tm(M),
        merchant,
        name,
        authorisation,
        limit,
        start,
        end,
        unit,
        step,
        words,
        count,
    ]
}

/// The terms of a mandate. Units and the meaning of step and frequency are ours.
const fn terms(presence: Presence) -> [Element; 10] {
    [
        leaf(
            F::PyeeMrchntNo,
            presence,
            (V::Text, ACCOUNT_CHARS),
            ["收款商户编号", "number of the merchant that is paid"],
            "898110048160001",
        ),
        leaf(
            F::PyeeMrchntNm,
            presence,
            (V::Text, NAME_CHARS),
            ["收款商户名称", "name of the merchant that is paid"],
            "演示水务公司",
        ),
        leaf(F::EntrstAuthNo, O, (V::Text, 18), ["委托授权号", "number of the authorisation"], "110000202611200001"),
        leaf(F::EntrstAmtLmt, presence, AMOUNT, ["委托金额上限", "largest amount of one payment"], "CNY10.00"),
        leaf(F::EntrstStrDtTm, presence, TIME, ["委托起始时间", "valid from"], "2026-11-20T00:00:00"),
        leaf(F::EntrstEndDtTm, presence, TIME, ["委托结束时间", "valid until"], "2027-11-19T23:59:59"),
        leaf(
            F::EntrstDtUnt,
            presence,
            CODE_2,
            ["委托周期单位", "unit of the period: 01 day, 02 week, 03 month, 04 year (ours)"],
            "03",
        ),
        leaf(F::EntrstDtStp, presence, (V::Number, 4), ["委托周期步长", "units in a period (ours)"], "1"),
        leaf(F::EntrstDtDsc, O, (V::Text, NAME_CHARS), ["委托周期说明", "the period in words (length ours)"], "每月"),
        leaf(F::EntrstFrqcy, O, (V::Number, 4), ["委托扣款频次", "payments in a period, 1 when absent (ours)"], "1"),
    ]
}
