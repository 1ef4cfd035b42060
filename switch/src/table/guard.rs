//! Work under lock: on one payment, or on a refund and its original.

use parking_lot::MutexGuard;

use super::Table;
use super::shard::Shard;
use crate::domain::Payment;

/// The lock of one shard, or of two. Not to be held across IO or await.
#[derive(Debug)]
#[must_use = "the lock is released when the guard is dropped"]
pub struct ShardGuard<'t> {
    table: &'t Table,
    first: (usize, MutexGuard<'t, Shard>),
    second: Option<(usize, MutexGuard<'t, Shard>)>,
}

/// Why a payment was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InsertError {
    /// The table holds as many payments as it may.
    #[error("the table is full")]
    Full,
    /// There is a payment with this key: a repetition.
    #[error("the key is taken")]
    Occupied,
}

impl Table {
    /// Locks the shard of `key`.
    pub fn lock(&self, key: u128) -> ShardGuard<'_> {
        let shard = self.shard_of(self.hash(key));
        ShardGuard { table: self, first: (shard, self.shards[shard].0.lock()), second: None }
    }

    /// Locks the shards of both keys, in the order of the shards, so that it cannot deadlock with another pair.
    pub fn lock_pair(&self, one: u128, other: u128) -> ShardGuard<'_> {
        let one = self.shard_of(self.hash(one));
        let other = self.shard_of(self.hash(other));
        let (low, high) = (one.min(other), one.max(other));
        let first = (low, self.shards[low].0.lock());
        let second = (high != low).then(|| (high, self.shards[high].0.lock()));
        ShardGuard { table: self, first, second }
    }

    /// Locks a payment together with the payment that it refunds, when it is a refund: what every event of a refund
    /// needs, because any may be its last.
    pub fn lock_with_original(&self, key: u128) -> ShardGuard<'_> {
        let guard = self.lock(key);
        // The original of a payment never changes, so it may be read before both locks are held.
        let Some(original) = guard.get(key).and_then(Payment::original) else {
            return guard;
        };
        if self.shard_of(self.hash(original)) == guard.first.0 {
            return guard;
        }
        drop(guard);
        self.lock_pair(key, original)
    }
}

impl ShardGuard<'_> {
    /// The payment of a key that this guard locks.
    pub fn get(&self, key: u128) -> Option<&Payment> {
        let hash = self.table.hash(key);
        self.shard(hash).find(hash, key)
    }

    /// Adds a new payment.
    ///
    /// # Errors
    /// [`InsertError`] when its key is taken or the table is full.
    pub fn insert(&mut self, payment: Payment) -> Result<(), InsertError> {
        let table = self.table;
        let hash = table.hash(payment.trx_id);
        let shard = self.shard_mut(hash);
        if shard.find(hash, payment.trx_id).is_some() {
            return Err(InsertError::Occupied);
        }
        if !table.take_place() {
            return Err(InsertError::Full);
        }
        shard.add(hash, payment, &table.hasher);
        Ok(())
    }

    /// Puts a payment as it was copied into a checkpoint: a new one, or in place of an older step.
    pub(super) fn restore(&mut self, payment: Payment) -> Result<(), InsertError> {
        match self.find_mut(payment.trx_id) {
            Some(known) if known.step < payment.step => *known = payment,
            Some(_) => {}
            None => self.insert(payment)?,
        }
        Ok(())
    }

    /// Replaces a payment by its next step, made from the one that this guard showed. A position once known stays.
    ///
    /// # Panics
    /// When it is missing, or `next` is not its next step: that would lose a change, and is a bug of the caller.
    pub fn replace(&mut self, next: Payment) {
        let known = self.find_mut(next.trx_id).expect("a payment is replaced only when it is there");
        assert_eq!(known.step + 1, next.step, "a payment is replaced only by its next step");
        let before = std::mem::replace(known, next);
        known.fill_positions(before.request_position, before.receipt_position);
    }

    /// Notes where the journal keeps the request or the final receipt (0: nothing to note); not a step.
    pub fn note_positions(&mut self, key: u128, request_position: u64, receipt_position: u64) {
        if let Some(known) = self.find_mut(key) {
            known.fill_positions(request_position, receipt_position);
        }
    }

    pub(super) fn find_mut(&mut self, key: u128) -> Option<&mut Payment> {
        let hash = self.table.hash(key);
        self.shard_mut(hash).find_mut(hash, key)
    }

    fn shard(&self, hash: u64) -> &Shard {
        let wanted = self.table.shard_of(hash);
        match &self.second {
            Some((number, shard)) if *number == wanted => shard,
            _ => {
                assert_eq!(self.first.0, wanted, "the guard does not lock this key");
                &self.first.1
            }
        }
    }

    fn shard_mut(&mut self, hash: u64) -> &mut Shard {
        let wanted = self.table.shard_of(hash);
        match &mut self.second {
            Some((number, shard)) if *number == wanted => shard,
            _ => {
                assert_eq!(self.first.0, wanted, "the guard does not lock this key");
                &mut self.first.1
            }
        }
    }
}
