//! The bytes of a case, in records and snapshots.
//!
//! ```text
//!  little-endian
//!   0 trx_key u128   16 amount_fen u64   24 opened_at_us u64   32 changed_at_us u64   40 code [8]
//!  48 version u32    52 institution u16  54 bank1 u16   56 bank2 u16
//!  58 reasons   59 state   60 status   61 business, + 128 without a reserve account   62 direction asked (0 none)
//!  63 number of adjustments
//!  64 amount asked u64   72 by u16   74 of u16
//!   . per adjustment: trx_key u128, amount_fen u64, batch u32, direction, state
//! ```
//!
//! Invariant: whatever bytes come in, what comes out is sound, or [`Corrupt`] is returned.

use clearway_codec::value::TrxStatus;

use super::adjustment::{Adjustment, AdjustmentState, Direction};
use super::case::{ADJUSTMENTS_MAX, Case, CaseState, Request};
use super::opening::Reasons;
use crate::domain::field_reader::FieldReader;
use crate::domain::transaction::Corrupt;
use clearway_codec::value::DisputeBatchId;

/// In the byte of the business: none of its legs is booked on a reserve account.
const NO_RESERVE: u8 = 128;

impl Case {
    /// Appends its bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let (direction, request) = match &self.asked {
            Some(request) => (request.direction as u8, *request),
            None => (0, Request { direction: Direction::ToPayer, amount_fen: 0, by: 0, of: 0 }),
        };
        out.extend_from_slice(&self.trx_key.to_le_bytes());
        out.extend_from_slice(&self.amount_fen.to_le_bytes());
        out.extend_from_slice(&self.opened_at_us.to_le_bytes());
        out.extend_from_slice(&self.changed_at_us.to_le_bytes());
        out.extend_from_slice(&self.code);
        out.extend_from_slice(&self.version.to_le_bytes());
        out.extend_from_slice(&self.institution.to_le_bytes());
        out.extend_from_slice(&self.banks[0].to_le_bytes());
        out.extend_from_slice(&self.banks[1].to_le_bytes());
        let count = self.adjustments.len().min(ADJUSTMENTS_MAX);
        let status = self.status as u8;
        let business = self.business | if self.has_reserve { 0 } else { NO_RESERVE };
        out.extend_from_slice(&[self.reasons.bits(), self.state as u8, status, business, direction, count as u8]);
        out.extend_from_slice(&request.amount_fen.to_le_bytes());
        out.extend_from_slice(&request.by.to_le_bytes());
        out.extend_from_slice(&request.of.to_le_bytes());
        for adjustment in self.adjustments.iter().take(count) {
            out.extend_from_slice(&adjustment.trx_key.to_le_bytes());
            out.extend_from_slice(&adjustment.amount_fen.to_le_bytes());
            out.extend_from_slice(&adjustment.batch.as_u32().to_le_bytes());
            out.extend_from_slice(&[adjustment.direction as u8, adjustment.state as u8]);
        }
    }

    /// The case of all these bytes.
    ///
    /// # Errors
    /// [`Corrupt`] when a field cannot be, or fields contradict each other.
    pub fn decode(bytes: &[u8]) -> Result<Self, Corrupt> {
        const WHAT: &str = "case";
        let mut rest = FieldReader::new(bytes);
        let (trx_key, amount_fen) = (rest.u128(WHAT)?, rest.u64(WHAT)?);
        let (opened_at_us, changed_at_us, code) = (rest.u64(WHAT)?, rest.u64(WHAT)?, rest.array(WHAT)?);
        let (version, institution) = (rest.u32(WHAT)?, rest.u16(WHAT)?);
        let banks = [rest.u16(WHAT)?, rest.u16(WHAT)?];
        let [reasons, state, status, business, direction, count] = rest.array(WHAT)?;
        let request = (rest.u64(WHAT)?, rest.u16(WHAT)?, rest.u16(WHAT)?);
        let case = Self {
            trx_key,
            reasons: Reasons::from_bits(reasons).ok_or(Corrupt("case reasons"))?,
            state: CaseState::from_code(state).ok_or(Corrupt("case state"))?,
            status: TrxStatus::ALL.get(usize::from(status)).copied().ok_or(Corrupt("case status"))?,
            business: business & !NO_RESERVE,
            has_reserve: business & NO_RESERVE == 0,
            amount_fen,
            institution,
            banks,
            code,
            asked: asked_of(direction, request)?,
            opened_at_us,
            changed_at_us,
            version,
            adjustments: (0..count).map(|_| adjustment_of(&mut rest)).collect::<Result<_, _>>()?,
        };
        rest.end("case length")?;
        if !case.is_sound() {
            return Err(Corrupt("case fields"));
        }
        Ok(case)
    }

    fn is_sound(&self) -> bool {
        let asked_fits = self.asked.is_some() || self.state == CaseState::Open || self.state == CaseState::Adjusted;
        self.version > 0
            && self.adjustments.len() <= ADJUSTMENTS_MAX
            && asked_fits
            && self.moved_fen() <= self.amount_fen
    }
}

fn asked_of(direction: u8, (amount_fen, by, of): (u64, u16, u16)) -> Result<Option<Request>, Corrupt> {
    match (direction, amount_fen, by, of) {
        (0, 0, 0, 0) => Ok(None),
        (code, ..) => {
            let direction = Direction::from_code(code).ok_or(Corrupt("case request"))?;
            Ok(Some(Request { direction, amount_fen, by, of }))
        }
    }
}

fn adjustment_of(rest: &mut FieldReader<'_>) -> Result<Adjustment, Corrupt> {
    const WHAT: &str = "adjustment";
    let (trx_key, amount_fen, batch) = (rest.u128(WHAT)?, rest.u64(WHAT)?, rest.u32(WHAT)?);
    let [direction, state] = rest.array(WHAT)?;
    Ok(Adjustment {
        trx_key,
        amount_fen,
        batch: DisputeBatchId::from_u32(batch).ok_or(Corrupt("adjustment batch"))?,
        direction: Direction::from_code(direction).ok_or(Corrupt("adjustment direction"))?,
        state: AdjustmentState::from_code(state).ok_or(Corrupt("adjustment state"))?,
    })
}
