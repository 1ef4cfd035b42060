//! Lines dealt out: the row of each is made once and copied to the sheets of its parties; full sheets go to the crew.
//!
//! ```text
//!  line --RowWriter--> row --copied--> sheet of the institution   --full--> crew
//!                             |------> sheet of bank 1
//!                             `------> sheet of bank 2
//! ```
//!
//! Invariant: where a sheet ends depends on its rows alone (its size, and [`rows_max`](super::form::FileForm)), never on threads.

use std::mem;

use clearway_codec::value::TrxStatus;

use crate::domain::business::Business;
use crate::domain::clearing::{BatchName, Side, Sum};
use crate::domain::statement::{Line, Names, RowWriter, Summary};
use crate::error::{Error, Fault};

/// A sheet is full at so many bytes: what the compressor takes at once. More packs no better and falls out of the cache.
pub(super) const SHEET_BYTES: usize = 64 * 1024;
/// Room beyond that, so that the row that fills a sheet does not move it.
const ROW_BYTES: usize = 2 * 1024;

/// Rows of one participant that go to its file in one piece.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) text: Vec<u8>,
    /// Rows in it, and their amounts together.
    pub(super) rows: Sum,
    /// Whether the file ends behind it.
    pub(super) is_last: bool,
}

/// Takes full sheets, by participant index.
pub(super) trait Take {
    /// Takes one; the text given back is empty and may have room.
    fn take(&self, participant: u16, sheet: Sheet) -> Result<Vec<u8>, Error>;
}

/// What one participant has so far.
#[derive(Default)]
struct Hand {
    sheet: Sheet,
    /// Rows in the file that is open, those of the sheet included.
    file_rows: u64,
    /// By side, business and status.
    sums: Vec<Sum>,
}

const STATUSES: [TrxStatus; 5] = [
    TrxStatus::Success,
    TrxStatus::Failure,
    TrxStatus::InProcess,
    TrxStatus::PresumedSuccess,
    TrxStatus::PresumedFailure,
];
const BUSINESSES: usize = 32;
const SUMS: usize = Side::ALL.len() * BUSINESSES * STATUSES.len();

/// Deals the lines of one batch.
pub(super) struct Dealer<'c> {
    batch: BatchName,
    names: &'c Names,
    rows: RowWriter<'c>,
    rows_max: u64,
    hands: Vec<Hand>,
    crew: &'c dyn Take,
    pub(super) lines: u64,
    pub(super) text_bytes: u64,
}

impl<'c> Dealer<'c> {
    /// Nothing has been dealt.
    pub(super) fn new(batch: BatchName, names: &'c Names, rows_max: u64, crew: &'c dyn Take) -> Self {
        let hands = (0..names.len()).map(|_| Hand::default()).collect();
        Self { batch, names, rows: RowWriter::new(names), rows_max, hands, crew, lines: 0, text_bytes: 0 }
    }

    /// Deals one line. A party that is no participant has no file.
    ///
    /// # Errors
    /// A line of another batch; what writing has failed with.
    pub(super) fn deal(&mut self, line: &Line<'_>) -> Result<(), Error> {
        if line.batch != self.batch {
            let what = format!("a line of {} among those of {}", line.batch, self.batch);
            return Err(Error::new(Fault::Data, what).at(format!("transaction {:031}", line.trx_id)));
        }
        self.lines += 1;
        let row = self.rows.write(line);
        for (participant, side) in line.parties() {
            if self.names.id(participant).is_none() {
                continue;
            }
            let Some(hand) = self.hands.get_mut(usize::from(participant)) else { continue };
            let before = hand.sheet.text.len();
            row.push_to(side, &mut hand.sheet.text);
            self.text_bytes += (hand.sheet.text.len() - before) as u64;
            hand.count(line, side);
            let is_last = hand.file_rows == self.rows_max;
            if is_last || hand.sheet.text.len() >= SHEET_BYTES {
                hand.hand_over(participant, is_last, self.crew)?;
            }
        }
        Ok(())
    }

    /// Ends all files that are open; the sums of every participant, by index.
    ///
    /// # Errors
    /// What writing has failed with.
    pub(super) fn finish(mut self) -> Result<Vec<Summary>, Error> {
        for (participant, hand) in (0_u16..).zip(&mut self.hands) {
            if hand.file_rows > 0 {
                hand.hand_over(participant, true, self.crew)?;
            }
        }
        Ok(self.hands.iter().map(|hand| hand.summary(self.batch)).collect())
    }
}

impl Hand {
    fn count(&mut self, line: &Line<'_>, side: Side) {
        let row = Sum { count: 1, amount_fen: line.amount_fen };
        self.file_rows += 1;
        self.sheet.rows = self.sheet.rows.plus(row);
        if self.sums.is_empty() {
            self.sums.resize(SUMS, Sum::default());
        }
        let place = sum_place(side, line.business, line.status);
        self.sums[place] = self.sums[place].plus(row);
    }

    fn hand_over(&mut self, participant: u16, is_last: bool, crew: &dyn Take) -> Result<(), Error> {
        let mut sheet = mem::take(&mut self.sheet);
        sheet.is_last = is_last;
        if is_last {
            self.file_rows = 0;
        }
        self.sheet.text = crew.take(participant, sheet)?;
        self.sheet.text.reserve(SHEET_BYTES + ROW_BYTES);
        Ok(())
    }

    fn summary(&self, batch: BatchName) -> Summary {
        let mut summary = Summary::new(batch);
        for (place, sum) in self.sums.iter().enumerate().filter(|(_, sum)| sum.count > 0) {
            let side = Side::ALL[place / (BUSINESSES * STATUSES.len())];
            let business = place / STATUSES.len() % BUSINESSES;
            if let Some(business) = Business::from_code(business as u8) {
                summary.add(side, business, STATUSES[place % STATUSES.len()], *sum);
            }
        }
        summary
    }
}

fn sum_place(side: Side, business: Business, status: TrxStatus) -> usize {
    let status = STATUSES.iter().position(|one| *one == status).unwrap_or_default();
    (side as usize * BUSINESSES + usize::from(business.code())) * STATUSES.len() + status
}

// Every business has a place.
const _: () = assert!((Business::DisputeAdjustment as usize) < BUSINESSES);
