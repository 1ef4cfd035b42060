//! A channel that fails is switched off by itself, and returns by trial.
//!
//! ```text
//!           failures or time-outs above their share, of at least so many legs in the window
//!    On ------------------------------------------------------------------------------------> Off
//!     ^                                                                                      |  rest, doubled each time
//!     |   so many trial legs, failures at most the lower share                               v  that it comes too soon
//!     +---------------------------------------------------------------------------------- Trial --+
//!                                                        more failures: Off again             ^---+
//! ```
//!
//! Invariants: it is off for at least its rest, so it cannot flap faster than that; while in trial it takes no more than its
//! trial legs; switching off needs new failures each time, because the window begins anew. Time is passed in. A leg that
//! was not sent says nothing here: that is the business of links.

use serde::{Deserialize, Serialize};

use super::cutover::SHARE_MAX;

/// Parts of the window: it slides by one of them.
const PARTS: usize = 10;

/// How a leg ended, as far as its channel is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LegEnd {
    /// A clear answer, yes or no.
    Answered,
    /// No usable answer: broken, not 200, unreadable, badly signed.
    Failed,
    /// No answer in time; a failure too.
    TimedOut,
}

/// When failures switch a channel off, and when it may come back. Shares are in ten-thousandths, times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwitchOff {
    /// Length of the window.
    pub window_us: u64,
    /// Legs in the window before it is judged at all.
    pub least: u32,
    /// Share of failures, time-outs included, at which it is switched off.
    pub failure_share: u16,
    /// Share of time-outs at which it is switched off.
    pub timeout_share: u16,
    /// Time off before the first trial.
    pub rest_us: u64,
    /// Longest time off: it doubles whenever the channel fails again within this time.
    pub rest_max_us: u64,
    /// Legs of a trial.
    pub trials: u32,
    /// Share of failures in a trial up to which it comes back; below `failure_share`, so that it does not flap.
    pub return_share: u16,
}

