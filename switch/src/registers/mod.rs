//! Agreements, mandates, old numbers, cases, settings and entries of the books of the node, in memory: sharded locks, one after-image each.
//!
//! ```text
//!  number --hash--> shard (Mutex)   rows: agreements [88 bytes], mandates, sharings     chunks, nothing moves
//!                                   indexes: number, customer, account -> u32 row       (hashbrown, 5 bytes a bucket)
//!  old number --hash--> shard       rows: aliases
//!  transaction key --> cases (one Mutex), by dispute batch too;  key --> settings (one Mutex)
//! ```
//!
//! Invariants: an image is replaced only by one of a higher version; rows are never moved or removed; a guard is never
//! held across IO or await, and while one is held no second is taken (a case may be put under a number's guard: numbers before
//! cases). Called by admit and commit, by recovery (`apply`, `load`), by the checkpoint (`snapshot`), and by reports.

mod apply;
mod cases;
mod column;
mod guard;
mod report;
mod rows;
mod shard;
mod snapshot;

pub use guard::Guard;
pub use report::{Channel, Disagreement, Signed};
pub use snapshot::{Cursor, LoadError};

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use foldhash::quality::RandomState;
use parking_lot::Mutex;

use crate::domain::agreement::{Agreement, Number, OldNo, SgnNo, Sharing};
use crate::domain::clearing::Adjusted;
use crate::domain::dispute::{Adjustment, Case, DisputeBatchId};
use crate::domain::mandate::Mandate;
use crate::domain::register::{BookEntry, Setting};
use cases::Cases;
use shard::Shard;

/// Shards: enough that two workers rarely meet.
const SHARDS: usize = 64;

/// All registers of a node.
#[derive(Debug)]
pub struct Registers {
    shards: Box<[PaddedShard]>,
    hasher: RandomState,
    cases: Mutex<Cases>,
    settings: Mutex<BTreeMap<u32, Setting>>,
    books: Mutex<BTreeMap<u64, BookEntry>>,
    agreements: AtomicUsize,
    agreements_max: usize,
    /// Whether there is any old number: most nodes have none, and look for none.
    has_aliases: AtomicBool,
}

/// One lock and what it guards, on cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct PaddedShard(Mutex<Shard>);

