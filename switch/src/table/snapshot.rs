//! Fuzzy snapshots: copied a chunk at a time while the table goes on, completed by the journal.
//!
//! ```text
//!  journal  ----P-------------------- E ----------->      P: position before the first chunk is copied
//!  snapshot     [s0][s1] ... [sn]                         each chunk is as new as its own instant
//!  restart  load(s0..sn), then apply every record from P: what a chunk knows already is skipped
//! ```
//!
//! Invariants: a slot never moves, so a cursor misses nothing that was there at P, and whatever came later is in the
//! journal after P. A chunk may know a step whose record is not durable yet: **the checkpoint is finished only when
//! everything appended before E is durable**. Called by the checkpoint, and by recovery (`load`).

use super::{InsertError, Table};
use crate::domain::Payment;
use crate::domain::transaction::{Corrupt, PAYMENT_BYTES};

/// How far a snapshot has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    shard: usize,
    slot: usize,
}

/// Why a chunk of a snapshot cannot be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The bytes are no payments.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// The same payment twice, or more of them than the table may hold.
    #[error("snapshot does not fit the table: {0}")]
    Insert(#[from] InsertError),
}

impl Table {
    /// Appends the next payments to `out`, at most a chunk (15 KiB), under one lock for microseconds. Returns where to go
    /// on, or `None` when everything has been copied. Begins at `Cursor::default()`.
    pub fn snapshot(&self, mut cursor: Cursor, out: &mut Vec<u8>) -> Option<Cursor> {
        loop {
            let shard = self.shards.get(cursor.shard)?.0.lock();
            let run = shard.run(cursor.slot);
            for payment in run {
                out.extend_from_slice(&payment.to_bytes());
            }
            cursor.slot += run.len();
            if !run.is_empty() {
                return Some(cursor);
            }
            cursor = Cursor { shard: cursor.shard + 1, slot: 0 };
        }
    }

    /// Adds the payments of one chunk; how many they were. Several threads may load different chunks at once.
    ///
    /// # Errors
    /// [`LoadError`] when the bytes are no chunk, or its payments do not fit. The table is then of no use.
    pub fn load(&self, chunk: &[u8]) -> Result<usize, LoadError> {
        let (payments, rest) = chunk.as_chunks::<PAYMENT_BYTES>();
        if !rest.is_empty() {
            return Err(Corrupt("snapshot chunk of broken length").into());
        }
        for bytes in payments {
            let payment = Payment::from_bytes(bytes)?;
            self.lock(payment.trx_id).insert(payment)?;
        }
        Ok(payments.len())
    }
}
