//! Time: unix microseconds, read once per burst by whoever owns the loop, and passed down as a parameter.
//!
//! Invariant: the readings of one [`Clock`] never go back. The clock is anchored to the machine's steady clock;
//! when the wall clock jumps ahead it is followed, and when it is set back the steady time goes on
//! ([`Clock::ahead_of_wall_micros`] says by how much), because a timer that stands still for an hour would leave
//! payments hanging, and a time that goes back would reorder their records.
//!
//! Called by: the node, the pipeline's workers, the journal's caller. `domain` never reads it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Steps of the wall clock up to this many microseconds are left to the slewing of the machine's time service.
const STEP_TOLERANCE_MICROS: u64 = 1_000_000;

/// A source of unix time in microseconds. Cheap to clone; clones of one clock share their state.
///
/// ```
/// use clearway::clock::Clock;
/// let (clock, hand) = Clock::settable(1_752_000_000_000_000);
/// hand.advance(250);
/// assert_eq!(clock.now_micros(), 1_752_000_000_000_250);
/// ```
#[derive(Debug, Clone)]
pub struct Clock {
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Machine(Arc<Anchor>),
    Set(Arc<AtomicU64>),
}

#[derive(Debug)]
struct Anchor {
    started: Instant,
    /// Unix microseconds at `started`; only ever grows.
    base_micros: AtomicU64,
}

/// Moves the time of a settable [`Clock`]; for tests and simulations.
#[derive(Debug, Clone)]
pub struct ClockHand {
    micros: Arc<AtomicU64>,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn real() -> Self {
        let anchor = Anchor { started: Instant::now(), base_micros: AtomicU64::new(wall_micros()) };
        Self { source: Source::Machine(Arc::new(anchor)) }
    }

    /// A clock that stands still at `at_micros` until its hand is moved.
    #[must_use]
    pub fn settable(at_micros: u64) -> (Self, ClockHand) {
        let micros = Arc::new(AtomicU64::new(at_micros));
        (Self { source: Source::Set(Arc::clone(&micros)) }, ClockHand { micros })
    }

    /// Unix time in microseconds. Never smaller than what an earlier call on any clone returned before this one
    /// started.
    #[must_use]
    pub fn now_micros(&self) -> u64 {
        match &self.source {
            Source::Machine(anchor) => anchor.now_micros(wall_micros()),
            Source::Set(micros) => micros.load(Ordering::Acquire),
        }
    }

    /// How far this clock is ahead of the wall clock, in microseconds: more than zero only after the wall clock was
    /// set back. For metrics.
    #[must_use]
    pub fn ahead_of_wall_micros(&self) -> u64 {
        match &self.source {
            Source::Machine(anchor) => {
                let wall = wall_micros();
                anchor.now_micros(wall).saturating_sub(wall)
            }
            Source::Set(_) => 0,
        }
    }
}

impl ClockHand {
    /// Moves the clock forward by `micros`.
    pub fn advance(&self, micros: u64) {
        self.micros.fetch_add(micros, Ordering::AcqRel);
    }

    /// Sets the clock to `at_micros`, or leaves it where it is when that would turn it back.
    pub fn set(&self, at_micros: u64) {
        self.micros.fetch_max(at_micros, Ordering::AcqRel);
    }
}

impl Anchor {
    fn now_micros(&self, wall: u64) -> u64 {
        let elapsed = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let base = self.base_micros.load(Ordering::Acquire);
        let (now, wanted_base) = steady(base, elapsed, wall);
        if wanted_base > base {
            self.base_micros.fetch_max(wanted_base, Ordering::AcqRel);
        }
        now
    }
}

/// The time to tell and the base to keep, from the base so far, the steady time since the anchor and the wall clock.
fn steady(base: u64, elapsed: u64, wall: u64) -> (u64, u64) {
    let now = base.saturating_add(elapsed);
    if wall > now.saturating_add(STEP_TOLERANCE_MICROS) { (wall, wall - elapsed) } else { (now, base) }
}

/// The wall clock in unix microseconds; a machine whose clock stands before 1970 reads as 0.
fn wall_micros() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_the_wall_clock_are_followed_forwards_only() {
        let second = 1_000_000;
        // base, elapsed, wall -> now, base kept
        let table = [
            ("in step", 100 * second, 5 * second, 105 * second, 105 * second, 100 * second),
            ("slew ahead", 100 * second, 5 * second, 105 * second + 900_000, 105 * second, 100 * second),
            ("step ahead", 100 * second, 5 * second, 905 * second, 905 * second, 900 * second),
            ("set back", 100 * second, 5 * second, 3 * second, 105 * second, 100 * second),
            ("wall unreadable", 100 * second, 5 * second, 0, 105 * second, 100 * second),
        ];
        for (name, base, elapsed, wall, now, kept) in table {
            assert_eq!(steady(base, elapsed, wall), (now, kept), "{name}");
        }
    }

    #[test]
    fn the_real_clock_never_goes_back_over_its_clones() {
        let clock = Clock::real();
        let other = clock.clone();
        let mut last = 0;
        for _ in 0..1000 {
            let (first, second) = (clock.now_micros(), other.now_micros());
            assert!(first >= last && second >= first);
            last = second;
        }
    }

    #[test]
    fn a_hand_never_turns_its_clock_back() {
        let (clock, hand) = Clock::settable(50);
        hand.advance(10);
        hand.set(40);
        assert_eq!(clock.now_micros(), 60);
        hand.set(70);
        assert_eq!(clock.now_micros(), 70);
        assert_eq!(clock.ahead_of_wall_micros(), 0);
    }
}