impl Registers {
    /// Empty registers for about `agreements_max` agreements: once there are as many, [`Registers::is_full`] says so, and new
    /// signings are to be refused.
    pub fn new(agreements_max: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| PaddedShard::default()).collect(),
            hasher: RandomState::default(),
            cases: Mutex::default(),
            settings: Mutex::default(),
            books: Mutex::default(),
            agreements: AtomicUsize::new(0),
            agreements_max,
            has_aliases: AtomicBool::new(false),
        }
    }

    /// The agreement of this number, as the wire names it: its own number, or its old one.
    pub fn find_agreement(&self, number: &[u8]) -> Option<Agreement> {
        let own = SgnNo::parse(number).and_then(|number| self.agreement(&number));
        own.or_else(|| self.find_alias(number).and_then(|number| self.agreement(&number)))
    }

    /// The mandate of this number, as the wire names it.
    pub fn find_mandate(&self, number: &[u8]) -> Option<Mandate> {
        let own = SgnNo::parse(number).and_then(|number| self.mandate(&number));
        own.or_else(|| self.find_alias(number).and_then(|number| self.mandate(&number)))
    }

    /// The agreement with this number of its own.
    pub fn agreement(&self, number: &SgnNo) -> Option<Agreement> {
        let hash = self.hash(number);
        self.shards[shard_of(hash)].0.lock().agreement(hash, number)
    }

    /// The mandate with this number of its own.
    pub fn mandate(&self, number: &SgnNo) -> Option<Mandate> {
        let hash = self.hash(number);
        self.shards[shard_of(hash)].0.lock().mandate(hash, number)
    }

    /// The number that an old number means now.
    pub fn find_alias(&self, old: &[u8]) -> Option<SgnNo> {
        if !self.has_aliases.load(Ordering::Relaxed) {
            return None;
        }
        let old = OldNo::parse(old)?;
        let hash = self.hash(&old);
        self.shards[shard_of(hash)].0.lock().alias(hash, &old).map(|alias| alias.number)
    }

    /// The number under which the registers know what the wire names: its own when there is such an agreement or mandate, else
    /// what it is an old number of, else itself; `None` when it is no number and nobody's old one.
    pub fn resolve(&self, number: &[u8]) -> Option<SgnNo> {
        let own = SgnNo::parse(number);
        own.filter(|own| self.knows(own)).or_else(|| self.find_alias(number)).or(own)
    }

    /// Whether there is an agreement or a mandate with this number of its own.
    pub fn knows(&self, number: &SgnNo) -> bool {
        let hash = self.hash(number);
        self.shards[shard_of(hash)].0.lock().knows(hash, number)
    }

    /// The merchants that share an agreement.
    pub fn sharing(&self, number: &SgnNo) -> Option<Sharing> {
        let hash = self.hash(number);
        self.shards[shard_of(hash)].0.lock().sharing(hash, number).cloned()
    }

    /// The case about the transaction with this key.
    pub fn case(&self, trx_key: u128) -> Option<Case> {
        self.cases.lock().get(trx_key).cloned()
    }

    /// All cases that `wanted` wants, in the order of their transactions.
    pub fn cases(&self, wanted: impl Fn(&Case) -> bool) -> Vec<Case> {
        self.cases.lock().iter().filter(|case| wanted(case)).cloned().collect()
    }

    /// The adjustments of a dispute batch that count, each with the key of the transaction that it corrects.
    pub fn adjustments(&self, batch: DisputeBatchId) -> Vec<(u128, Adjustment)> {
        self.cases.lock().adjustments(batch)
    }

    /// The adjustments of a dispute batch that have been made, as the books see them, by the transactions that they correct.
    pub fn adjusted(&self, batch: DisputeBatchId) -> Vec<Adjusted> {
        self.cases.lock().adjusted(batch)
    }

    /// The setting with this key.
    pub fn setting(&self, key: u32) -> Option<Setting> {
        self.settings.lock().get(&key).cloned()
    }

    /// All settings, by key.
    pub fn settings(&self) -> Vec<Setting> {
        self.settings.lock().values().cloned().collect()
    }

    /// The entry of the books with this key.
    pub fn book_entry(&self, key: u64) -> Option<BookEntry> {
        self.books.lock().get(&key).cloned()
    }

    /// The entries of the books whose keys lie in `keys`, by key.
    pub fn book_entries(&self, keys: std::ops::RangeInclusive<u64>) -> Vec<BookEntry> {
        self.books.lock().range(keys).map(|(_, entry)| entry.clone()).collect()
    }

    /// Number of agreements.
    pub fn agreements(&self) -> usize {
        self.agreements.load(Ordering::Relaxed)
    }

    /// Number of mandates.
    pub fn mandates(&self) -> usize {
        self.shards.iter().map(|shard| shard.0.lock().mandates()).sum()
    }

    /// Number of old numbers.
    pub fn aliases(&self) -> usize {
        self.shards.iter().map(|shard| shard.0.lock().aliases()).sum()
    }

    /// Number of cases.
    pub fn case_count(&self) -> usize {
        self.cases.lock().len()
    }

    /// Whether there is nothing in any of them.
    pub fn is_empty(&self) -> bool {
        let shards = self.shards.iter().all(|shard| shard.0.lock().is_empty());
        shards && self.case_count() == 0 && self.settings.lock().is_empty() && self.books.lock().is_empty()
    }

    /// Whether it takes no more agreements.
    pub fn is_full(&self) -> bool {
        self.agreements() >= self.agreements_max
    }

    /// Bytes that rows and indexes occupy, counted, not measured: what was asked of the allocator. Cases and settings are few
    /// and not counted.
    pub fn memory_bytes(&self) -> usize {
        let shards: usize = self.shards.iter().map(|shard| size_of_val(shard) + shard.0.lock().memory_bytes()).sum();
        size_of::<Self>() + shards
    }

    fn hash<const N: usize>(&self, number: &Number<N>) -> u64 {
        column::hash(&self.hasher, number.to_bytes())
    }
}

/// The shard of a hash: bits that the shard's own indexes do not use.
const fn shard_of(hash: u64) -> usize {
    (hash >> 40) as usize & (SHARDS - 1)
}

const _: () = assert!(SHARDS.is_power_of_two());

#[cfg(test)]
mod tests;
