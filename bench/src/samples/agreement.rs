//! Agreements as the registers hold them after an import.

use clearway::domain::agreement::{Agreement, EndedBy, SgnNo, State};
use clearway::domain::transaction::Parties;

use super::START_US;
use crate::error::Error;

/// A live agreement of this number, of a customer and an account of its own (`whose`, not 0), between these two participants.
///
/// # Errors
/// What the wire would not take for a number.
pub fn agreement(number: &[u8], whose: u64, institution: u16, bank: u16) -> Result<Agreement, Error> {
    let number = SgnNo::parse(number).ok_or_else(|| Error::Unsuited("no number of an agreement".into()))?;
    Ok(Agreement {
        number,
        account: whose.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        customer: whose.wrapping_mul(0xD1B5_4A32_D192_ED03),
        institution,
        bank,
        state: State::Live,
        ended_by: EndedBy::Nobody,
        unacknowledged: Parties::NONE,
        shared: false,
        changed_by: 0,
        version: 1,
        changed_at_s: (START_US / 1_000_000) as u32,
        starts_at_s: 0,
        ends_at_s: 0,
    })
}
