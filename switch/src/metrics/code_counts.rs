//! Counts by an eight-byte code, without a lock and without knowing the codes beforehand.
//!
//! Invariant: a place once taken by a code keeps it. At most [`REFUSAL_CODES_MAX`] codes are told apart; the rest
//! is counted together, so that no sender can make the exposition grow.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::constants::REFUSAL_CODES_MAX;

/// The name under which codes beyond the limit are counted.
const OTHER: &str = "other";

#[derive(Debug)]
pub(super) struct CodeCounts {
    places: Box<[Place]>,
    other: AtomicU64,
}

#[derive(Debug, Default)]
struct Place {
    /// The code's bytes as a number; 0 = free.
    code: AtomicU64,
    count: AtomicU64,
}

impl CodeCounts {
    pub(super) fn new() -> Self {
        Self { places: (0..REFUSAL_CODES_MAX).map(|_| Place::default()).collect(), other: AtomicU64::new(0) }
    }

    #[inline]
    pub(super) fn add(&self, code: [u8; 8]) {
        match self.place_of(u64::from_le_bytes(code)) {
            Some(place) => place.count.fetch_add(1, Ordering::Relaxed),
            None => self.other.fetch_add(1, Ordering::Relaxed),
        };
    }

    /// The place of `code`, taking the first free one for a code seen for the first time.
    fn place_of(&self, code: u64) -> Option<&Place> {
        if code == 0 {
            return None;
        }
        self.places.iter().find(|place| match place.code.load(Ordering::Relaxed) {
            0 => match place.code.compare_exchange(0, code, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => true,
                Err(taken_by) => taken_by == code,
            },
            taken_by => taken_by == code,
        })
    }

    pub(super) fn add_to(&self, totals: &mut BTreeMap<String, u64>) {
        for place in &self.places {
            let code = place.code.load(Ordering::Relaxed);
            if code != 0 {
                let name = String::from_utf8_lossy(&code.to_le_bytes()).into_owned();
                *totals.entry(name).or_insert(0) += place.count.load(Ordering::Relaxed);
            }
        }
        let other = self.other.load(Ordering::Relaxed);
        if other > 0 {
            *totals.entry(OTHER.to_owned()).or_insert(0) += other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals_of(counts: &CodeCounts) -> BTreeMap<String, u64> {
        let mut totals = BTreeMap::new();
        counts.add_to(&mut totals);
        totals
    }

    #[test]
    fn codes_are_counted_apart_up_to_the_limit_and_together_beyond_it() {
        let counts = CodeCounts::new();
        for _ in 0..2 {
            for number in 0..REFUSAL_CODES_MAX + 5 {
                let code = format!("PB{number:06}");
                counts.add(code.as_bytes().try_into().unwrap());
            }
        }
        let totals = totals_of(&counts);
        assert_eq!(totals.len(), REFUSAL_CODES_MAX + 1);
        assert_eq!((totals["PB000000"], totals["other"]), (2, 10));
    }

    #[test]
    fn many_threads_lose_no_count() {
        let counts = CodeCounts::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    (0..1000).for_each(|step| counts.add(if step % 2 == 0 { *b"ES000025" } else { *b"PS500001" }))
                });
            }
        });
        assert_eq!(totals_of(&counts), BTreeMap::from([("ES000025".to_owned(), 2000), ("PS500001".to_owned(), 2000)]));
    }
}
