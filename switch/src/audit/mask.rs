//! What of a message may be shown to somebody who looks into a payment but need not know the account.
//!
//! Invariant: a field is masked unless it stands on the list of open ones, so a field that is new to the catalogue
//! is masked until somebody decides otherwise. Whole messages are shown only as evidence, on demand.

use clearway_codec::catalogue::Field;

/// Characters left open at each end of a long value.
const OPEN_ENDS: usize = 4;
/// Shorter values show less: a quarter at each end at most.
const LONG_CHARS: usize = 4 * OPEN_ENDS;
const COVER: &str = "****";

/// The value of `field` as it may be shown.
pub(super) fn mask(field: Field, value: &str) -> String {
    if is_open(field) { value.to_owned() } else { cover_middle(value) }
}

/// Identities, times, amounts and codes: what a payment is traced by. Names, accounts, agreements, devices and
/// goods are not among them.
fn is_open(field: Field) -> bool {
    use Field as F;
    matches!(
        field,
        F::SysRtnCd
            | F::SysRtnDesc
            | F::SysRtnTm
            | F::BizStsCd
            | F::BizStsDesc
            | F::TrxStatus
            | F::TrxFinishTm
            | F::PyerAcctIssrId
            | F::PyerAcctTp
            | F::PyerTrxTrmTp
            | F::RPFlg
            | F::PyeeAcctIssrId
            | F::PyeeAcctTp
            | F::PyeeCtryNo
            | F::PyeeAreaNo
            | F::PyeeTrxTrmTp
            | F::ResfdAcctIssrId
            | F::TrxId
            | F::TrxDtTm
            | F::TrxAmt
            | F::TrxCtgy
            | F::BizTp
            | F::AcctInTp
            | F::OrdrId
            | F::OrdrDtTm
            | F::BatchId
            | F::OriTrxCtgy
            | F::OriTrxId
            | F::OriTrxDtTm
            | F::OriTrxAmt
            | F::OriBizTp
            | F::OriDbtrBankId
            | F::OriSysRtnCd
            | F::OriBizStsCd
            | F::DbtrBankId
            | F::CdtrBankId
            | F::InstgId
            | F::Nonce
    )
}

/// `EPZDA007160747815529392` becomes `EPZD****9392`.
fn cover_middle(value: &str) -> String {
    let length = value.chars().count();
    let open = if length >= LONG_CHARS { OPEN_ENDS } else { length / 4 };
    let head: String = value.chars().take(open).collect();
    let tail: String = value.chars().skip(length - open).collect();
    format!("{head}{COVER}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreements_accounts_and_names_lose_their_middle() {
        for (field, value, shown) in [
            (Field::SgnNo, "EPZDA007160747815529392", "EPZD****9392"),
            (Field::PyeeAcctId, "60231462876717679460", "6023****9460"),
            (Field::InstgAcctId, "656918182934586292", "6569****6292"),
            (Field::PyeeNm, "演示商户", "演****户"),
            (Field::PyeeNm, "李", "****"),
            (Field::TrxDevcInf, "127.0.0.1", "12****.1"),
            (Field::TrxAmt, "CNY786.55", "CNY786.55"),
            (Field::TrxId, "2026112089703064790262930770101", "2026112089703064790262930770101"),
        ] {
            assert_eq!(mask(field, value), shown);
        }
    }

    #[test]
    fn at_least_half_of_a_masked_value_is_hidden() {
        for length in 0..60 {
            let value = "x".repeat(length);
            let shown = cover_middle(&value).len() - COVER.len();
            assert!(shown * 2 <= length, "{length}: {shown} shown");
        }
    }
}
