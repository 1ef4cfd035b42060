//! Keeps legs for the same account at the same bank a set time apart (business.md section 5: refunds of one customer
//! that arrive within 0.03 s make the account hot, and fail).
//!
//! Invariant: pure. Slots of one account are given out in the order of the calls and at least the pacing apart; an
//! account that nobody has used for that long waits for nobody. The memory is bounded: accounts whose time is over are
//! swept, and past [`ACCOUNTS_MAX`] busy ones new accounts are not paced, because pacing is a kindness and a payment is
//! not. Called by admission, which shards and locks.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Busy accounts that one pacer tells apart.
pub const ACCOUNTS_MAX: usize = 1 << 16;

/// A sweep is worth its time from this many accounts on.
const SWEEP_AT_MIN: usize = 64;

/// Who may go when.
#[derive(Debug)]
pub struct Pacer {
    /// When the account is free again, unix microseconds, by bank and account digest.
    free_at_us: HashMap<(u16, u64), u64, FixedState>,
    /// Size at which the next sweep is made: twice what the last one left, so that its cost is shared.
    sweep_at: usize,
}

impl Default for Pacer {
    fn default() -> Self {
        Self { free_at_us: HashMap::default(), sweep_at: SWEEP_AT_MIN }
    }
}

impl Pacer {
    /// The wait, in microseconds, of one more leg for `account` at `bank`, and takes that slot.
    pub fn slot(&mut self, bank: u16, account: u64, pacing_us: u64, now_us: u64) -> u64 {
        if let Some(free_at_us) = self.free_at_us.get_mut(&(bank, account)) {
            let slot_us = now_us.max(*free_at_us);
            *free_at_us = slot_us.saturating_add(pacing_us);
            return slot_us - now_us;
        }
        if self.free_at_us.len() >= self.sweep_at {
            self.sweep(now_us);
        }
        if self.free_at_us.len() < ACCOUNTS_MAX {
            self.free_at_us.insert((bank, account), now_us.saturating_add(pacing_us));
        }
        0
    }

    /// Accounts held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.free_at_us.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.free_at_us.is_empty()
    }

    fn sweep(&mut self, now_us: u64) {
        self.free_at_us.retain(|_, free_at_us| *free_at_us > now_us);
        self.sweep_at = self.free_at_us.len().saturating_mul(2).clamp(SWEEP_AT_MIN, ACCOUNTS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START_US: u64 = 1_790_000_000_000_000;

    #[test]
    fn one_account_waits_in_order_and_others_do_not() {
        let mut pacer = Pacer::default();
        let mut ask = |account, ms: u64| pacer.slot(3, account, 100_000, START_US + ms * 1000) / 1000;
        assert_eq!(
            [ask(1, 0), ask(1, 0), ask(2, 0), ask(1, 30), ask(2, 150), ask(1, 299), ask(1, 1000)],
            [0, 100, 0, 170, 0, 1, 0]
        );
    }

    #[test]
    fn idle_accounts_are_forgotten_and_busy_ones_are_bounded() {
        let mut pacer = Pacer::default();
        for account in 0..100_000 {
            assert_eq!(pacer.slot(1, account, 10, START_US + account * 10), 0);
        }
        assert!(pacer.len() <= SWEEP_AT_MIN, "{}", pacer.len());
        for account in 0..ACCOUNTS_MAX as u64 + 1000 {
            assert_eq!(pacer.slot(2, account, 1_000_000_000, START_US), 0);
        }
        assert_eq!(pacer.len(), ACCOUNTS_MAX);
        assert_eq!(pacer.slot(2, 0, 1_000_000_000, START_US), 1_000_000_000, "those known are paced");
    }

    proptest! {
        /// The naive model: all slots ever given, by account.
        #[test]
        fn slots_are_in_order_apart_and_no_later_than_needed(
            pacing_us in 1..50_000_u64, asks in prop::collection::vec((0..3_u16, 0..4_u64, 0..20_000_u64), 1..300),
        ) {
            let mut pacer = Pacer::default();
            let mut given: std::collections::BTreeMap<(u16, u64), u64> = std::collections::BTreeMap::new();
            let mut now_us = START_US;
            for (bank, account, gap_us) in asks {
                now_us += gap_us;
                let slot_us = now_us + pacer.slot(bank, account, pacing_us, now_us);
                let earliest = given.get(&(bank, account)).map_or(now_us, |last| now_us.max(last + pacing_us));
                prop_assert_eq!(slot_us, earliest);
                given.insert((bank, account), slot_us);
            }
        }
    }
}
