//! The messages of joint operations: JSON, signed over the head (wire.md 3.12).
//!
//! ```text
//! {"request":{"head":{msgTp, msgSndTm, msgId, issrId, reIssrId, drctn, signSN},"body":{...}},"signature":"base64"}
//! uops.010.000.01  body {cntStep:"60", cntTm, tList:[{tType, instId, accType, RPFlg, tSumNo, tTime, tTrxSR, tSysSR}]}
//! uops.020.000.01  body {mtId, mtObj, mtSts, mtStrTm, mtEndTm, mtDesc}                                     (ours)
//! answer           {"response":{"body":{"sysRtnCd":"00000000", ...}, ...}, ...}                            (ours)
//! ```
//!
//! What the sources leave open, and what is ours: all values are text; the signature is over `msgTp=...&msgSndTm=...`
//! in the order of the head; msgId is the time and 50 digits that never repeat; `instId` is the other side of the legs
//! that are counted; tType is the TrxCtgy of a business that has one, else its message code; rates have two decimals.
//! The body is not covered by the signature, so nothing may be decided by it alone: it tells, it does not command.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clearway_codec::value::{BeijingTime, InstitutionId, SerialNumber};
use serde::Serialize;

use crate::config::MaintenanceWindow;
use crate::domain::business::{Business, rules};
use crate::domain::statistics::{NO_ACCOUNT_TYPE, Row, Sums};

/// Signs bytes with the node's key.
pub type Sign<'a> = &'a dyn Fn(&[u8]) -> Result<Vec<u8>, clearway_crypto::Error>;

/// Encrypts a body for its receiver, as text; `None`: the receiver has no encryption key, and gets it clear.
pub type Seal<'a> = &'a dyn Fn(&[u8]) -> Option<String>;

/// What a message's head is made of.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// The node.
    pub from: InstitutionId,
    /// The serial number of its key.
    pub serial: SerialNumber,
    /// The participant.
    pub to: InstitutionId,
    /// Whether the participant is a bank; else an institution.
    pub to_bank: bool,
    /// When it is sent, unix microseconds.
    pub now_us: u64,
    /// A number that the node has given to no other message of this microsecond.
    pub sequence: u64,
}

/// What a message says.
#[derive(Debug)]
pub enum Subject<'a> {
    /// uops.010: the minute that ended at `end_us`; each row with the id of the other side.
    Statistics {
        /// End of the minute, unix microseconds.
        end_us: u64,
        /// The rows.
        rows: Vec<(Row, InstitutionId, Sums)>,
    },
    /// uops.020: a maintenance window.
    Maintenance {
        /// Its number.
        number: u64,
        /// The window.
        window: &'a MaintenanceWindow,
        /// Whether it was taken back.
        cancelled: bool,
    },
}

#[derive(Serialize)]
struct Document {
    request: Request,
    signature: String,
}

#[derive(Serialize)]
struct Request {
    head: HeadText,
    body: Body,
}

