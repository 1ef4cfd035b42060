//! What of a message may be shown to somebody who looks into a payment but need not know the account.
//!
//! Invariant: a field is masked unless it stands on the list of open ones, so a field that is new to the catalogue
//! is masked until somebody decides otherwise. An encrypted value is not shown at all. Whole messages are shown only as
//! evidence, on demand, and then encrypted values as they were sent: encrypted.

use clearway_codec::MessageType;
use clearway_codec::catalogue::Field;

/// Characters left open at each end of a long value.
const OPEN_ENDS: usize = 4;
/// Shorter values show less: a quarter at each end at most.
const LONG_CHARS: usize = 4 * OPEN_ENDS;
const COVER: &str = "****";
/// What stands for an encrypted value.
const ENCRYPTED: &str = "(encrypted)";
/// As many digits in a row as a mobile number has, the shortest that tells who somebody is: hidden in text that is open
/// otherwise.
const NUMBER_DIGITS: usize = 11;

/// The value of `field` as it may be shown.
pub(super) fn mask(message_type: MessageType, field: Field, value: &str) -> String {
    match field {
        _ if field.is_encrypted_in(message_type) => ENCRYPTED.to_owned(),
        // The customer's one-time code: no part of it.
        Field::AuthMsg => COVER.to_owned(),
        _ if is_text(field) => cover_numbers(value),
        _ if is_open(field) => value.to_owned(),
        _ => cover_middle(value),
    }
}

/// What somebody has put into words: open, but for numbers that may be those of accounts.
fn is_text(field: Field) -> bool {
    matches!(field, Field::SysRtnDesc | Field::BizStsDesc | Field::RescindRsn | Field::DsptRsn)
}

/// Hides the middle of every long run of digits; spaces and hyphens, as cards have them, do not break a run.
fn cover_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut run = String::new();
    // A last character that is no digit ends the last run.
    for character in text.chars().chain(std::iter::once('\0')) {
        if character.is_ascii_digit() || (!run.is_empty() && [' ', '-'].contains(&character)) {
            run.push(character);
            continue;
        }
        let number = run.trim_end_matches([' ', '-']);
        let is_number = number.chars().filter(char::is_ascii_digit).count() >= NUMBER_DIGITS;
        let covered = if is_number { cover_middle(number) } else { number.to_owned() };
        shown.push_str(&covered);
        shown.push_str(&run[number.len()..]);
        run.clear();
        shown.push(character);
    }
    shown.pop();
    shown
}

/// Identities, times, amounts and codes: what a payment is traced by. Names, accounts, agreements, devices and
/// goods are not among them.
fn is_open(field: Field) -> bool {
    use Field as F;
    matches!(
        field,
        F::SysRtnCd
            | F::SysRtnTm
            | F::BizStsCd
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
            | F::SgnAcctIssrId
            | F::SgnAcctTp
            | F::SgnAcctLvl
            | F::IDTp
            | F::LglRepIDTp
            | F::EstblMd
            | F::EntrstAmtLmt
            | F::EntrstStrDtTm
            | F::EntrstEndDtTm
            | F::EntrstDtUnt
            | F::EntrstDtStp
            | F::EntrstFrqcy
            | F::PyerBkId
            | F::PyeeBkId
            | F::TrxPrps
            | F::TrxTrmTp
            | F::CBFlg
            | F::LmtAcctTpCd
            | F::OrdrExp
            | F::GwChnnlTp
            | F::SrcInstgId
            | F::SinkInstgId
            | F::DsptBatchId
            | F::DsptTp
            | F::DsptAmt
            | F::DsptRslt
            | F::CtrlNbF
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
            assert_eq!(mask(MessageType::Epcc201, field, value), shown);
        }
    }

    #[test]
    fn what_is_encrypted_is_not_shown_and_what_is_clear_elsewhere_is_masked() {
        // Clear in a 201, encrypted in a 302.
        assert_eq!(mask(MessageType::Epcc302, Field::PyerAcctId, "b3Blbg=="), "(encrypted)");
        assert_eq!(mask(MessageType::Epcc205, Field::PyerAcctId, "6222020200112233445"), "6222****3445");
        assert_eq!(mask(MessageType::Epcc101, Field::AuthMsg, "739152"), "****");
        for message_type in MessageType::ALL.iter().copied() {
            for field in clearway_codec::schema(message_type).encrypted_fields() {
                assert_eq!(
                    mask(message_type, *field, "6222020200112233445"),
                    "(encrypted)",
                    "{message_type} {field:?}"
                );
                let elsewhere = mask(MessageType::Epcc991, *field, "6222020200112233445");
                assert_eq!(elsewhere, "6222****3445", "{field:?}");
            }
        }
    }

    #[test]
    fn numbers_in_words_lose_their_middle() {
        for (text, shown) in [
            ("success", "success"),
            ("卡号6222020200112233445余额不足", "卡号6222****3445余额不足"),
            ("6222 0202 0011 2233 445", "6222**** 445"),
            ("card 6222-0202-0011-2233.", "card 6222****2233."),
            ("on 2026-11-20 at 10:00", "on 2026-11-20 at 10:00"),
            ("10 of 1234567890", "10 of 1234567890"),
            ("110101199003074514 and 13800138000", "1101****4514 and 13****00"),
            ("", ""),
        ] {
            assert_eq!(mask(MessageType::Epcc206, Field::BizStsDesc, text), shown);
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
