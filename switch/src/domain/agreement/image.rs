//! One agreement, and its fixed bytes in records, snapshots and memory.
//!
//! ```text
//!  little-endian
//!   0 number [34], zeros behind      34 institution u16      36 bank u16
//!  38 state    39 flags: bits 0-1 ended by, 2-4 unacknowledged parties, 5 shared
//!  40 account u64   48 customer u64   56 changed_by u128
//!  72 version u32   76 changed_at_s u32   80 starts_at_s u32   84 ends_at_s u32
//! ```
//!
//! Invariant: whatever bytes come in, what comes out is sound, or [`Corrupt`] is returned. The registers keep these very
//! bytes, so that 5 million agreements need no padding.

use super::number::{SGN_NO_CHARS_MAX, SgnNo};
use super::state::{EndedBy, Standing, State};
use crate::domain::field_reader::FieldReader;
use crate::domain::transaction::{Corrupt, Parties, Party};

/// Size of one agreement.
pub const AGREEMENT_BYTES: usize = 88;

const FLAG_SHARED: u8 = 1 << 5;

/// One agreement as it is after its latest change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The bank's number of it: the key.
    pub number: SgnNo,
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
    /// The ends that have not acknowledged its last change: the institution, or the bank (as [`Party::Bank1`]).
    pub unacknowledged: Parties,
    /// Whether only the merchants of its [`Sharing`](super::Sharing) may use it; otherwise any of the institution may.
    pub shared: bool,
    /// Key of the transaction that changed it last; 0 for the import.
    pub changed_by: u128,
    /// Number of changes, 1 for the first image.
    pub version: u32,
    /// When it was changed last, seconds since 1970.
    pub changed_at_s: u32,
    /// Its term begins here, seconds since 1970; 0 = from the beginning.
    pub starts_at_s: u32,
    /// Its term ends before this second since 1970; 0 = never.
    pub ends_at_s: u32,
}

impl Agreement {
    /// What it is good for at `at_us`.
    pub const fn standing(&self, at_us: u64) -> Standing {
        Standing::of(self.state, self.starts_at_s, self.ends_at_s, at_us)
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> [u8; AGREEMENT_BYTES] {
        let mut bytes = [0; AGREEMENT_BYTES];
        let shared = if self.shared { FLAG_SHARED } else { 0 };
        bytes[..SGN_NO_CHARS_MAX].copy_from_slice(self.number.to_bytes());
        bytes[34..36].copy_from_slice(&self.institution.to_le_bytes());
        bytes[36..38].copy_from_slice(&self.bank.to_le_bytes());
        bytes[38] = self.state as u8;
        bytes[39] = self.ended_by as u8 | self.unacknowledged.bits() << 2 | shared;
        bytes[40..48].copy_from_slice(&self.account.to_le_bytes());
        bytes[48..56].copy_from_slice(&self.customer.to_le_bytes());
        bytes[56..72].copy_from_slice(&self.changed_by.to_le_bytes());
        bytes[72..76].copy_from_slice(&self.version.to_le_bytes());
        bytes[76..80].copy_from_slice(&self.changed_at_s.to_le_bytes());
        bytes[80..84].copy_from_slice(&self.starts_at_s.to_le_bytes());
        bytes[84..].copy_from_slice(&self.ends_at_s.to_le_bytes());
        bytes
    }

    /// The agreement of these bytes.
    ///
    /// # Errors
    /// [`Corrupt`] when a field cannot be, or fields contradict each other.
    pub fn from_bytes(bytes: &[u8; AGREEMENT_BYTES]) -> Result<Self, Corrupt> {
        const WHAT: &str = "agreement";
        let mut rest = FieldReader::new(bytes);
        let number = SgnNo::from_bytes(&rest.array(WHAT)?).ok_or(Corrupt("agreement number"))?;
        let (institution, bank) = (rest.u16(WHAT)?, rest.u16(WHAT)?);
        let state = State::from_code(rest.byte(WHAT)?).ok_or(Corrupt("agreement state"))?;
        let flags = rest.byte(WHAT)?;
        let agreement = Self {
            number,
            institution,
            bank,
            state,
            ended_by: EndedBy::from_code(flags & 3).ok_or(Corrupt("agreement ended by"))?,
            unacknowledged: acknowledging(flags >> 2 & 7).ok_or(Corrupt("agreement parties"))?,
            shared: flags & FLAG_SHARED != 0,
            account: rest.u64(WHAT)?,
            customer: rest.u64(WHAT)?,
            changed_by: rest.u128(WHAT)?,
            version: rest.u32(WHAT)?,
            changed_at_s: rest.u32(WHAT)?,
            starts_at_s: rest.u32(WHAT)?,
            ends_at_s: rest.u32(WHAT)?,
        };
        let ended_fits = (state == State::Ended) == (agreement.ended_by != EndedBy::Nobody);
        if flags >> 6 != 0 || !ended_fits || agreement.version == 0 {
            return Err(Corrupt("agreement fields"));
        }
        Ok(agreement)
    }
}

/// The parties of these bits; an agreement has one bank only.
fn acknowledging(bits: u8) -> Option<Parties> {
    Parties::from_bits(bits).filter(|parties| !parties.contains(Party::Bank2))
}
