//! Flap damping: what went down often is left alone for longer.

use super::rules::LinkRules;

/// One flap, in thousandths: halves of halves count too.
const FLAP: u64 = 1_000;
/// More flaps than these make no difference: 2^10 hold-downs are more than any maximum.
const FLAPS_MAX: u64 = 10 * FLAP;

/// How often a link went down lately: each time counts one, and half is forgotten in every half-life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Penalty {
    value: u64,
    at_us: u64,
}

impl Penalty {
    /// What is left of it, in thousandths of a flap.
    #[must_use]
    pub fn value(&self, half_life_us: u64, now_us: u64) -> u64 {
        let past_us = now_us.saturating_sub(self.at_us);
        let half_life_us = half_life_us.max(1);
        let whole = self.value.checked_shr(u32::try_from(past_us / half_life_us).unwrap_or(u32::MAX)).unwrap_or(0);
        // Within a half-life the way is straight, which is close enough to the curve.
        let part = u128::from(whole) * u128::from(past_us % half_life_us) / (2 * u128::from(half_life_us));
        whole.saturating_sub(u64::try_from(part).unwrap_or(u64::MAX))
    }

    /// One more flap; gives how long to hold the link down, microseconds.
    pub fn add(&mut self, rules: &LinkRules, now_us: u64) -> u64 {
        let value = (self.value(rules.flap_half_life_us, now_us) + FLAP).min(FLAPS_MAX);
        *self = Self { value, at_us: now_us };
        let doublings = u32::try_from((value - FLAP) / FLAP).unwrap_or(0);
        let longest_us = rules.hold_down_max_us.max(rules.hold_down_us);
        rules.hold_down_us.saturating_mul(1 << doublings.min(32)).min(longest_us)
    }
}
