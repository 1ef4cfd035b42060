//! Who took the legs of one bank, and when: its two links watched from the bank's side while the one dies and comes back.
//!
//! Invariant: what is measured is what a leg sees, the request that arrives, not what the node says of itself.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use clearway_loadgen::link::{Link, LinkBehaviour};
use serde::Serialize;

use crate::error::Error;

/// How often the links are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// What the two links saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Course {
    /// From the death of the active line to the first leg over the standby, in milliseconds.
    pub to_standby_ms: Option<f64>,
    /// From the active line's return to the last leg over the standby, in milliseconds.
    pub to_switch_back_ms: Option<f64>,
    /// Legs that reached the active line, from its death on.
    pub legs_active: u64,
    /// Legs that reached the standby, likewise.
    pub legs_standby: u64,
    /// Times that legs moved from one link to the other; a trial beside the standby is none. Two are wanted: there and back.
    pub moves: u32,
}

/// The two links of the bank that is hit.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) active: Link,
    pub(super) standby: Link,
}

impl Pair {
    /// Kills the active link now, for `outage`, and watches both until `total` is over.
    pub(super) fn watch(
        self,
        death: LinkBehaviour,
        outage: Duration,
        total: Duration,
    ) -> Result<JoinHandle<Course>, Error> {
        let work = move || self.play(death, outage, total);
        std::thread::Builder::new().name("failover".into()).spawn(work).map_err(Error::machine("watching thread"))
    }

    fn play(&self, death: LinkBehaviour, outage: Duration, total: Duration) -> Course {
        let (mut watched, before) = (Watched::new(), self.legs());
        self.standby.await_leg();
        let died_us = unix_us();
        self.active.set(death);
        let died = Instant::now();
        self.watch_until(&mut watched, died + outage);
        let to_standby_ms = millis_since(died_us, self.standby.first_leg_us());
        self.active.set(LinkBehaviour::Open);
        let back = Instant::now();
        self.watch_until(&mut watched, died + total);
        let switched = watched.last_standby.filter(|last| watched.is_active_alone && *last > back);
        let after = self.legs();
        Course {
            to_standby_ms,
            to_switch_back_ms: switched.map(|last| (last - back).as_secs_f64() * 1e3),
            legs_active: after.0 - before.0,
            legs_standby: after.1 - before.1,
            moves: watched.moves,
        }
    }

    fn watch_until(&self, watched: &mut Watched, until: Instant) {
        let mut seen = self.legs();
        while Instant::now() < until {
            std::thread::sleep(LOOK_EVERY);
            let now = self.legs();
            watched.note(now.0 > seen.0, now.1 > seen.1, Instant::now());
            seen = now;
        }
    }

    fn legs(&self) -> (u64, u64) {
        (self.active.counts().legs, self.standby.counts().legs)
    }
}

/// Which link has taken the legs so far.
#[derive(Debug)]
struct Watched {
    /// Whether the active link alone took legs lately; before the first ones, it does.
    is_active_alone: bool,
    last_standby: Option<Instant>,
    moves: u32,
}

impl Watched {
    const fn new() -> Self {
        Self { is_active_alone: true, last_standby: None, moves: 0 }
    }

    fn note(&mut self, active: bool, standby: bool, now: Instant) {
        /// The standby has handed over when it has taken nothing for so long while the active link takes legs.
        const QUIET: Duration = Duration::from_millis(500);
        if standby {
            self.last_standby = Some(now);
            self.moves += u32::from(self.is_active_alone);
            self.is_active_alone = false;
        } else if active && !self.is_active_alone && self.last_standby.is_none_or(|last| now - last > QUIET) {
            self.moves += 1;
            self.is_active_alone = true;
        }
    }
}

fn unix_us() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

fn millis_since(from_us: u64, to_us: Option<u64>) -> Option<f64> {
    to_us.map(|to_us| to_us.saturating_sub(from_us) as f64 / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Legs at milliseconds, by link: a for active, s for standby.
    fn moves(story: &[(u64, char)]) -> (u32, bool) {
        let (start, mut watched) = (Instant::now(), Watched::new());
        for (at_ms, link) in story {
            watched.note(*link == 'a', *link == 's', start + Duration::from_millis(*at_ms));
        }
        (watched.moves, watched.is_active_alone)
    }

    #[test]
    fn there_and_back_are_two_moves_and_a_trial_is_none() {
        assert_eq!(moves(&[(0, 'a'), (10, 'a')]), (0, true));
        assert_eq!(moves(&[(0, 'a'), (100, 's'), (110, 's')]), (1, false));
        assert_eq!(moves(&[(0, 's'), (100, 'a'), (110, 's'), (300, 'a'), (400, 's')]), (1, false));
        assert_eq!(moves(&[(0, 's'), (100, 'a'), (700, 'a'), (800, 'a')]), (2, true));
        assert_eq!(moves(&[(0, 's'), (700, 'a'), (800, 's')]), (3, false));
    }
}
