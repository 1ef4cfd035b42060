//! Who may send what, and how much: the part of participants.toml that can be changed while the node runs.
//!
//! Invariant: what passed a check here is what [`crate::admission`] takes. The same checks judge a change made at run
//! time.

use clearway_codec::limits::AMOUNT_FEN_MAX;
use clearway_codec::value::{BeijingTime, InstitutionId};
use serde::{Deserialize, Serialize};

use super::participants::{ParticipantKind, Participants};
use crate::constants::{
    BUSINESS_NAME_CHARS_MAX, BUSINESSES_MAX, MAINTENANCE_S_MAX, MAINTENANCE_TEXT_CHARS_MAX, PACING_MS_MAX,
    RATE_PER_S_MAX,
};

/// What one participant may do. The default lets it do everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdmissionRules {
    /// `businesses`: names of the businesses it may ask for; `None`: all of them.
    pub businesses: Option<Vec<String>>,
    /// `rate_per_s`: requests a second, 1 to 1,000,000; `None`: no bound.
    pub rate_per_s: Option<u32>,
    /// `rate_burst`: requests at once, 1 to 1,000,000; `None`: as many as in one second.
    pub rate_burst: Option<u32>,
    /// `pacing_ms`: how far legs for one account of this bank are kept apart, 0 (the default: not at all) to 10,000.
    pub pacing_ms: u64,
    /// `drained`: takes part in nothing new; what is under way goes on.
    pub drained: bool,
}

/// Bounds of one layer. `None`: no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitTable {
    /// `per_payment_fen`: largest single payment, in fen.
    pub per_payment_fen: Option<u64>,
    /// `day_amount_fen`: largest sum of a day, in fen.
    pub day_amount_fen: Option<u64>,
    /// `day_count`: most payments of a day.
    pub day_count: Option<u64>,
}

/// `[[limit]]`: the limit of one institution at one bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairLimit {
    /// `institution`: whose payments.
    pub institution: InstitutionId,
    /// `bank`: at which bank.
    pub bank: InstitutionId,
    /// The bounds.
    pub limit: LimitTable,
}

/// `[[maintenance]]`: a time in which a bank, or the whole centre, takes nothing new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaintenanceWindow {
    /// `bank`: which; `None`: the centre, so everybody.
    pub bank: Option<InstitutionId>,
    /// `from`: the first second, Beijing time as on the wire, `2026-11-21T01:00:00`.
    pub from: BeijingTime,
    /// `until`: the first second after it.
    pub until: BeijingTime,
    /// `text`: what participants are told, up to 200 characters.
    pub text: String,
}

/// A value that is refused: its key, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionFault {
    /// The key.
    pub key: &'static str,
    /// What is wrong with it.
    pub what: String,
}

fn fault<T>(key: &'static str, what: impl Into<String>) -> Result<T, AdmissionFault> {
    Err(AdmissionFault { key, what: what.into() })
}

impl AdmissionRules {
    /// Checks the ranges, and that only a bank is paced.
    ///
    /// # Errors
    /// The first value that is out of range. Whether a business of a name exists is not known here.
    pub fn check(&self, kind: ParticipantKind) -> Result<(), AdmissionFault> {
        if let Some(names) = &self.businesses {
            check_names(names)?;
        }
        for (key, value) in [("rate_per_s", self.rate_per_s), ("rate_burst", self.rate_burst)] {
            if value.is_some_and(|value| !(1..=RATE_PER_S_MAX).contains(&value)) {
                return fault(key, format!("must be 1 to {RATE_PER_S_MAX}"));
            }
        }
        if self.rate_burst.is_some() && self.rate_per_s.is_none() {
            return fault("rate_burst", "needs rate_per_s");
        }
        if self.pacing_ms > PACING_MS_MAX {
            return fault("pacing_ms", format!("must be 0 to {PACING_MS_MAX}"));
        }
        if self.pacing_ms > 0 && kind != ParticipantKind::Bank {
            return fault("pacing_ms", "only legs to a bank are paced");
        }
        Ok(())
    }
}

