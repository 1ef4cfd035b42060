//! One line of an import file: read, checked, turned into images.
//!
//! ```text
//!   number,old number,institution,bank,account,customer,merchants,starts,ends
//!   EPTEN001,8801...(≤ 64),Z2004944000010,C1010211000012,6222...,1101...,M1;M2,20260101,20281231
//! ```
//!
//! Old number, customer, merchants and both days may be empty. Account and customer are clear text, or `#` and the 16 hexadecimal
//! digits of their digest. A term begins and ends at midnight in Beijing; it ends with the day that is named.

use clearway_codec::value::{BeijingTime, Date, InstitutionId};

use crate::config::{ParticipantKind, Participants};
use crate::domain::agreement::{
    Agreement, Alias, EndedBy, MERCHANTS_MAX, MerchantNo, OldNo, SgnNo, Sharing, Standing, State,
};
use crate::domain::transaction::Parties;

/// Columns of a line.
const COLUMNS: usize = 9;
/// Most characters of an account number or a customer's identity (wire.md 3.2: 34; ours for both).
const IDENTITY_CHARS_MAX: usize = 34;
/// A day in Beijing begins this much before the day in Greenwich.
const BEIJING_OFFSET_S: u64 = 8 * 3_600;
const DAY_S: u64 = 86_400;

/// Why a line is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Not UTF-8, or control characters in it.
    #[error("the line is not plain text")]
    Encoding,
    /// Longer than [`LINE_BYTES_MAX`](super::LINE_BYTES_MAX).
    #[error("the line is too long")]
    TooLong,
    /// Too few or too many commas.
    #[error("a line has nine columns")]
    Columns,
    /// 1 to 34 printable characters.
    #[error("the number is no agreement number")]
    Number,
    /// 1 to 64 printable characters.
    #[error("the old number is no agreement number")]
    OldNumber,
    /// No institution with this id.
    #[error("the institution is no participant of that kind")]
    Institution,
    /// No bank with this id.
    #[error("the bank is no participant of that kind")]
    Bank,
    /// Empty, too long, or neither digits nor a digest.
    #[error("the account is neither a number nor a digest")]
    Account,
    /// Too long, or a broken digest.
    #[error("the customer is neither an identity nor a digest")]
    Customer,
    /// Too many, or not 1 to 34 printable characters.
    #[error("the merchants are not at most 16 merchant numbers")]
    Merchants,
    /// Not `yyyymmdd`, or the end is before the start.
    #[error("the days are not yyyymmdd, or the term ends before it starts")]
    Days,
    /// The term is over.
    #[error("the agreement has expired")]
    Expired,
    /// The number belongs to another agreement.
    #[error("the number is registered with another institution, bank, account, customer or merchants")]
    Taken,
    /// The old number belongs to another agreement.
    #[error("the old number is registered for another number")]
    OldNumberTaken,
    /// The registers hold as many agreements as they may.
    #[error("the registers are full")]
    Full,
}

/// What a line is read with.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// Who takes part.
    pub participants: &'a Participants,
    /// The keyed digest of an account number or a customer's identity; what it is given is not kept.
    pub digest: &'a (dyn Fn(&str) -> u64 + Sync),
}

impl std::fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Names").finish_non_exhaustive()
    }
}

/// What a line says; account and customer are digests by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The agreement as its first image.
    pub agreement: Agreement,
    /// Its number of the direct-link time, if it had another one.
    pub old: Option<Alias>,
    /// The merchants that share it, if it names any.
    pub sharing: Option<Sharing>,
}

