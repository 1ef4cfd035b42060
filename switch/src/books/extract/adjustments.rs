//! The lines of a batch of adjustments, out of the images of cases.

use std::collections::HashSet;

use clearway_codec::value::TrxStatus;

use crate::domain::business::{Business, KEY_TAG};
use crate::domain::clearing::BatchName;
use crate::domain::dispute::{Adjustment, AdjustmentState, Case, Direction};
use crate::domain::record::Entry;
use crate::domain::register::Image;
use crate::domain::statement::{Line, Particulars};
use crate::error::{Error, Fault};

/// Which adjustments of a batch have been shown: one key each, bounded by the adjustments of an hour.
pub(super) struct Adjustments {
    batch: BatchName,
    shown: HashSet<u128>,
}

impl Adjustments {
    pub(super) fn of(batch: BatchName) -> Self {
        Self { batch, shown: HashSet::new() }
    }

    /// Shows what the cases in this record have made of the batch, for the first time.
    pub(super) fn take(
        &mut self,
        record: &[u8],
        each: &mut dyn FnMut(&Line<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let corrupt = |corrupt| Error::new(Fault::Data, "a record of the journal cannot be read").caused_by(corrupt);
        let mut images = Entry::decode(record).map_err(corrupt)?.images();
        while !images.is_empty() {
            let (image, bytes) = Image::decode(images).map_err(corrupt)?;
            images = images.get(bytes..).unwrap_or_default();
            let Some(case) = image.case() else { continue };
            for adjustment in &case.adjustments {
                if self.counts(adjustment) && self.shown.insert(adjustment.trx_key) {
                    each(&line_of(case, adjustment, self.batch))?;
                }
            }
        }
        Ok(())
    }

    fn counts(&self, adjustment: &Adjustment) -> bool {
        adjustment.state == AdjustmentState::Made && self.batch.dispute_batch() == Some(adjustment.batch)
    }
}

/// The line of an adjustment as the record that makes it final shows it.
fn line_of(case: &Case, adjustment: &Adjustment, batch: BatchName) -> Line<'static> {
    let [payer, payee] = case.banks;
    let banks = match adjustment.direction {
        Direction::ToPayer => [payee, payer],
        Direction::ToPayee => [payer, payee],
    };
    Line {
        trx_id: adjustment.trx_key % KEY_TAG,
        batch,
        business: Business::DisputeAdjustment,
        status: TrxStatus::Success,
        amount_fen: adjustment.amount_fen,
        institution: case.institution,
        banks,
        original: case.trx_key % KEY_TAG,
        accepted_at_us: case.changed_at_us,
        finished_at_us: case.changed_at_us,
        code: *b"00000000",
        has_reserve: false,
        particulars: Particulars::default(),
    }
}
