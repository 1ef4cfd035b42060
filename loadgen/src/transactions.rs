//! A map from transaction id that never stalls for long.
//!
//! ```text
//! TrxId --hash--> one of 64 shards --> HashMap
//! ```
//!
//! Invariant: one insertion moves at most one shard's entries. One big table would move a million entries when it
//! doubles, and the stall would look like a slow switch. Used by the tracker, the banks' ledgers and the notices.

use clearway_codec::TrxId;
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::hash::BuildHasher;

const SHARDS: usize = 64;
const _: () = assert!(SHARDS.is_power_of_two());

/// Values by transaction id.
#[derive(Debug, Clone)]
pub struct TransactionMap<V> {
    shards: Vec<HashMap<TrxId, V, FixedState>>,
    hasher: FixedState,
}

impl<V> TransactionMap<V> {
    /// An empty map with room for `expected` entries.
    pub fn with_capacity(expected: usize) -> Self {
        let hasher = FixedState::default();
        // The hash bits that pick the shard must not be the ones that pick the bucket: another seed.
        let shard = || HashMap::with_capacity_and_hasher(expected / SHARDS, FixedState::with_seed(1));
        Self { shards: (0..SHARDS).map(|_| shard()).collect(), hasher }
    }

    /// The value of one transaction.
    pub fn get(&self, id: TrxId) -> Option<&V> {
        self.shards.get(self.place(id))?.get(&id)
    }

    /// The value of one transaction, to change.
    pub fn get_mut(&mut self, id: TrxId) -> Option<&mut V> {
        let place = self.place(id);
        self.shards.get_mut(place)?.get_mut(&id)
    }

    /// The value of one transaction, made by `fresh` when it is new.
    pub fn get_or_insert_with(&mut self, id: TrxId, fresh: impl FnOnce() -> V) -> &mut V {
        let place = self.place(id);
        self.shards[place].entry(id).or_insert_with(fresh)
    }

    /// Sets the value of one transaction; the old one, if there was one.
    pub fn insert(&mut self, id: TrxId, value: V) -> Option<V> {
        let place = self.place(id);
        self.shards[place].insert(id, value)
    }

    /// How many transactions.
    pub fn len(&self) -> usize {
        self.shards.iter().map(HashMap::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = (TrxId, &V)> {
        self.shards.iter().flatten().map(|(id, value)| (*id, value))
    }

    /// Below `SHARDS`, always.
    fn place(&self, id: TrxId) -> usize {
        (self.hasher.hash_one(id) as usize) & (SHARDS - 1)
    }
}

impl<V> Default for TransactionMap<V> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<V> FromIterator<(TrxId, V)> for TransactionMap<V> {
    fn from_iter<I: IntoIterator<Item = (TrxId, V)>>(pairs: I) -> Self {
        let mut map = Self::default();
        for (id, value) in pairs {
            map.insert(id, value);
        }
        map
    }
}
