//! Every payment of the node, in memory: sharded locks, one after-image each.
//!
//! ```text
//!  key --hash--> shard (Mutex)   index: hash -> u32 slot        (hashbrown, 5 bytes a bucket)
//!                                slots: chunks of payments      (nothing moves when it grows)
//! ```
//!
//! Invariants: a payment is replaced only by its own next step, and leaves only when it is on a shelf; it never moves while it is
//! here, and its slot is taken again when it has left; a guard is never held across IO or await; two guards are taken in the order
//! of their shards, so no two threads wait for each other.
//! Called by commit, by recovery (`apply`, `load`), by the checkpoint (`snapshot`) and by retirement (`collect`, `retire`).

mod apply;
mod guard;
mod orders;
mod retire;
mod shard;
mod slots;
mod snapshot;

pub use apply::{Applied, ApplyError};
pub use guard::{InsertError, ShardGuard};
pub use orders::{Orders, is_order};
pub use retire::Recalled;
pub use snapshot::{Cursor, LoadError};

use std::sync::atomic::{AtomicUsize, Ordering};

use foldhash::quality::RandomState;
use parking_lot::Mutex;

use shard::Shard;

use crate::domain::Payment;

/// All payments of a node.
#[derive(Debug)]
pub struct Table {
    shards: Box<[PaddedShard]>,
    hasher: RandomState,
    len: AtomicUsize,
    payments_max: usize,
}

/// One lock and what it guards, on cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct PaddedShard(Mutex<Shard>);

impl Table {
    /// An empty table of `shards` shards (a power of two, 1 to 65,536) that takes at most `payments_max` payments.
    ///
    /// # Panics
    /// When `shards` is no such number.
    pub fn new(shards: usize, payments_max: usize) -> Self {
        assert!(shards.is_power_of_two() && shards <= 1 << 16, "shards must be a power of two up to 65,536");
        let shards = (0..shards).map(|_| PaddedShard::default()).collect();
        Self { shards, hasher: RandomState::default(), len: AtomicUsize::new(0), payments_max }
    }

    /// Makes room for `payments` in all, so that no shard's index has to grow before there are that many.
    pub fn reserve(&self, payments: usize) {
        let each = payments.div_ceil(self.shards.len());
        for shard in &self.shards {
            shard.0.lock().reserve(each + each / 8, &self.hasher);
        }
    }

    /// Number of payments.
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A copy of one payment, under its lock for the moment of copying.
    pub fn get(&self, key: u128) -> Option<Payment> {
        let hash = self.hash(key);
        self.shards[self.shard_of(hash)].0.lock().find(hash, key).copied()
    }

    /// Whether it takes no more payments.
    pub fn is_full(&self) -> bool {
        self.len() >= self.payments_max
    }

    /// Most payments that it takes.
    pub const fn payments_max(&self) -> usize {
        self.payments_max
    }

    /// Number of shards.
    pub const fn shards(&self) -> usize {
        self.shards.len()
    }

    /// Bytes that the payments and their index occupy, counted, not measured: what was asked of the allocator.
    pub fn memory_bytes(&self) -> usize {
        let shards: usize = self.shards.iter().map(|shard| size_of_val(shard) + shard.0.lock().memory_bytes()).sum();
        size_of::<Self>() + shards
    }

    /// Shows every payment to `see`, shard by shard, each shard under its lock: quick work only.
    pub fn for_each(&self, mut see: impl FnMut(&Payment)) {
        for shard in &self.shards {
            shard.0.lock().payments().for_each(&mut see);
        }
    }

    fn hash(&self, key: u128) -> u64 {
        shard::hash(&self.hasher, key)
    }

    /// The shard of a hash: bits that the shard's own index does not use.
    fn shard_of(&self, hash: u64) -> usize {
        (hash >> 40) as usize & (self.shards.len() - 1)
    }

    /// Takes one place; false when the table is full.
    fn take_place(&self) -> bool {
        let taken = self.len.fetch_add(1, Ordering::Relaxed) < self.payments_max;
        if !taken {
            self.len.fetch_sub(1, Ordering::Relaxed);
        }
        taken
    }
}

#[cfg(test)]
mod retire_tests;
#[cfg(test)]
mod tests;
