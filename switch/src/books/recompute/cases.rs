//! The adjustments of a batch, read out of the images of cases by a reading of its own (`domain/register/image.rs`,
//! `domain/dispute/layout.rs`).

use std::collections::HashMap;

use super::reading::{Flow, flow_of};
use super::{Recomputed, closing, damage};
use crate::books::Progress;
use crate::books::extract::{Records, Walk};
use crate::domain::clearing::{BatchName, CellKey, ReserveAccount, ReserveSum, Side, Sum};
use crate::error::Error;

const KIND_CASE: u8 = 4;
const HEAD_BYTES: usize = 8;
/// Where the adjustments of a case begin, and how long one is.
const ADJUSTMENTS_AT: usize = 76;
const ADJUSTMENT_BYTES: usize = 30;
const MADE: u8 = 2;
const TO_PAYER: u8 = 1;
/// Number of the business that adjusts.
const ADJUSTMENT: u8 = 16;

/// In the byte of a case's business: no reserve account.
const BIT_NO_RESERVE: u8 = 128;

/// An adjustment that counts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Made {
    amount_fen: u64,
    institution: u16,
    /// Who is debited, who is credited.
    banks: [u16; 2],
    /// What it does to the reserve account: it is paid into what is credited, and out of what is debited.
    reserve: Option<Flow>,
}

/// Those of a batch, by their case and their place in it: all that the console makes of a case have one key.
type AllMade = HashMap<(u128, usize), Made>;

/// Memory: one entry for each adjustment of the hour.
pub(super) fn recompute(records: &Records, batch: BatchName, progress: &dyn Progress) -> Result<Recomputed, Error> {
    let mut sums = Recomputed { walks: 1, ..Recomputed::default() };
    let mut made = AllMade::new();
    records.walk(batch, progress, &mut |position, record| {
        sums.records += 1;
        if let Some(entry) = closing::entry_of(record, batch).map_err(|wrong| damage(position, wrong))? {
            sums.closed = Some(entry);
            return Ok(Walk::End);
        }
        take_images(images_of(record).map_err(|wrong| damage(position, wrong))?, batch, &mut made)
            .map_err(|wrong| damage(position, wrong))?;
        Ok(Walk::On)
    })?;
    sums.payments = made.len() as u64;
    for adjustment in made.values() {
        let parties = [
            (adjustment.institution, Side::Initiator),
            (adjustment.banks[0], Side::Debit),
            (adjustment.banks[1], Side::Credit),
        ];
        for (participant, side) in parties {
            let cell = CellKey { participant, side, business: ADJUSTMENT, status: 0 };
            sums.positions.add(cell, Sum { count: 1, amount_fen: adjustment.amount_fen });
        }
        let sum = Sum { count: 1, amount_fen: adjustment.amount_fen };
        let (bank, sum) = match adjustment.reserve {
            Some(Flow::In) => (adjustment.banks[1], ReserveSum { paid_in: sum, ..ReserveSum::default() }),
            Some(Flow::Out) => (adjustment.banks[0], ReserveSum { paid_out: sum, ..ReserveSum::default() }),
            None => continue,
        };
        sums.reserves.add(ReserveAccount { institution: adjustment.institution, bank }, sum);
    }
    Ok(sums)
}

/// The register images of a record of either version.
fn images_of(record: &[u8]) -> Result<&[u8], String> {
    let cut = || "a record ends within its images".to_owned();
    match record {
        [2, _, _, _, flags, ..] if flags & 2 != 0 => {
            let at = if flags & 1 != 0 { 312 } else { 168 };
            let length = u32_at(record, at).ok_or_else(cut)? as usize;
            record.get(at + 4..at + 4 + length).ok_or_else(cut)
        }
        [3, ..] => record.get(16..).ok_or_else(cut),
        _ => Ok(&[]),
    }
}

fn take_images(mut images: &[u8], batch: BatchName, made: &mut AllMade) -> Result<(), String> {
    while !images.is_empty() {
        let cut = || "a register image is cut".to_owned();
        let length = u32_at(images, 4).ok_or_else(cut)? as usize;
        let body = images.get(HEAD_BYTES..HEAD_BYTES + length).ok_or_else(cut)?;
        if images[1] == KIND_CASE {
            take_case(body, batch, made)?;
        }
        images = &images[HEAD_BYTES + length..];
    }
    Ok(())
}

fn take_case(case: &[u8], batch: BatchName, made: &mut AllMade) -> Result<(), String> {
    let (head, adjustments) = case.split_at_checked(ADJUSTMENTS_AT).ok_or_else(|| "a case is cut".to_owned())?;
    let index = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
    let (institution, payer, payee) = (index(52), index(54), index(56));
    let (adjustments, _) = adjustments.as_chunks::<ADJUSTMENT_BYTES>();
    let mut key = [0; 16];
    key.copy_from_slice(&head[..16]);
    let key = u128::from_le_bytes(key);
    let flow = match head[61] {
        // About a number, and no money.
        0 => None,
        business if business & BIT_NO_RESERVE != 0 => None,
        business => flow_of(business)?,
    };
    for (place, adjustment) in adjustments.iter().enumerate() {
        if adjustment[24..28] != batch.hour().as_u32().to_le_bytes() {
            continue;
        }
        let mut amount = [0; 8];
        amount.copy_from_slice(&adjustment[16..24]);
        let gives_back = adjustment[28] == TO_PAYER;
        let banks = if gives_back { [payee, payer] } else { [payer, payee] };
        let reserve = if gives_back { flow.map(Flow::reversed) } else { flow };
        let now = Made { amount_fen: u64::from_le_bytes(amount), institution, banks, reserve };
        let wrong = match (adjustment[29] == MADE, made.get(&(key, place))) {
            (true, None) => {
                made.insert((key, place), now);
                false
            }
            (true, Some(before)) => *before != now,
            (false, before) => before.is_some(),
        };
        if wrong {
            return Err(format!("an adjustment of {} changes after it was made", key % 10_u128.pow(31)));
        }
    }
    Ok(())
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}
