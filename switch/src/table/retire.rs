//! Payments leave the memory, and come back.
//!
//! Invariant: only what is on a shelf leaves, exactly as it is there. Called by retirement and by recall.

use std::sync::atomic::Ordering;

use super::{InsertError, Table};
use crate::domain::Payment;

/// What became of a payment that was to come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recalled {
    /// It is in memory.
    Here,
    /// It is not: a newer step of it may be on a shelf.
    Stale,
    /// It is not: the table holds as many as it may.
    Full,
}

impl Table {
    /// Takes out every payment of `images`, which are on a shelf, that is here as it is there (the same step) and for which `still` holds.
    /// One lock at a time, for a payment each. Returns how many left; each was shown to `left`.
    pub fn retire(
        &self,
        images: &[Payment],
        still: &dyn Fn(&Payment) -> bool,
        left: &mut dyn FnMut(&Payment),
    ) -> usize {
        let mut count = 0;
        for image in images {
            let hash = self.hash(image.trx_id);
            let is_same = |known: &Payment| known.step == image.step && still(known);
            let taken = self.shards[self.shard_of(hash)].0.lock().take(hash, image.trx_id, is_same);
            if let Some(payment) = taken {
                self.len.fetch_sub(1, Ordering::Relaxed);
                left(&payment);
                count += 1;
            }
        }
        count
    }

    /// Brings a payment back from a shelf, unless it is here already: what is here is as new. `is_newest` is asked under its lock whether
    /// no newer step can have left since the shelf was read.
    pub fn recall(&self, image: &Payment, is_newest: impl FnOnce() -> bool) -> Recalled {
        let mut guard = self.lock(image.trx_id);
        if guard.get(image.trx_id).is_some() {
            return Recalled::Here;
        }
        if !is_newest() {
            return Recalled::Stale;
        }
        match guard.insert(*image) {
            Ok(()) | Err(InsertError::Occupied) => Recalled::Here,
            Err(InsertError::Full) => Recalled::Full,
        }
    }
}
