//! The machines judged: tables of single steps, and thousands of random fault schedules.

mod damping;
mod election;
mod machine;
mod schedules;
mod world;

use super::{LinkRules, ProbeKind, SwitchBack};

/// Microseconds of a millisecond.
const MS: u64 = 1_000;
/// Microseconds of a second.
const S: u64 = 1_000_000;

/// The defaults of the configuration.
fn rules() -> LinkRules {
    LinkRules {
        probe: ProbeKind::Message,
        suspect_after_us: 300 * MS,
        probe_fast_us: 150 * MS,
        probe_timeout_us: 300 * MS,
        probe_interval_us: 5 * S,
        down_after: 2,
        hold_down_us: 2 * S,
        hold_down_max_us: 60 * S,
        flap_half_life_us: 300 * S,
        up_after: 3,
        trial_messages: 3,
        trial_us: S,
        errors_in_row_max: 100,
        silent_us: 8 * S,
        switch_back: SwitchBack::Auto { after_us: 10 * S },
    }
}

/// A generator whose stream is fixed for a seed (SplitMix64).
#[derive(Clone, Debug)]
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to below `end`.
    fn range(&mut self, least: u64, end: u64) -> u64 {
        least + self.roll() % (end - least)
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.roll().is_multiple_of(count)
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[(self.roll() % from.len() as u64) as usize]
    }
}
