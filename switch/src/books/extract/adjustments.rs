//! The lines of a batch of adjustments, out of the images of cases.

use std::collections::HashSet;

use crate::domain::clearing::{Adjusted, BatchName};
use crate::domain::dispute::DisputeBatchId;
use crate::domain::record::Entry;
use crate::domain::register::Image;
use crate::domain::statement::Line;
use crate::error::{Error, Fault};

/// Which adjustments of a batch have been shown, by their case and their place in it: all that the console makes of a case have one key.
/// Bounded by the adjustments of an hour.
pub(super) struct Adjustments {
    batch: DisputeBatchId,
    shown: HashSet<(u128, usize)>,
}

impl Adjustments {
    /// None for a batch of payments.
    pub(super) fn of(batch: BatchName) -> Option<Self> {
        batch.dispute_batch().map(|batch| Self { batch, shown: HashSet::new() })
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
            for (place, adjustment) in case.adjustments.iter().enumerate() {
                if let Some(adjusted) = Adjusted::of(case, adjustment).filter(|_| adjustment.batch == self.batch)
                    && self.shown.insert((case.trx_key, place))
                {
                    each(&adjusted.line(self.batch, case.changed_at_us))?;
                }
            }
        }
        Ok(())
    }
}
