//! Replay: after-images from the journal, each at most once, none left out.

use super::{InsertError, Table};
use crate::domain::Payment;

/// What an after-image did to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// A new payment.
    Inserted,
    /// The next step of a known one.
    Replaced,
    /// Known already, from a snapshot or an earlier replay; positions that were missing are filled in.
    Known,
}

/// An after-image that does not fit the table: the journal is not what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// Steps are missing between the known payment and this one.
    #[error("payment {trx_id:031}: step {found} after step {known}")]
    Gap {
        /// Whose.
        trx_id: u128,
        /// Step in the table; 0 when the payment is not there.
        known: u32,
        /// Step of the after-image.
        found: u32,
    },
    /// More payments than the table may hold.
    #[error("more payments in the journal than limits.payments_max")]
    Full,
}

impl Table {
    /// Applies one after-image of a record, in the order of the journal.
    ///
    /// # Errors
    /// [`ApplyError`] when a step is missing, or the table is full.
    pub fn apply(&self, after: &Payment) -> Result<Applied, ApplyError> {
        let mut guard = self.lock(after.trx_id);
        let known = guard.get(after.trx_id).map_or(0, |known| known.step);
        if after.step <= known {
            guard.note_positions(after.trx_id, after.request_position, after.receipt_position);
            Ok(Applied::Known)
        } else if after.step - known > 1 {
            Err(ApplyError::Gap { trx_id: after.trx_id, known, found: after.step })
        } else if known == 0 {
            // `Occupied` cannot be: the guard has just shown that it is not there.
            guard.insert(*after).map_err(|_: InsertError| ApplyError::Full)?;
            Ok(Applied::Inserted)
        } else {
            guard.replace(*after);
            Ok(Applied::Replaced)
        }
    }
}
