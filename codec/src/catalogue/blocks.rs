//! Blocks that several messages share, and the forms that several rows share.

use super::element::{Element, Presence, block, encrypted, leaf};
use super::field::{Field as F, names};
use super::leaves::{ACCOUNT_CHARS, SEALED, instg_id, sgn_no_or_old};
use super::value_type::ValueType as V;

/// Mandatory.
pub(super) const M: Presence = Presence::Mandatory;
/// Optional.
pub(super) const O: Presence = Presence::Optional;
/// Conditional.
pub(super) const C: Presence = Presence::Conditional;

pub(super) const INSTITUTION: (V, u16) = (V::Institution, 14);
pub(super) const TIME: (V, u16) = (V::Time, 19);
pub(super) const TRX_ID: (V, u16) = (V::TrxId, 31);
/// Longer than the largest amount, so that an overflow is told as one.
pub(super) const AMOUNT: (V, u16) = (V::Amount, 24);
pub(super) const RETURN_CODE: (V, u16) = (V::ReturnCode, 8);
pub(super) const BATCH: (V, u16) = (V::BatchId, 13);
pub(super) const SERIAL: (V, u16) = (V::Printable, 64);
pub(super) const CODE_2: (V, u16) = (V::Alphanumeric, 2);

/// The element `MsgBody` of a message with these children.
pub(super) const fn body(children: &'static [Element]) -> Element {
    block(names!("MsgBody"), M, ["报文体", "body"], children)
}

/// 系统响应信息. The description may have 256 bytes; counted in characters like all others.
pub(super) const SYS_RTN_INF: Element = block(
    names!("SysRtnInf"),
    M,
    ["系统响应信息", "answer of the system"],
    &[
        leaf(F::SysRtnCd, M, RETURN_CODE, ["系统返回码", "system return code"], "00000000"),
        leaf(F::SysRtnDesc, M, (V::Text, 256), ["系统返回说明", "system return text"], "成功"),
        leaf(F::SysRtnTm, M, TIME, ["系统处理时间", "time of the answer"], "2026-11-20T10:06:54"),
    ],
);

/// 业务响应信息. Clients take `BizStsCd` when it is there, else `SysRtnCd`, so it is optional.
pub(super) const fn biz_inf(presence: Presence) -> Element {
    let children = const { &[BIZ_STS_CD, BIZ_STS_DESC, trx_status(M), TRX_FINISH_TM] };
    block(names!("BizInf"), presence, BIZ_INF_MEANING, children)
}

/// 业务响应信息 of messages about an agreement or a mandate: its number first, and a status only
/// where there is one.
pub(super) const fn sgn_biz_inf(presence: Presence) -> Element {
    let children = const { &[sgn_no_or_old(O), BIZ_STS_CD, BIZ_STS_DESC, trx_status(O), TRX_FINISH_TM] };
    block(names!("BizInf"), presence, BIZ_INF_MEANING, children)
}

/// 业务响应信息 of a terminal notice: what became of a transaction, be it a payment or an
/// agreement.
pub(super) const fn notice_biz_inf() -> Element {
    let children = const { &[sgn_no_or_old(O), BIZ_STS_CD, BIZ_STS_DESC, trx_status(M), TRX_FINISH_TM] };
    block(names!("BizInf"), M, BIZ_INF_MEANING, children)
}

const BIZ_INF_MEANING: [&str; 2] = ["业务响应信息", "answer of the business"];

const BIZ_STS_CD: Element = leaf(F::BizStsCd, O, RETURN_CODE, ["业务返回码", "business return code"], "00000000");

const BIZ_STS_DESC: Element = leaf(F::BizStsDesc, O, (V::Text, 128), ["业务返回说明", "business return text"], "成功");

pub(super) const fn trx_status(presence: Presence) -> Element {
    leaf(F::TrxStatus, presence, (V::Status, 2), ["交易状态", "status of the transaction"], "00")
}

