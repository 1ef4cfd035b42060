//! What one lock guards: an index of slot numbers, and the slots.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use super::slots::Slots;
use crate::domain::Payment;

/// The payments whose keys hash to one shard.
#[derive(Debug, Default)]
pub(super) struct Shard {
    index: HashTable<u32>,
    slots: Slots,
}

/// The hash of a key; seeded anew in every process, so that nobody can choose keys that collide.
pub(super) fn hash(hasher: &RandomState, key: u128) -> u64 {
    hasher.hash_one(key)
}

impl Shard {
    pub(super) fn find(&self, hash: u64, key: u128) -> Option<&Payment> {
        let slot = self.index.find(hash, |slot| self.slots.get(*slot).trx_id == key)?;
        Some(self.slots.get(*slot))
    }

    pub(super) fn find_mut(&mut self, hash: u64, key: u128) -> Option<&mut Payment> {
        let slot = *self.index.find(hash, |slot| self.slots.get(*slot).trx_id == key)?;
        Some(self.slots.get_mut(slot))
    }

    /// Adds a payment whose key is not there yet.
    pub(super) fn add(&mut self, hash_of_key: u64, payment: Payment, hasher: &RandomState) {
        let slot = self.slots.put(payment);
        let slots = &self.slots;
        self.index.insert_unique(hash_of_key, slot, |slot| hash(hasher, slots.get(*slot).trx_id));
    }

    /// Takes a payment out, if it is there and `still` holds for it.
    pub(super) fn take(&mut self, hash: u64, key: u128, still: impl FnOnce(&Payment) -> bool) -> Option<Payment> {
        let slots = &self.slots;
        let entry = self.index.find_entry(hash, |slot| slots.get(*slot).trx_id == key).ok()?;
        let payment = *slots.get(*entry.get());
        if !still(&payment) {
            return None;
        }
        let (slot, _) = entry.remove();
        self.slots.vacate(slot);
        Some(payment)
    }

    pub(super) fn reserve(&mut self, payments: usize, hasher: &RandomState) {
        let slots = &self.slots;
        let additional = payments.saturating_sub(self.index.len());
        self.index.reserve(additional, |slot| hash(hasher, slots.get(*slot).trx_id));
    }

    pub(super) fn payments(&self) -> impl Iterator<Item = &Payment> {
        self.slots.iter()
    }

    pub(super) fn run(&self, from: usize) -> Option<(impl Iterator<Item = &Payment>, usize)> {
        self.slots.run(from)
    }

    #[cfg(test)]
    pub(super) fn slots(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.index_bytes() + self.slots.memory_bytes()
    }

    pub(super) fn index_bytes(&self) -> usize {
        self.index.allocation_size()
    }
}
