//! Which payments of one day may be on a shelf, in memory.
//!
//! A filter that says no is right; one that says yes is wrong once in some hundred times at most, and a look at the disk follows. Layers
//! are added as the day grows, each with at least twice the room of the one before, so there are few, and none is ever made again.
//!
//! Invariant: a key is in before its payment leaves the memory, so whoever misses it in memory finds it here.

use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use fastbloom::AtomicBloomFilter;
use foldhash::fast::RandomState;

use crate::domain::business::KEY_TAG;

/// Keys that the first layer has room for.
const FIRST_ROOM: u64 = 64 << 10;
/// How often one layer is wrong at most when it is full: some two bytes a key.
const WRONG: f64 = 0.000_5;
/// What the date of a TrxId is multiplied by in a key.
const DATE_UNIT: u128 = 10_u128.pow(23);

/// The keys of one day that are on shelves.
#[derive(Clone, Debug)]
pub(super) struct DayFilter {
    /// The day as a number, `yyyymmdd`.
    pub(super) day: u32,
    /// Seeded in every process, so that nobody can choose keys that meet.
    hasher: RandomState,
    layers: Vec<Arc<Layer>>,
}

#[derive(Debug)]
struct Layer {
    bits: AtomicBloomFilter<RandomState>,
    room: u64,
    taken: AtomicU64,
}

impl DayFilter {
    pub(super) fn new(day: u32, hasher: RandomState) -> Self {
        Self { day, hasher, layers: Vec::new() }
    }

    /// The first key of the day with this tag.
    pub(super) const fn first_key(&self, tag: u8) -> u128 {
        tag as u128 * KEY_TAG + self.day as u128 * DATE_UNIT
    }

    /// Whether keys with this day, whatever their tag, are its.
    pub(super) const fn covers(&self, key: u128) -> bool {
        let mut id = key;
        // Tags are few, and nearly always 0; a division of 128 bits costs more than all of this.
        while id >= KEY_TAG {
            id -= KEY_TAG;
        }
        let from = self.day as u128 * DATE_UNIT;
        id >= from && id - from < DATE_UNIT
    }

    /// Whether a key that it covers may be on a shelf.
    pub(super) fn may_hold(&self, key: u128) -> bool {
        let hash = self.hasher.hash_one(key);
        self.layers.iter().rev().any(|layer| layer.bits.contains_hash(hash))
    }

    /// The filter with room for so many more keys: the same layers, and one more if they have none left.
    pub(super) fn with_room(mut self, keys: u64) -> Self {
        let last_room = self.layers.last().map_or(FIRST_ROOM / 2, |layer| layer.room);
        let left =
            self.layers.last().map_or(0, |layer| layer.room - layer.taken.load(Ordering::Relaxed).min(layer.room));
        if left < keys {
            let room = keys.max(last_room.saturating_mul(2));
            let items = usize::try_from(room).unwrap_or(usize::MAX);
            let bits = AtomicBloomFilter::with_false_pos(WRONG).hasher(self.hasher.clone()).expected_items(items);
            self.layers.push(Arc::new(Layer { bits, room, taken: AtomicU64::new(0) }));
        }
        self
    }

    /// Puts a key in, while others may ask. There must be room.
    pub(super) fn insert(&self, key: u128) {
        if let Some(layer) = self.layers.last() {
            layer.taken.fetch_add(1, Ordering::Relaxed);
            layer.bits.insert_hash(self.hasher.hash_one(key));
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.layers.iter().map(|layer| layer.bits.num_bits() / 8).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u128 = 20_261_120 * DATE_UNIT;

    #[test]
    fn every_key_is_found_and_few_others_are() {
        let mut filter = DayFilter::new(20_261_120, RandomState::default());
        for hour in 0..24_u128 {
            filter = filter.with_room(20_000);
            (0..20_000).for_each(|number| filter.insert(DAY + hour * 20_000 + number));
        }
        assert!((0..480_000).all(|number| filter.may_hold(DAY + number)));
        let wrong = (480_000..980_000).filter(|number| filter.may_hold(DAY + number)).count();
        assert!(wrong < 2_500, "{wrong} of 500,000");
        assert!(filter.layers.len() <= 4, "{} layers", filter.layers.len());
        println!(
            "{} layers, {} bytes a key, wrong {wrong} in 500,000",
            filter.layers.len(),
            filter.memory_bytes() / 480_000
        );
    }

    #[test]
    fn a_filter_covers_its_day_with_every_tag() {
        let filter = DayFilter::new(20_261_120, RandomState::default());
        for tag in 0..8 {
            let tagged = |id: u128| id + tag * KEY_TAG;
            assert!(filter.covers(tagged(DAY)) && filter.covers(tagged(DAY + DATE_UNIT - 1)));
            assert!(!filter.covers(tagged(DAY - 1)) && !filter.covers(tagged(DAY + DATE_UNIT)));
        }
        assert!(!filter.covers(0));
    }
}