pub(super) const TRX_FINISH_TM: Element =
    leaf(F::TrxFinishTm, O, TIME, ["交易完成时间", "time it ended"], "2026-11-20T10:06:54");

/// 支付机构信息, with the signer's account there.
pub(super) const fn instg_inf() -> Element {
    const MEANING: [&str; 2] = ["签约人支付账号", "signer's payment account (length ours)"];
    block(
        names!("InstgInf"),
        M,
        ["支付机构信息", "payment institution"],
        const { &[instg_id(M), encrypted(F::InstgAcct, O, ACCOUNT_CHARS, MEANING, SEALED)] },
    )
}

/// 原交易信息 of a receipt that names the transaction by its own elements.
pub(super) const fn ori_trx_inf_of(children: &'static [Element]) -> Element {
    block(names!("OriTrxInf"), M, ["原交易信息", "the transaction answered"], children)
}

/// 原交易信息: category, identity and time of the transaction meant.
pub(super) const ORI_TRX_INF: Element =
    block(names!("OriTrxInf"), M, ["原交易信息", "the transaction meant"], &[ORI_TRX_CTGY, ORI_TRX_ID, ORI_TRX_DT_TM]);

/// 备付金信息.
pub(super) const fn resfd_inf(presence: Presence) -> Element {
    block(
        names!("ResfdInf"),
        presence,
        ["备付金信息", "reserve account"],
        match presence {
            Presence::Mandatory => RESFD_INF_MANDATORY,
            _ => RESFD_INF_OPTIONAL,
        },
    )
}

const RESFD_INF_MANDATORY: &[Element] = &resfd_inf_children(M);
const RESFD_INF_OPTIONAL: &[Element] = &resfd_inf_children(O);

/// Account, name, bank.
pub(super) const fn resfd_inf_children(presence: Presence) -> [Element; 3] {
    [
        leaf(
            F::InstgAcctId,
            presence,
            (V::Text, 34),
            ["备付金账户", "number of the reserve account"],
            "237256928516431391",
        ),
        leaf(
            F::InstgAcctNm,
            presence,
            (V::Text, 60),
            ["备付金账户名称", "name of the reserve account"],
            "演示支付机构备付金",
        ),
        leaf(
            F::ResfdAcctIssrId,
            presence,
            INSTITUTION,
            ["备付金账户所属机构标识", "bank of the reserve account"],
            "C1000000000022",
        ),
    ]
}

/// 收付标识. Empty from the institution; the switch fills it per leg.
pub(super) const RP_FLG: Element = leaf(F::RPFlg, O, (V::LegFlag, 1), ["收付标识", "leg: 1 debit, 2 credit"], "1");

/// 批次号. Empty from the institution; the switch fills it at acceptance.
pub(super) const BATCH_ID: Element = leaf(F::BatchId, O, BATCH, ["交易批次号", "clearing batch"], "B202611200011");

/// 付款行银行流水号.
pub(super) const DBTR_BANK_ID: Element =
    leaf(F::DbtrBankId, O, SERIAL, ["付款行银行流水号", "serial of the payer's bank"], "90130769580171550918");

/// 收款行银行流水号.
pub(super) const CDTR_BANK_ID: Element =
    leaf(F::CdtrBankId, O, SERIAL, ["收款行银行流水号", "serial of the payee's bank"], "80130769580171550918");

/// 原交易类别.
pub(super) const ORI_TRX_CTGY: Element =
    leaf(F::OriTrxCtgy, M, (V::Digits, 4), ["原交易类别", "category of the original transaction"], "0110");

/// 原交易流水号.
pub(super) const ORI_TRX_ID: Element = leaf(
    F::OriTrxId,
    M,
    TRX_ID,
    ["原交易流水号", "identity of the original transaction"],
    "2026112021090766339761990770101",
);

/// 原交易日期时间.
pub(super) const ORI_TRX_DT_TM: Element =
    leaf(F::OriTrxDtTm, M, TIME, ["原交易日期时间", "time of the original transaction"], "2026-11-20T10:00:00");