fn check_names(names: &[String]) -> Result<(), AdmissionFault> {
    if names.is_empty() || names.len() > BUSINESSES_MAX {
        return fault("businesses", format!("must be 1 to {BUSINESSES_MAX} names; left out, all are allowed"));
    }
    for (place, name) in names.iter().enumerate() {
        let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        if !plain || name.is_empty() || name.len() > BUSINESS_NAME_CHARS_MAX {
            return fault("businesses", "a name is small letters and hyphens, for instance agreement-payment");
        }
        if names.iter().take(place).any(|earlier| earlier == name) {
            return fault("businesses", format!("{name} is there twice"));
        }
    }
    Ok(())
}

impl LimitTable {
    /// Whether it bounds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.per_payment_fen.is_none() && self.day_amount_fen.is_none() && self.day_count.is_none()
    }

    /// Checks the ranges: from 1, amounts of a payment up to the largest on the wire, of a day up to 1,000,000 times
    /// that.
    ///
    /// # Errors
    /// The first value that is out of range.
    pub fn check(&self) -> Result<(), AdmissionFault> {
        for (key, value, most) in [
            ("per_payment_fen", self.per_payment_fen, AMOUNT_FEN_MAX),
            ("day_amount_fen", self.day_amount_fen, AMOUNT_FEN_MAX.saturating_mul(1_000_000)),
            ("day_count", self.day_count, u64::from(u32::MAX)),
        ] {
            if value.is_some_and(|value| value == 0 || value > most) {
                return fault(key, format!("must be 1 to {most}"));
            }
        }
        Ok(())
    }
}

impl PairLimit {
    /// Checks that the two are what they are said to be, and the bounds.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, participants: &Participants) -> Result<(), AdmissionFault> {
        for (key, id, kind) in [
            ("institution", &self.institution, ParticipantKind::Institution),
            ("bank", &self.bank, ParticipantKind::Bank),
        ] {
            check_kind(key, id, kind, participants)?;
        }
        if self.limit.is_empty() {
            return fault("limit", "bounds nothing");
        }
        self.limit.check()
    }
}

impl MaintenanceWindow {
    /// Checks bank, order and text.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self, participants: &Participants) -> Result<(), AdmissionFault> {
        if let Some(bank) = &self.bank {
            check_kind("bank", bank, ParticipantKind::Bank, participants)?;
        }
        let length_s = self.until.unix_secs().saturating_sub(self.from.unix_secs());
        if length_s == 0 || length_s > MAINTENANCE_S_MAX {
            return fault("until", "must be later than from, by 31 days at most");
        }
        if self.text.chars().count() > MAINTENANCE_TEXT_CHARS_MAX || self.text.chars().any(char::is_control) {
            return fault("text", format!("must be up to {MAINTENANCE_TEXT_CHARS_MAX} characters of one line"));
        }
        Ok(())
    }
}

fn check_kind(
    key: &'static str,
    id: &InstitutionId,
    kind: ParticipantKind,
    participants: &Participants,
) -> Result<(), AdmissionFault> {
    match participants.find(id) {
        Some(participant) if participant.kind == kind => Ok(()),
        Some(_) => fault(key, format!("{id} is no {kind}")),
        None => fault(key, format!("{id} is no participant")),
    }
}

/// Reads a time as it stands on the wire.
///
/// # Errors
/// A text that is none.
pub fn parse_time(key: &'static str, text: &str) -> Result<BeijingTime, AdmissionFault> {
    BeijingTime::parse(text.as_bytes()).or_else(|_| fault(key, "must be a Beijing time such as 2026-11-21T01:00:00"))
}

/// A path on a participant's host to which statistics and announcements are posted.
///
/// # Errors
/// A text that is no absolute path of up to 256 plain characters.
pub fn check_operations_path(path: &str) -> Result<(), AdmissionFault> {
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\"<>\\^`{|}".contains(&byte));
    if path.starts_with('/') && plain && path.len() <= 256 {
        return Ok(());
    }
    fault("operations_path", "must be a path such as /uopsSvr")
}
