//! Fuzzy snapshots: copied a chunk at a time while the table goes on, completed by the journal.
//!
//! ```text
//!  journal  ----P-------------------- E ----------->      P: position before the first chunk is copied
//!  snapshot     [s0][s1] ... [sn]                         each chunk is as new as its own instant
//!  restart  load(s0..sn), then apply every record from P: what a chunk knows already is skipped
//! ```
//!
//! Invariants: a payment never moves while it is in the table, so a cursor misses none that was there at P and stayed. What left
//! meanwhile had been put on a shelf before, durably, and what came later is in the journal after P; replay asks the shelves for
//! what it misses. A payment that left and was brought back may be copied twice: the load keeps the newer one. A chunk may know a
//! step whose record is not durable yet: **the checkpoint is finished only when everything appended before E is durable**.
//! Called by the checkpoint, by retirement (`collect`), and by recovery (`load`).

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
    /// More of them than the table may hold.
    #[error("snapshot does not fit the table: {0}")]
    Insert(#[from] InsertError),
}

impl Table {
    /// Appends the next payments to `out`, at most a chunk (15 KiB), under one lock for microseconds. Returns where to go
    /// on, or `None` when everything has been copied. Begins at `Cursor::default()`.
    pub fn snapshot(&self, mut cursor: Cursor, out: &mut Vec<u8>) -> Option<Cursor> {
        let before = out.len();
        while out.len() == before {
            cursor = self.visit(cursor, |payment| out.extend_from_slice(&payment.to_bytes()))?;
        }
        Some(cursor)
    }

    /// Appends the keys of those of the next payments that are `wanted`, at most a chunk of them, under one lock for microseconds.
    /// Returns where to go on, as [`snapshot`](Self::snapshot) does.
    pub fn collect(&self, cursor: Cursor, wanted: &dyn Fn(&Payment) -> bool, out: &mut Vec<u128>) -> Option<Cursor> {
        self.visit(cursor, |payment| {
            if wanted(payment) {
                out.push(payment.trx_id);
            }
        })
    }

    /// Shows the payments of the next chunk.
    fn visit(&self, cursor: Cursor, mut see: impl FnMut(&Payment)) -> Option<Cursor> {
        let shard = self.shards.get(cursor.shard)?.0.lock();
        Some(match shard.run(cursor.slot) {
            Some((payments, end)) => {
                payments.for_each(&mut see);
                Cursor { slot: end, ..cursor }
            }
            None => Cursor { shard: cursor.shard + 1, slot: 0 },
        })
    }

    /// Adds the payments of one chunk, or puts them in place of older after-images; how many they were. Several threads may load different chunks at once.
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
            self.lock(payment.trx_id).restore(payment)?;
        }
        Ok(payments.len())
    }
}
