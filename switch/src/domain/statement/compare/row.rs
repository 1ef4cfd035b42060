//! A row of a detail file as far as it is compared: 24 bytes that sort by transaction and side.
//!
//! ```text
//!  key    high u64, low u64: TrxId << 3 | adjustment << 2 | side
//!  value  u64: fen << 3 | status
//! ```

use clearway_codec::limits::AMOUNT_FEN_MAX;
use clearway_codec::value::{Amount, TrxId, TrxStatus};

use super::super::{COLUMNS, Line, TRAILER, Trailer};
use crate::domain::clearing::{BatchName, Side};

/// The columns that are looked at.
const TRX_ID: usize = 0;
const BATCH: usize = 1;
const STATUS: usize = 4;
const AMOUNT: usize = 5;
const SIDE: usize = 9;

const SIDE_BITS: u128 = 0b11;
const ADJUSTMENT: u128 = 0b100;
const KEY_SHIFT: u32 = 3;
const STATUS_BITS: u64 = 0b111;
const VALUE_SHIFT: u32 = 3;
const _: () = assert!(AMOUNT_FEN_MAX < 1 << (64 - VALUE_SHIFT));

/// One row. In the order of transactions, then sides, then amounts and statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComparedRow {
    key: [u64; 2],
    value: u64,
}

impl ComparedRow {
    /// Bytes of [`ComparedRow::to_bytes`].
    pub const BYTES: usize = 24;

    /// The row of this transaction, as a number below 10^31, with an amount of at most `AMOUNT_FEN_MAX`.
    #[must_use]
    pub const fn new(trx_id: u128, is_adjustment: bool, side: Side, status: TrxStatus, amount_fen: u64) -> Self {
        let key = trx_id << KEY_SHIFT | if is_adjustment { ADJUSTMENT } else { 0 } | side as u128;
        Self { key: [(key >> 64) as u64, key as u64], value: amount_fen << VALUE_SHIFT | status as u64 }
    }

    /// Our own row of a line, on this side.
    #[must_use]
    pub const fn of(line: &Line<'_>, side: Side) -> Self {
        Self::new(line.trx_id, line.batch.is_of_disputes(), side, line.status, line.amount_fen)
    }

    /// TrxId as a number.
    #[must_use]
    pub const fn trx_id(self) -> u128 {
        self.whole_key() >> KEY_SHIFT
    }

    /// Whether it is an adjustment of that transaction, and not the transaction.
    #[must_use]
    pub const fn is_adjustment(self) -> bool {
        self.whole_key() & ADJUSTMENT != 0
    }

    /// The side.
    #[must_use]
    pub const fn side(self) -> Side {
        match self.whole_key() & SIDE_BITS {
            0 => Side::Initiator,
            1 => Side::Debit,
            _ => Side::Credit,
        }
    }

    /// Fen.
    #[must_use]
    pub const fn amount_fen(self) -> u64 {
        self.value >> VALUE_SHIFT
    }

    /// The status.
    #[must_use]
    pub const fn status(self) -> TrxStatus {
        match self.value & STATUS_BITS {
            number @ 0..=3 => TrxStatus::ALL[number as usize],
            _ => TrxStatus::PresumedFailure,
        }
    }

    /// A number below `parts` that is the same for all rows of a transaction, and spreads transactions evenly.
    #[must_use]
    pub const fn part(self, parts: usize) -> usize {
        let id = self.trx_id();
        let folded = (id as u64 ^ ((id >> 64) as u64).rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((folded >> 32) as usize) % parts
    }

    /// For a file of ours.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let words = [self.key[0], self.key[1], self.value];
        bytes.as_chunks_mut::<8>().0.iter_mut().zip(words).for_each(|(place, word)| *place = word.to_le_bytes());
        bytes
    }

    /// From a file of ours.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let mut words = [0; 3];
        words.iter_mut().zip(bytes.as_chunks::<8>().0).for_each(|(word, place)| *word = u64::from_le_bytes(*place));
        Self { key: [words[0], words[1]], value: words[2] }
    }

    /// Transaction and side: what rows are matched by.
    pub(super) const fn key(self) -> [u64; 2] {
        self.key
    }

    const fn whole_key(self) -> u128 {
        (self.key[0] as u128) << 64 | self.key[1] as u128
    }
}

/// What a line of a detail file is to a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// A row of the batch.
    Row(ComparedRow),
    /// A row of another batch: passed over.
    OtherBatch,
    /// The last line: so many rows stand before it.
    Trailer(u64),
    /// No row: what a participant puts around its rows.
    Frame,
}

/// Why a line cannot be taken for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// Its number of columns.
    #[error("{0} columns where 18 belong")]
    Columns(usize),
    /// TrxId.
    #[error("TrxId is not 31 digits that begin with a date")]
    TrxId,
    /// BatchId.
    #[error("BatchId is none")]
    Batch,
    /// TrxStatus.
    #[error("TrxStatus is not 00, 01, 03 or 04")]
    Status,
    /// TrxAmt.
    #[error("TrxAmt is neither fen nor CNY, yuan, a point and two digits")]
    Amount,
    /// RPFlg.
    #[error("RPFlg is not empty, 1 or 2")]
    Side,
}