/// The elements in the order in which they are signed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HeadText {
    msg_tp: &'static str,
    msg_snd_tm: String,
    msg_id: String,
    issr_id: String,
    re_issr_id: String,
    drctn: &'static str,
    #[serde(rename = "signSN")]
    sign_sn: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Body {
    Sealed(String),
    Statistics(StatisticsBody),
    Maintenance(MaintenanceBody),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatisticsBody {
    cnt_step: &'static str,
    cnt_tm: String,
    t_list: Vec<RowText>,
}

#[derive(Serialize)]
struct RowText {
    #[serde(rename = "tType")]
    kind: &'static str,
    #[serde(rename = "instId")]
    other: String,
    #[serde(rename = "accType")]
    account_type: String,
    #[serde(rename = "RPFlg")]
    leg: String,
    #[serde(rename = "tSumNo")]
    count: String,
    #[serde(rename = "tTime")]
    mean_ms: String,
    #[serde(rename = "tTrxSR")]
    business_rate: String,
    #[serde(rename = "tSysSR")]
    system_rate: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MaintenanceBody {
    mt_id: String,
    /// The bank, or the node for its centre.
    mt_obj: String,
    /// 00 announced, 01 taken back.
    mt_sts: &'static str,
    mt_str_tm: String,
    mt_end_tm: String,
    mt_desc: String,
}

/// The bytes of one message.
///
/// # Errors
/// What the signer says.
pub fn compose(
    head: &Head,
    subject: &Subject<'_>,
    sign: Sign<'_>,
    seal: Option<Seal<'_>>,
) -> Result<Vec<u8>, clearway_crypto::Error> {
    let (msg_tp, body) = match subject {
        Subject::Statistics { end_us, rows } => ("uops.010.000.01", statistics(*end_us, rows)),
        Subject::Maintenance { number, window, cancelled } => {
            ("uops.020.000.01", maintenance(head, *number, window, *cancelled))
        }
    };
    let head = HeadText::of(head, msg_tp);
    let signature = STANDARD.encode(sign(head.signed_text().as_bytes())?);
    let sealed = seal.and_then(|seal| seal(&serde_json::to_vec(&body).unwrap_or_default()));
    let body = sealed.map_or(body, Body::Sealed);
    Ok(serde_json::to_vec(&Document { request: Request { head, body }, signature }).unwrap_or_default())
}

impl HeadText {
    fn of(head: &Head, msg_tp: &'static str) -> Self {
        let msg_snd_tm = digits14(BeijingTime::from_unix_micros(head.now_us));
        // Serial of the key, microsecond, sequence: 10 + 20 + 20 digits.
        let msg_id = format!("{msg_snd_tm}{}{:020}{:020}", head.serial.as_str(), head.now_us, head.sequence);
        Self {
            msg_tp,
            msg_snd_tm,
            msg_id,
            issr_id: head.from.as_str().to_owned(),
            re_issr_id: head.to.as_str().to_owned(),
            drctn: if head.to_bank { "01" } else { "02" },
            sign_sn: head.serial.as_str().to_owned(),
        }
    }

    fn signed_text(&self) -> String {
        format!(
            "msgTp={}&msgSndTm={}&msgId={}&issrId={}&reIssrId={}&drctn={}&signSN={}",
            self.msg_tp, self.msg_snd_tm, self.msg_id, self.issr_id, self.re_issr_id, self.drctn, self.sign_sn
        )
    }
}

fn statistics(end_us: u64, rows: &[(Row, InstitutionId, Sums)]) -> Body {
    let t_list = rows.iter().map(|(row, other, sums)| RowText {
        kind: type_of(row.business),
        other: other.as_str().to_owned(),
        account_type: account_type_text(row.account_type),
        leg: row.leg.to_string(),
        count: sums.count.to_string(),
        mean_ms: sums.mean_ms().to_string(),
        business_rate: percent(sums.business_rate()),
        system_rate: percent(sums.system_rate()),
    });
    let cnt_tm = digits14(BeijingTime::from_unix_micros(end_us));
    Body::Statistics(StatisticsBody { cnt_step: "60", cnt_tm, t_list: t_list.collect() })
}

fn maintenance(head: &Head, number: u64, window: &MaintenanceWindow, cancelled: bool) -> Body {
    Body::Maintenance(MaintenanceBody {
        mt_id: number.to_string(),
        mt_obj: window.bank.unwrap_or(head.from).as_str().to_owned(),
        mt_sts: if cancelled { "01" } else { "00" },
        mt_str_tm: digits14(window.from),
        mt_end_tm: digits14(window.until),
        mt_desc: window.text.clone(),
    })
}

/// The transaction type of a business: its category, or its message where the category does not tell.
fn type_of(business: u8) -> &'static str {
    Business::from_code(business).map_or("", |business| {
        let row = rules(business);
        row.categories.first().copied().unwrap_or_else(|| row.request.code())
    })
}

/// Two digits; empty for none.
pub(super) fn account_type_text(account_type: u8) -> String {
    if account_type == NO_ACCOUNT_TYPE { String::new() } else { format!("{account_type:02}") }
}

/// Hundredths of a percent with two decimals; empty of nothing.
pub(super) fn percent(hundredths: Option<u64>) -> String {
    hundredths.map_or_else(String::new, |value| format!("{}.{:02}", value / 100, value % 100))
}

/// `yyyyMMddHHmmss`.
fn digits14(time: BeijingTime) -> String {
    time.to_text().iter().filter(|byte| byte.is_ascii_digit()).map(|byte| char::from(*byte)).collect()
}

/// Whether an answer acknowledges.
///
/// # Errors
/// The return code of an answer that does not, or `None` for one that cannot be read.
pub fn is_acknowledged(answer: &[u8]) -> Result<(), Option<String>> {
    let value: serde_json::Value = serde_json::from_slice(answer).map_err(|_| None)?;
    let code = value.pointer("/response/body/sysRtnCd").and_then(serde_json::Value::as_str).ok_or(None)?;
    match code {
        "00000000" => Ok(()),
        // A code goes into the log: eight letters and digits, or it is none.
        _ if code.len() == 8 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()) => Err(Some(code.to_owned())),
        _ => Err(None),
    }
}
