//! Seeded randomness: a stream for the schedule, draws for everything that must not depend on order.
//!
//! A draw is a pure function of a seed and a key. Requests are numbered, so the n-th is the same in every run of a seed;
//! banks see requests in whatever order the network gives, and yet the same payment meets the same fate.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// The stream of one seed.
pub(crate) fn stream(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A short sequence of draws that depends on nothing but the seed and the key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draws(u64);

impl Draws {
    pub(crate) fn new(seed: u64, key: u64) -> Self {
        Self(mix(seed, key))
    }

    /// The next 64 bits (SplitMix64, Steele, Lea and Flood 2014).
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        finalise(self.0)
    }

    /// Uniform in `[0, 1)`, 53 bits.
    pub(crate) fn unit(&mut self) -> f64 {
        unit_of(self.bits())
    }

    /// True with the given probability; 0 never, 1 always.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
}

/// The top 53 bits as a number in `[0, 1)`.
pub(crate) fn unit_of(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

fn mix(seed: u64, key: u64) -> u64 {
    finalise(seed.wrapping_add(finalise(key.wrapping_add(0x9E37_79B9_7F4A_7C15))))
}

fn finalise(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_key_and_seed_only_and_are_uniform() {
        let mean = |seed: u64| (0..20_000_u64).map(|key| Draws::new(seed, key).unit()).sum::<f64>() / 20_000.0;
        assert!((mean(1) - 0.5).abs() < 0.01, "{}", mean(1));
        assert_eq!(mean(3).to_bits(), mean(3).to_bits());
        assert_ne!(Draws::new(1, 5).bits(), Draws::new(2, 5).bits());
        assert!((0..100).all(|key| !Draws::new(9, key).chance(0.0) && Draws::new(9, key).chance(1.0)));
    }
}