/// Reads a line without its end. What does not begin with a digit is no row. A file may lack the trailer of the statements.
///
/// # Errors
/// What the first column that is wrong should be.
pub fn parse_row(line: &[u8], batch: BatchName) -> Result<Parsed, RowFault> {
    if !line.first().is_some_and(u8::is_ascii_digit) {
        let trailer = if line.starts_with(TRAILER.as_bytes()) { Trailer::parse(line) } else { None };
        return Ok(trailer.map_or(Parsed::Frame, |trailer| Parsed::Trailer(trailer.count)));
    }
    let mut columns: [&[u8]; COLUMNS.len()] = [b""; COLUMNS.len()];
    let mut count = 0;
    for column in line.split(|byte| *byte == b'|') {
        if let Some(place) = columns.get_mut(count) {
            *place = column;
        }
        count += 1;
    }
    if count != COLUMNS.len() {
        return Err(RowFault::Columns(count));
    }
    let trx_id = TrxId::parse(columns[TRX_ID]).map_err(|_| RowFault::TrxId)?;
    let text = std::str::from_utf8(columns[BATCH]).map_err(|_| RowFault::Batch)?;
    let named: BatchName = text.parse().map_err(|_| RowFault::Batch)?;
    let status = TrxStatus::parse(columns[STATUS]).ok().filter(|status| status.is_final()).ok_or(RowFault::Status)?;
    let amount = parse_amount(columns[AMOUNT]).ok_or(RowFault::Amount)?;
    let side = Side::from_flag(columns[SIDE]).ok_or(RowFault::Side)?;
    if named != batch {
        return Ok(Parsed::OtherBatch);
    }
    Ok(Parsed::Row(ComparedRow::new(trx_id.as_u128(), batch.is_of_disputes(), side, status, amount.fen())))
}

/// Fen, as in the statements; yuan with CNY, as on the wire, are taken too: a participant may have kept them.
fn parse_amount(text: &[u8]) -> Option<Amount> {
    if !text.first().is_some_and(u8::is_ascii_digit) {
        return Amount::parse(text).ok();
    }
    let digits = std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    Amount::from_fen(digits.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "2026112010090766339761990770101|B202611200011|0110|110001|03|CNY1283.85|C1030844001362|Z2004944000010|C1010211000012|2|A1|A2||EPTEN1|2026-11-20T10:00:00|2026-11-20T10:00:01|00000000|00000000";

    fn batch() -> BatchName {
        "B202611200011".parse().expect("a batch")
    }

    #[test]
    fn a_row_keeps_what_is_compared() {
        let Ok(Parsed::Row(row)) = parse_row(LINE.as_bytes(), batch()) else { panic!("a row") };
        assert_eq!(row.trx_id(), 2_026_112_010_090_766_339_761_990_770_101);
        assert_eq!((row.side(), row.status()), (Side::Credit, TrxStatus::PresumedSuccess));
        assert_eq!((row.amount_fen(), row.is_adjustment()), (128_385, false));
        assert_eq!(ComparedRow::from_bytes(&row.to_bytes()), row);
        assert!(row.part(7) < 7);
        assert_eq!(parse_row(LINE.replace("CNY1283.85", "128385").as_bytes(), batch()), Ok(Parsed::Row(row)));
    }

    #[test]
    fn what_is_no_row_of_the_batch_is_told_apart_from_what_is_wrong() {
        let parse = |line: &str| parse_row(line.as_bytes(), batch());
        assert_eq!(parse("END|3|17|sha256:00"), Ok(Parsed::Trailer(3)));
        assert_eq!(parse("TrxId|BatchId"), Ok(Parsed::Frame));
        assert_eq!(parse(""), Ok(Parsed::Frame));
        assert_eq!(parse(&LINE.replace("0011|", "0012|")), Ok(Parsed::OtherBatch));
        for (from, to, fault) in [
            ("|00000000|00000000", "|00000000", RowFault::Columns(17)),
            ("|00000000|00000000", "|00000000||", RowFault::Columns(19)),
            ("20261120", "2026112", RowFault::TrxId),
            ("B2026", "E2026", RowFault::Batch),
            ("|03|", "|02|", RowFault::Status),
            ("CNY1283.85", "1283.85", RowFault::Amount),
            ("CNY1283.85", "0", RowFault::Amount),
            ("CNY1283.85", "", RowFault::Amount),
            ("CNY1283.85", "99999999999999999999", RowFault::Amount),
            ("|2|A1", "|3|A1", RowFault::Side),
        ] {
            assert_eq!(parse(&LINE.replacen(from, to, 1)), Err(fault), "{to}");
        }
    }

    #[test]
    fn every_status_side_and_kind_stays_apart() {
        let statuses = [TrxStatus::Success, TrxStatus::Failure, TrxStatus::PresumedSuccess, TrxStatus::PresumedFailure];
        for status in statuses {
            for side in Side::ALL {
                for is_adjustment in [false, true] {
                    let row = ComparedRow::new(7, is_adjustment, side, status, AMOUNT_FEN_MAX);
                    assert_eq!((row.trx_id(), row.amount_fen()), (7, AMOUNT_FEN_MAX));
                    assert_eq!((row.side(), row.status(), row.is_adjustment()), (side, status, is_adjustment));
                }
            }
        }
    }
}