/// Whether a channel takes legs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SwitchState {
    /// It does.
    On,
    /// It does not, before this instant.
    Off {
        /// Microseconds since 1970.
        until_us: u64,
    },
    /// It takes this many more, to see whether it is well again.
    Trial {
        /// Legs left.
        left: u32,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inner {
    On,
    Off { until_us: u64 },
    Trial { since_us: u64, admitted: u32, good: u32, bad: u32 },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Part {
    /// Which part of time it counts.
    number: u64,
    legs: u32,
    failures: u32,
    timeouts: u32,
}

/// The window and the state of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    parts: [Part; PARTS],
    inner: Inner,
    /// Time off of the last switching-off.
    rest_us: u64,
    /// When it came on again last; 0: it never was off.
    back_at_us: u64,
}

impl Default for Health {
    fn default() -> Self {
        Self { parts: [Part::default(); PARTS], inner: Inner::On, rest_us: 0, back_at_us: 0 }
    }
}

impl Health {
    /// Whether it takes a leg at `now_us`.
    #[must_use]
    pub const fn state(&self, rule: &SwitchOff, now_us: u64) -> SwitchState {
        match self.inner {
            Inner::On => SwitchState::On,
            Inner::Off { until_us } if now_us < until_us => SwitchState::Off { until_us },
            Inner::Off { .. } => SwitchState::Trial { left: rule.trials },
            // What was tried and never came back is tried again.
            Inner::Trial { since_us, .. } if now_us.saturating_sub(since_us) > rule.window_us => {
                SwitchState::Trial { left: rule.trials }
            }
            Inner::Trial { admitted, .. } => SwitchState::Trial { left: rule.trials.saturating_sub(admitted) },
        }
    }

    /// Takes a place for one leg; false: there is none. A place that is not used must be given back ([`forgo`](Self::forgo)).
    pub fn admit(&mut self, rule: &SwitchOff, now_us: u64) -> bool {
        match self.state(rule, now_us) {
            SwitchState::On => true,
            SwitchState::Off { .. } | SwitchState::Trial { left: 0 } => false,
            SwitchState::Trial { left } => {
                if left == rule.trials {
                    self.inner = Inner::Trial { since_us: now_us, admitted: 0, good: 0, bad: 0 };
                }
                if let Inner::Trial { admitted, .. } = &mut self.inner {
                    *admitted += 1;
                }
                true
            }
        }
    }

    /// Gives the place of a leg back that was not sent.
    pub const fn forgo(&mut self) {
        if let Inner::Trial { admitted, .. } = &mut self.inner {
            *admitted = admitted.saturating_sub(1);
        }
    }

    /// Takes note of how a leg ended; the new state, if that changed it.
    pub fn note(&mut self, rule: &SwitchOff, end: LegEnd, now_us: u64) -> Option<SwitchState> {
        match self.inner {
            Inner::Off { .. } => None,
            Inner::On => {
                self.count(rule, end, now_us);
                if !self.is_too_bad(rule, now_us) {
                    return None;
                }
                self.switch_off(rule, now_us);
                Some(self.state(rule, now_us))
            }
            Inner::Trial { since_us, admitted, good, bad } => {
                let is_good = end == LegEnd::Answered;
                let (good, bad) = (good + u32::from(is_good), bad + u32::from(!is_good));
                self.inner = Inner::Trial { since_us, admitted, good, bad };
                self.end_trial(rule, good, bad, now_us)
            }
        }
    }

    /// A trial ends when all its legs are back, or so many have failed that the rest cannot save it.
    fn end_trial(&mut self, rule: &SwitchOff, good: u32, bad: u32, now_us: u64) -> Option<SwitchState> {
        if is_above(bad, rule.trials.max(1), rule.return_share) {
            self.switch_off(rule, now_us);
        } else if good + bad >= rule.trials {
            *self = Self { rest_us: self.rest_us, back_at_us: now_us, ..Self::default() };
        } else {
            return None;
        }
        Some(self.state(rule, now_us))
    }

    /// Off, for longer than the last time if that was a short while ago.
    fn switch_off(&mut self, rule: &SwitchOff, now_us: u64) {
        let is_soon = self.rest_us > 0 && now_us.saturating_sub(self.back_at_us) < rule.rest_max_us;
        let in_trial = matches!(self.inner, Inner::Trial { .. });
        let rest_us = if is_soon || in_trial { self.rest_us.saturating_mul(2) } else { rule.rest_us };
        self.rest_us = rest_us.clamp(rule.rest_us, rule.rest_max_us.max(rule.rest_us));
        self.inner = Inner::Off { until_us: now_us.saturating_add(self.rest_us) };
        self.parts = [Part::default(); PARTS];
    }

    fn count(&mut self, rule: &SwitchOff, end: LegEnd, now_us: u64) {
        let number = part_number(rule, now_us);
        let place = usize::try_from(number % PARTS as u64).unwrap_or(0);
        let Some(part) = self.parts.get_mut(place) else { return };
        if part.number != number {
            *part = Part { number, ..Part::default() };
        }
        part.legs = part.legs.saturating_add(1);
        part.failures = part.failures.saturating_add(u32::from(end != LegEnd::Answered));
        part.timeouts = part.timeouts.saturating_add(u32::from(end == LegEnd::TimedOut));
    }

    /// Legs, failures and time-outs of the window that ends at `now_us`.
    #[must_use]
    pub fn window(&self, rule: &SwitchOff, now_us: u64) -> [u32; 3] {
        let now = part_number(rule, now_us);
        let oldest = now.saturating_sub(PARTS as u64 - 1);
        let inside = self.parts.iter().filter(|part| (oldest..=now).contains(&part.number));
        inside.fold([0_u32; 3], |sum, part| {
            [
                sum[0].saturating_add(part.legs),
                sum[1].saturating_add(part.failures),
                sum[2].saturating_add(part.timeouts),
            ]
        })
    }

    fn is_too_bad(&self, rule: &SwitchOff, now_us: u64) -> bool {
        let [legs, failures, timeouts] = self.window(rule, now_us);
        let reaches = |part: u32, share: u16| {
            part > 0 && u64::from(part) * u64::from(SHARE_MAX) >= u64::from(legs) * u64::from(share)
        };
        legs >= rule.least && (reaches(failures, rule.failure_share) || reaches(timeouts, rule.timeout_share))
    }
}

fn part_number(rule: &SwitchOff, now_us: u64) -> u64 {
    now_us / (rule.window_us / PARTS as u64).max(1)
}

/// Whether `part` of `whole` is more than `share`.
fn is_above(part: u32, whole: u32, share: u16) -> bool {
    u64::from(part) * u64::from(SHARE_MAX) > u64::from(whole) * u64::from(share)
}
