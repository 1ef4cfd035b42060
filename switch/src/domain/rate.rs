//! How many requests a second a participant may send: a token bucket, kept as one instant (the generic cell rate
//! algorithm), so that it fits into an atomic.
//!
//! ```text
//!  paid_until ----------+            every request moves it on by 1/rate;
//!       now  |----------|            it may be ahead of now by burst - 1 requests, no more
//! ```
//!
//! Invariant: pure. In any span of `w` seconds at most `burst + rate x w` requests are admitted. Called by admission.

/// Most requests a second and most at once that can be configured.
pub const RATE_MAX: u32 = 1_000_000;

const NS_PER_S: u64 = 1_000_000_000;

/// A bucket that fills at a steady rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Time that one request pays for, nanoseconds; rounded up, so never faster than configured.
    interval_ns: u64,
    /// How far ahead of now the requests may have paid.
    ahead_max_ns: u64,
}

impl Rate {
    /// `per_s` requests a second, `burst` at once. `None` when one of them is 0 or above [`RATE_MAX`].
    #[must_use]
    pub fn new(per_s: u32, burst: u32) -> Option<Self> {
        let fits = |value: u32| (1..=RATE_MAX).contains(&value);
        if !fits(per_s) || !fits(burst) {
            return None;
        }
        let interval_ns = NS_PER_S.div_ceil(u64::from(per_s));
        Some(Self { interval_ns, ahead_max_ns: interval_ns.saturating_mul(u64::from(burst) - 1) })
    }

    /// Whether a request at `now_us` (unix microseconds) fits after what was paid until `paid_until_ns` (0 at first);
    /// the new instant if it does.
    #[must_use]
    pub fn admit(&self, paid_until_ns: u64, now_us: u64) -> Option<u64> {
        let now_ns = now_us.saturating_mul(1000);
        let paid_ns = paid_until_ns.max(now_ns);
        (paid_ns - now_ns <= self.ahead_max_ns).then(|| paid_ns.saturating_add(self.interval_ns))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START_US: u64 = 1_790_000_000_000_000;

    fn admitted(rate: Rate, instants_us: &[u64]) -> Vec<bool> {
        let mut paid = 0;
        let mut take = |now_us: &u64| match rate.admit(paid, *now_us) {
            Some(until) => {
                paid = until;
                true
            }
            None => false,
        };
        instants_us.iter().map(&mut take).collect()
    }

    #[test]
    fn a_burst_fits_and_then_the_rate_holds() {
        let rate = Rate::new(10, 3).unwrap();
        let at = |ms: u64| START_US + ms * 1000;
        let instants = [0, 0, 0, 0, 99, 100, 100, 200, 1200, 1200, 1200, 1200].map(at);
        let expected = [true, true, true, false, false, true, false, true, true, true, true, false];
        assert_eq!(admitted(rate, &instants), expected);
    }

    #[test]
    fn nothing_and_too_much_are_no_rates() {
        for (per_s, burst) in [(0, 1), (1, 0), (RATE_MAX + 1, 1), (1, RATE_MAX + 1)] {
            assert_eq!(Rate::new(per_s, burst), None);
        }
        assert!(Rate::new(RATE_MAX, RATE_MAX).is_some());
    }

    proptest! {
        /// The naive model: a bucket of `burst x interval` nanoseconds that fills with time; a request takes one interval.
        #[test]
        fn agrees_with_a_bucket_that_is_filled_by_hand(
            per_s in 1..5_000_u32, burst in 1..20_u32, gaps_us in prop::collection::vec(0..3_000_u64, 1..200),
        ) {
            let rate = Rate::new(per_s, burst).unwrap();
            let interval = 1_000_000_000_u64.div_ceil(u64::from(per_s));
            let full = interval * u64::from(burst);
            let (mut level, mut now_us, mut paid) = (full, START_US, 0);
            for gap_us in gaps_us {
                now_us += gap_us;
                level = (level + gap_us * 1000).min(full);
                let fits = level >= interval;
                if fits {
                    level -= interval;
                }
                let found = rate.admit(paid, now_us);
                prop_assert_eq!(found.is_some(), fits);
                paid = found.unwrap_or(paid);
            }
        }

        #[test]
        fn no_span_of_time_sees_more_than_burst_and_rate(
            per_s in 1..2_000_u32, burst in 1..10_u32, gaps_us in prop::collection::vec(0..2_000_u64, 2..120),
        ) {
            let mut now_us = START_US;
            let instants: Vec<u64> = gaps_us.iter().map(|gap| { now_us += gap; now_us }).collect();
            let passed: Vec<u64> = admitted(Rate::new(per_s, burst).unwrap(), &instants)
                .into_iter().zip(&instants).filter(|(passed, _)| *passed).map(|(_, at)| *at).collect();
            for (first, from) in passed.iter().enumerate() {
                for (last, to) in passed.iter().enumerate().skip(first) {
                    let most = u64::from(burst) * 1_000_000 + u64::from(per_s) * (to - from);
                    prop_assert!((last - first + 1) as u64 * 1_000_000 <= most);
                }
            }
        }
    }
}
