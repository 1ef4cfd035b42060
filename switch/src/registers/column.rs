//! One register of one shard: rows, and the index by which a row is found under its own key.

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use super::rows::Rows;
use crate::domain::agreement::{AGREEMENT_BYTES, Alias, SGN_NO_CHARS_MAX, Sharing};
use crate::domain::mandate::Mandate;

/// A row that is found by a key of its own and changes by versions.
pub(super) trait Row {
    /// The key's bytes, zeros behind a short one.
    fn key(&self) -> &[u8];
    /// Number of changes up to this one.
    fn version(&self) -> u32;
}

/// An agreement as its bytes: no padding, and nothing to encode in a snapshot.
#[derive(Clone, Copy, Debug)]
pub(super) struct PackedAgreement(pub(super) [u8; AGREEMENT_BYTES]);

impl Row for PackedAgreement {
    fn key(&self) -> &[u8] {
        &self.0[..SGN_NO_CHARS_MAX]
    }

    fn version(&self) -> u32 {
        let [.., a, b, c, d] = self.0[..76] else { return 0 };
        u32::from_le_bytes([a, b, c, d])
    }
}

impl Row for Mandate {
    fn key(&self) -> &[u8] {
        self.number.to_bytes()
    }

    fn version(&self) -> u32 {
        self.version
    }
}

impl Row for Alias {
    fn key(&self) -> &[u8] {
        self.old.to_bytes()
    }

    fn version(&self) -> u32 {
        self.version
    }
}

impl Row for Sharing {
    fn key(&self) -> &[u8] {
        self.number.to_bytes()
    }

    fn version(&self) -> u32 {
        self.version
    }
}

/// The hash of a key; seeded anew in every process, so that nobody can choose keys that collide.
pub(super) fn hash(hasher: &RandomState, key: &[u8]) -> u64 {
    hasher.hash_one(key)
}

/// Rows of one kind, by their keys.
#[derive(Debug)]
pub(super) struct Column<T> {
    index: HashTable<u32>,
    rows: Rows<T>,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self { index: HashTable::new(), rows: Rows::default() }
    }
}

impl<T: Row> Column<T> {
    pub(super) fn find(&self, hash: u64, key: &[u8]) -> Option<&T> {
        self.row_of(hash, key).map(|row| self.rows.get(row))
    }

    pub(super) fn row_of(&self, hash: u64, key: &[u8]) -> Option<u32> {
        self.index.find(hash, |row| self.rows.get(*row).key() == key).copied()
    }

    /// Adds a row whose key is not there yet; its number.
    pub(super) fn add(&mut self, hash_of_key: u64, value: T, hasher: &RandomState) -> u32 {
        let row = self.rows.push(value);
        let rows = &self.rows;
        self.index.insert_unique(hash_of_key, row, |row| hash(hasher, rows.get(*row).key()));
        row
    }

    /// Puts `value` in place of an older version of it, or behind the last row when it is new. False: what is there is as new.
    pub(super) fn put(&mut self, hash_of_key: u64, value: T, hasher: &RandomState) -> bool {
        match self.row_of(hash_of_key, value.key()) {
            Some(row) if self.rows.get(row).version() >= value.version() => return false,
            Some(row) => *self.rows.get_mut(row) = value,
            None => {
                self.add(hash_of_key, value, hasher);
            }
        }
        true
    }

    pub(super) const fn rows(&self) -> &Rows<T> {
        &self.rows
    }

    pub(super) const fn rows_mut(&mut self) -> &mut Rows<T> {
        &mut self.rows
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.index.allocation_size() + self.rows.memory_bytes()
    }
}
