//! Leaves that several messages have in the same form, by presence.

use super::blocks::{AMOUNT, CODE_2, INSTITUTION, TIME, TRX_ID};
use super::element::{Element, Presence, encrypted, leaf};
use super::field::Field as F;
use super::value_type::ValueType as V;

/// Cipher text of one block behind its initial vector, as an encrypted value's example.
pub(super) const SEALED: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// The same of two blocks.
pub(super) const SEALED_LONG: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5P";

/// Longest number of an account, in characters.
pub(super) const ACCOUNT_CHARS: u16 = 34;
/// Longest name, in characters.
pub(super) const NAME_CHARS: u16 = 60;
/// Longest number of a document of identity: the source says 20, and 30 was seen.
const DOCUMENT_CHARS: u16 = 30;
/// Longest mobile number, in characters.
const MOBILE_CHARS: u16 = 18;
/// Longest address of a page, in characters (ours).
const URL_CHARS: u16 = 512;

/// 交易类别, with the category of the message as its example.
pub(super) const fn trx_ctgy(presence: Presence, example: &'static str) -> Element {
    leaf(F::TrxCtgy, presence, (V::Digits, 4), ["交易类别", "category"], example)
}

pub(super) const fn trx_id(presence: Presence) -> Element {
    let meaning = ["交易流水号", "identity of the transaction"];
    leaf(F::TrxId, presence, TRX_ID, meaning, "2026112021090766339761990770101")
}

pub(super) const fn trx_dt_tm(presence: Presence) -> Element {
    leaf(F::TrxDtTm, presence, TIME, ["交易日期时间", "time of the transaction"], "2026-11-20T10:00:00")
}

pub(super) const fn trx_amt(presence: Presence) -> Element {
    leaf(F::TrxAmt, presence, AMOUNT, ["交易金额", "amount"], "CNY1283.85")
}

pub(super) const fn biz_tp(presence: Presence, example: &'static str) -> Element {
    leaf(F::BizTp, presence, (V::Digits, 6), ["业务种类", "kind of business"], example)
}

pub(super) const fn sgn_no(presence: Presence) -> Element {
    leaf(F::SgnNo, presence, (V::Text, 34), ["签约协议号", "agreement number"], "EPZDA002544792183870618")
}

/// As an institution names it: the number that the bank has issued, or one of the direct-link time, which may be longer than
/// numbers may be now.
pub(super) const fn sgn_no_or_old(presence: Presence) -> Element {
    leaf(
        F::SgnNo,
        presence,
        (V::Text, 64),
        ["签约协议号", "agreement number: 34 characters, or an old one of up to 64 (ours)"],
        "EPZDA002544792183870618",
    )
}

pub(super) const fn ordr_id(presence: Presence) -> Element {
    leaf(F::OrdrId, presence, (V::Text, 40), ["订单编码", "number of the order"], "402549084586151151732471")
}

pub(super) const fn trx_devc_inf() -> Element {
    leaf(
        F::TrxDevcInf,
        Presence::Optional,
        (V::Text, 190),
        ["交易设备信息", "the payer's device: eight parts between bars"],
        "127.0.0.1||718319573461405|||00247e0a6c2e||",
    )
}

pub(super) const fn clbck_url() -> Element {
    let meaning = ["回调地址", "where the customer's browser goes back to (length ours)"];
    leaf(F::ClbckUrl, Presence::Optional, (V::Text, URL_CHARS), meaning, "https://pi.example/back?order=402549084586")
}

pub(super) const fn pg_url() -> Element {
    let meaning = ["银行页面地址", "address of the bank's page (ours)"];
    leaf(F::PgUrl, Presence::Optional, (V::Text, URL_CHARS), meaning, "https://bank.example/pay?token=5f1c0e9a7b3d2468")
}

pub(super) const fn id_tp(presence: Presence) -> Element {
    leaf(F::IDTp, presence, CODE_2, ["证件类型", "type of the document of identity"], "01")
}

pub(super) const fn id_no(presence: Presence) -> Element {
    encrypted(F::IDNo, presence, DOCUMENT_CHARS, ["证件号", "number of the document of identity"], SEALED_LONG)
}

pub(super) const fn mob_no(presence: Presence) -> Element {
    encrypted(F::MobNo, presence, MOBILE_CHARS, ["预留手机号", "mobile number that the bank knows"], SEALED)
}

/// Six digits where it was seen; letters are let through.
pub(super) const fn auth_msg() -> Element {
    leaf(F::AuthMsg, Presence::Optional, (V::Alphanumeric, 6), ["动态验证码", "code that came by SMS"], "482915")
}

pub(super) const fn instg_id(presence: Presence) -> Element {
    leaf(F::InstgId, presence, INSTITUTION, ["支付机构标识", "payment institution"], "Z2000000000088")
}

pub(super) const fn lgl_rep_nm() -> Element {
    encrypted(F::LglRepNm, Presence::Optional, NAME_CHARS, ["法人姓名", "legal representative: name"], SEALED)
}

pub(super) const fn lgl_rep_id_tp() -> Element {
    let meaning = ["法人证件类型", "legal representative: type of the document of identity"];
    leaf(F::LglRepIDTp, Presence::Optional, CODE_2, meaning, "01")
}

pub(super) const fn lgl_rep_id_no() -> Element {
    let meaning = ["法人证件号", "legal representative: number of the document of identity"];
    encrypted(F::LglRepIDNo, Presence::Optional, DOCUMENT_CHARS, meaning, SEALED_LONG)
}

pub(super) const fn ori_trx_amt(presence: Presence) -> Element {
    leaf(F::OriTrxAmt, presence, AMOUNT, ["原交易金额", "amount of the original transaction"], "CNY1283.85")
}

pub(super) const fn ori_biz_tp() -> Element {
    let meaning = ["原业务种类", "kind of business of the original"];
    leaf(F::OriBizTp, Presence::Optional, (V::Digits, 6), meaning, "100001")
}
