//! The lines of a batch of adjustments, out of the images of cases.

use std::collections::HashSet;

use clearway_codec::value::DisputeBatchId;

use crate::domain::clearing::Adjusted;
use crate::domain::record::Entry;
use crate::domain::register::Image;
use crate::domain::statement::Line;
use crate::error::{Error, Fault};

/// Which adjustments of a batch have been shown: one key each, bounded by the adjustments of an hour.
pub(super) struct Adjustments {
    batch: DisputeBatchId,
    shown: HashSet<u128>,
}

impl Adjustments {
    pub(super) fn of(batch: DisputeBatchId) -> Self {
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
            for adjustment in case.adjustments.iter().filter(|adjustment| adjustment.batch == self.batch) {
                let Some(made) = Adjusted::of(case, adjustment) else { continue };
                if self.shown.insert(adjustment.trx_key) {
                    each(&made.line(self.batch, case.changed_at_us))?;
                }
            }
        }
        Ok(())
    }
}
