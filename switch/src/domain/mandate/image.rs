//! One mandate, and its fixed bytes in records and snapshots.
//!
//! ```text
//!  little-endian
//!   0 number [34]   34 merchant [34]   68 institution u16   70 bank u16
//!  72 state   73 flags: bits 0-1 ended by, 2-4 unacknowledged parties, 5 bank asks for its end
//!  74 unit    75 zero   76 step u16   78 frequency u16
//!  80 limit_fen u64   88 account u64   96 customer u64   104 changed_by u128
//! 120 version u32   124 changed_at_s u32   128 starts_at_s u32   132 ends_at_s u32   136 period u32   140 used u16
//! ```
//!
//! Invariant: whatever bytes come in, what comes out is sound, or [`Corrupt`] is returned.

use super::period::PeriodUnit;
use super::terms::Terms;
use crate::domain::agreement::{EndedBy, MerchantNo, SgnNo, Standing, State};
use crate::domain::field_reader::FieldReader;
use crate::domain::transaction::{Corrupt, Parties, Party};

/// Size of one mandate on disk.
pub const MANDATE_BYTES: usize = 142;

const FLAG_BANK_ASKS: u8 = 1 << 5;

/// One mandate as it is after its latest change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// The bank's number of it: the key.
    pub number: SgnNo,
    /// What it allows.
    pub terms: Terms,
    /// Keyed digest of the account number; 0 when not known.
    pub account: u64,
    /// Keyed digest of the customer's identity; 0 when not known.
    pub customer: u64,
    /// Participant index of the institution.
    pub institution: u16,
    /// Participant index of the account's bank.
    pub bank: u16,
    /// What is recorded of it.
    pub state: State,
    /// Who ended it.
    pub ended_by: EndedBy,
    /// The ends that have not acknowledged its last change.
    pub unacknowledged: Parties,
    /// The bank has asked to end it, and the institution has not answered yet.
    pub bank_asks: bool,
    /// Period that `used` belongs to.
    pub period: u32,
    /// Payments of that period, running ones included.
    pub used: u16,
    /// Key of the transaction that changed it last.
    pub changed_by: u128,
    /// Number of changes, 1 for the first image.
    pub version: u32,
    /// When it was changed last, seconds since 1970.
    pub changed_at_s: u32,
}

impl Mandate {
    /// What it is good for at `at_us`.
    pub const fn standing(&self, at_us: u64) -> Standing {
        Standing::of(self.state, self.terms.starts_at_s, self.terms.ends_at_s, at_us)
    }

    /// The period that a payment accepted at `accepted_at_us` counts into; `None` before the term. When another payment has
    /// opened the next period a moment ago, it is that one: a period that is over takes nothing more.
    pub fn period_of_use(&self, accepted_at_us: u64) -> Option<u32> {
        self.terms.period_at(accepted_at_us).map(|period| period.max(self.period))
    }

    /// Payments of `period` so far.
    pub const fn used_in(&self, period: u32) -> u16 {
        if self.period == period { self.used } else { 0 }
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; MANDATE_BYTES] {
        let mut bytes = [0; MANDATE_BYTES];
        let mut at = 0;
        let mut put = |part: &[u8]| {
            bytes[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        };
        let asks = if self.bank_asks { FLAG_BANK_ASKS } else { 0 };
        put(self.number.to_bytes());
        put(self.terms.merchant.to_bytes());
        put(&self.institution.to_le_bytes());
        put(&self.bank.to_le_bytes());
        put(&[self.state as u8, self.ended_by as u8 | self.unacknowledged.bits() << 2 | asks]);
        put(&[self.terms.unit as u8, 0]);
        put(&self.terms.step.to_le_bytes());
        put(&self.terms.frequency.to_le_bytes());
        put(&self.terms.limit_fen.to_le_bytes());
        put(&self.account.to_le_bytes());
        put(&self.customer.to_le_bytes());
        put(&self.changed_by.to_le_bytes());
        put(&self.version.to_le_bytes());
        put(&self.changed_at_s.to_le_bytes());
        put(&self.terms.starts_at_s.to_le_bytes());
        put(&self.terms.ends_at_s.to_le_bytes());
        put(&self.period.to_le_bytes());
        put(&self.used.to_le_bytes());
        bytes
    }

    /// The mandate of these bytes.
    ///
    /// # Errors
    /// [`Corrupt`] when a field cannot be, or fields contradict each other.
    pub fn from_bytes(bytes: &[u8; MANDATE_BYTES]) -> Result<Self, Corrupt> {
        const WHAT: &str = "mandate";
        let mut rest = FieldReader::new(bytes);
        let number = SgnNo::from_bytes(&rest.array(WHAT)?).ok_or(Corrupt("mandate number"))?;
        let merchant = MerchantNo::from_bytes(&rest.array(WHAT)?).ok_or(Corrupt("mandate merchant"))?;
        let (institution, bank) = (rest.u16(WHAT)?, rest.u16(WHAT)?);
        let state = State::from_code(rest.byte(WHAT)?).ok_or(Corrupt("mandate state"))?;
        let flags = rest.byte(WHAT)?;
        let unit = PeriodUnit::from_code(rest.byte(WHAT)?).ok_or(Corrupt("mandate unit"))?;
        let zero = rest.byte(WHAT)?;
        let (step, frequency, limit_fen) = (rest.u16(WHAT)?, rest.u16(WHAT)?, rest.u64(WHAT)?);
        let (account, customer, changed_by) = (rest.u64(WHAT)?, rest.u64(WHAT)?, rest.u128(WHAT)?);
        let (version, changed_at_s) = (rest.u32(WHAT)?, rest.u32(WHAT)?);
        let (starts_at_s, ends_at_s) = (rest.u32(WHAT)?, rest.u32(WHAT)?);
        let mandate = Self {
            number,
            terms: Terms { merchant, limit_fen, starts_at_s, ends_at_s, unit, step, frequency },
            account,
            customer,
            institution,
            bank,
            state,
            ended_by: EndedBy::from_code(flags & 3).ok_or(Corrupt("mandate ended by"))?,
            unacknowledged: Parties::from_bits(flags >> 2 & 7).ok_or(Corrupt("mandate parties"))?,
            bank_asks: flags & FLAG_BANK_ASKS != 0,
            period: rest.u32(WHAT)?,
            used: rest.u16(WHAT)?,
            changed_by,
            version,
            changed_at_s,
        };
        if zero != 0 || flags >> 6 != 0 || !mandate.is_sound() {
            return Err(Corrupt("mandate fields"));
        }
        Ok(mandate)
    }

    fn is_sound(&self) -> bool {
        let ended_fits = (self.state == State::Ended) == (self.ended_by != EndedBy::Nobody);
        let asks_fit = !self.bank_asks || self.state == State::Live;
        let used_fits = self.used <= self.terms.payments_per_period();
        ended_fits
            && asks_fit
            && used_fits
            && self.version > 0
            && self.terms.check().is_ok()
            && !self.unacknowledged.contains(Party::Bank2)
    }
}
