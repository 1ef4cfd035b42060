//! The lines of a batch, out of the records that make its payments final.

use super::adjustments::Adjustments;
use super::records::{Records, Walk};
use crate::books::{LineSource, Progress};
use crate::domain::clearing::BatchName;
use crate::domain::record::{RECORD_HEAD_BYTES, RECORD_VERSION, RecordView, Role};
use crate::domain::statement::{Line, Particulars};
use crate::domain::transaction::{Corrupt, PAYMENT_BYTES};
use crate::error::{Error, Fault};

/// Where the batch is in a record's after-image.
const BATCH_AT: usize = RECORD_HEAD_BYTES + 116;

impl LineSource for Records {
    fn for_each(
        &self,
        batch: BatchName,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Line<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if let Some(mut adjustments) = Adjustments::of(batch) {
            return self.walk(batch, progress, &mut |position, record| {
                adjustments.take(record, each).map_err(|error| error.at(format!("journal position {position}")))?;
                Ok(Walk::On)
            });
        }
        let hour = batch.hour().as_u32().to_le_bytes();
        self.walk(batch, progress, &mut |position, record| {
            if may_end_payment_of(record, hour) {
                let view = RecordView::decode(record).map_err(|corrupt| corrupt_at(position, corrupt))?;
                let particulars = particulars_of(&view).map_err(|corrupt| corrupt_at(position, corrupt))?;
                if let Some(line) = particulars.and_then(|particulars| Line::of(&view.payment, particulars)) {
                    each(&line)?;
                }
            }
            Ok(Walk::On)
        })
    }
}

/// A look at the bytes that passes over nearly every record which makes no payment of the batch final, and over none that does.
fn may_end_payment_of(record: &[u8], hour: [u8; 4]) -> bool {
    record.len() >= RECORD_HEAD_BYTES + PAYMENT_BYTES
        && record[0] == RECORD_VERSION
        && record[3] > 0
        && record[BATCH_AT..BATCH_AT + 4] == hour
}

/// What is attached to the record that makes a payment final, and to no other. Records of versions before that attachment are told by
/// the final receipt, and say nothing more.
fn particulars_of<'r>(view: &RecordView<'r>) -> Result<Option<Particulars<'r>>, Corrupt> {
    if !view.payment.is_final() {
        return Ok(None);
    }
    let mut has_receipt = false;
    for attachment in view.attachments() {
        match attachment.role {
            Role::Particulars => return Particulars::decode(attachment.message).map(Some),
            Role::Receipt => has_receipt = true,
            _ => {}
        }
    }
    Ok(has_receipt.then(Particulars::default))
}

fn corrupt_at(position: u64, corrupt: Corrupt) -> Error {
    Error::new(Fault::Data, "a record of the journal cannot be read")
        .at(format!("journal position {position}"))
        .caused_by(corrupt)
}