impl Reading {
    /// Reads a line at `at_us`.
    ///
    /// # Errors
    /// The first [`LineFault`], from the left.
    pub fn of(line: &str, names: &Names<'_>, at_us: u64) -> Result<Self, LineFault> {
        let columns: Vec<&str> = line.split(',').map(str::trim).collect();
        let [number, old, institution, bank, account, customer, merchants, starts, ends] =
            <[&str; COLUMNS]>::try_from(columns).map_err(|_| LineFault::Columns)?;
        let number = SgnNo::parse(number.as_bytes()).ok_or(LineFault::Number)?;
        let old = old_number(old, number)?;
        let agreement = Agreement {
            number,
            institution: names.index(institution, ParticipantKind::Institution).ok_or(LineFault::Institution)?,
            bank: names.index(bank, ParticipantKind::Bank).ok_or(LineFault::Bank)?,
            account: names.account(account)?,
            customer: names.customer(customer)?,
            state: State::Live,
            ended_by: EndedBy::Nobody,
            unacknowledged: Parties::NONE,
            shared: !merchants.is_empty(),
            changed_by: 0,
            version: 1,
            changed_at_s: (at_us / 1_000_000).try_into().unwrap_or(u32::MAX),
            starts_at_s: 0,
            ends_at_s: 0,
        };
        let sharing = sharing_of(merchants, number)?;
        let agreement = with_term(agreement, starts, ends)?;
        if agreement.standing(at_us) == Standing::Expired {
            return Err(LineFault::Expired);
        }
        Ok(Self { agreement, old: old.map(|old| Alias { old, number, version: 1 }), sharing })
    }
}

impl Names<'_> {
    /// The participant of this kind with this id.
    pub(crate) fn index(&self, id: &str, kind: ParticipantKind) -> Option<u16> {
        let id = InstitutionId::parse(id.as_bytes()).ok()?;
        self.participants.find(&id).filter(|participant| participant.kind == kind).map(|participant| participant.index)
    }

    /// The digest of an account column.
    pub(crate) fn account(&self, text: &str) -> Result<u64, LineFault> {
        match text.strip_prefix('#') {
            Some(hex) => digest_of(hex).ok_or(LineFault::Account),
            None if !text.is_empty() && text.len() <= IDENTITY_CHARS_MAX && is_digits(text) => Ok((self.digest)(text)),
            None => Err(LineFault::Account),
        }
    }

    /// The digest of a customer column; 0 for an empty one.
    pub(crate) fn customer(&self, text: &str) -> Result<u64, LineFault> {
        match text.strip_prefix('#') {
            Some(hex) => digest_of(hex).ok_or(LineFault::Customer),
            None if text.is_empty() => Ok(0),
            None if text.chars().count() <= IDENTITY_CHARS_MAX => Ok((self.digest)(text)),
            None => Err(LineFault::Customer),
        }
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digest_of(hex: &str) -> Option<u64> {
    let sound = hex.len() == 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(hex, 16).ok().filter(|digest| sound && *digest != 0)
}

fn old_number(text: &str, number: SgnNo) -> Result<Option<OldNo>, LineFault> {
    if text.is_empty() || text == number.as_str() {
        return Ok(None);
    }
    OldNo::parse(text.as_bytes()).map(Some).ok_or(LineFault::OldNumber)
}

fn sharing_of(text: &str, number: SgnNo) -> Result<Option<Sharing>, LineFault> {
    if text.is_empty() {
        return Ok(None);
    }
    let merchants: Option<Vec<_>> = text.split(';').map(|merchant| MerchantNo::parse(merchant.as_bytes())).collect();
    let merchants = merchants.filter(|merchants| merchants.len() <= MERCHANTS_MAX).ok_or(LineFault::Merchants)?;
    Ok(Some(Sharing { number, version: 1, merchants }))
}

fn with_term(agreement: Agreement, starts: &str, ends: &str) -> Result<Agreement, LineFault> {
    let day = |text: &str| match text {
        "" => Ok(None),
        text => Date::parse(text.as_bytes()).map(Some).map_err(|_| LineFault::Days),
    };
    let (starts, ends) = (day(starts)?, day(ends)?);
    if let (Some(starts), Some(ends)) = (starts, ends)
        && ends < starts
    {
        return Err(LineFault::Days);
    }
    let midnight = |date: Date| (date.days() as u64 * DAY_S).saturating_sub(BEIJING_OFFSET_S);
    let second = |at: u64| u32::try_from(BeijingTime::from_unix_secs(at).unix_secs()).unwrap_or(u32::MAX);
    Ok(Agreement {
        starts_at_s: starts.map_or(0, |date| second(midnight(date))),
        ends_at_s: ends.map_or(0, |date| second(midnight(date) + DAY_S)),
        ..agreement
    })
}
