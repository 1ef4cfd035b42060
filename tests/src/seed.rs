//! Randomness of a test, from one printed number.
//!
//! Invariant: the same number gives the same draws. `CLEARWAY_SEED=n` sets it; otherwise it is drawn from the clock, so
//! that every run looks somewhere else, and printed, so that a failing run can be repeated.

use std::time::{SystemTime, UNIX_EPOCH};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A seed that was printed.
#[derive(Clone, Copy, Debug)]
pub struct Seed(u64);

impl Seed {
    /// The seed of this run, printed with the name of the test.
    ///
    /// # Panics
    /// If `CLEARWAY_SEED` is set and is no number.
    #[must_use]
    pub fn of_test(name: &str) -> Self {
        let given = std::env::var("CLEARWAY_SEED").ok().map(|text| text.parse().expect("CLEARWAY_SEED is a number"));
        let drawn = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_micros() as u64);
        let seed = given.unwrap_or_else(drawn);
        println!("{name}: CLEARWAY_SEED={seed}");
        Self(seed)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// A stream of draws; the same one each time.
    #[must_use]
    pub fn draws(self) -> Draws {
        Draws(ChaCha8Rng::seed_from_u64(self.0))
    }
}

/// Draws from a seed.
#[derive(Debug)]
pub struct Draws(ChaCha8Rng);

impl Draws {
    /// A number below `bound`, which is above 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound
    }

    /// A number from `from` to `to`, both included.
    pub fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }
}
