//! Ten thousand random schedules of faults against the pure machine of routes: decisions, places, switching off.
//!
//! Each seed is a little world: channels that refuse, break or fall silent as the dice say, links that are found out late,
//! and payments. Whatever happens, a leg leaves at most once, a channel takes no more than its volume and its trial legs, and
//! when the faults are over the preferred channel is back.

use std::collections::{BTreeSet, VecDeque};

use super::samples::{asked, channel, switch_off, table};
use super::*;
use clearway_codec::value::Date;

/// Worlds.
const SEEDS: u64 = 10_000;
/// Seeds that have failed once.
const COMMITTED: &[u64] = &[];

const START_US: u64 = 1_795_140_000_000_000;
/// How long a dead link goes unnoticed.
const NOTICE_US: u64 = 300_000;
/// How long an answer is waited for.
const DEADLINE_US: u64 = 800_000;
/// Most payments of a day on channel 1.
const COUNT_MAX: u64 = 60;

/// SplitMix64: the same dice everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % sides
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Nothing leaves.
    Refuses,
    /// Bytes leave, no answer comes back.
    Breaks,
    /// Likewise, and only the deadline tells.
    Silent,
}

/// One channel of the world.
struct Side {
    fault: Fault,
    since_us: u64,
    health: Health,
    book: VolumeBook,
    /// Places taken, for the naive count.
    held: u64,
    /// When its state was told to be off last.
    off_at_us: Option<u64>,
}

struct World {
    seed: u64,
    dice: Dice,
    table: RouteTable,
    sides: Vec<Side>,
    now_us: u64,
    /// Legs whose answer is still waited for: when, over which channel.
    out: VecDeque<(u64, usize)>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let count = 2 + dice.next(3) as u8;
        let channels = (0..count).map(|number| Channel {
            share: if number == 1 { SHARE_MAX } else { 0 },
            limits: VolumeLimits { day_count: (number == 1).then_some(COUNT_MAX), ..VolumeLimits::default() },
            switch_off: Some(switch_off()),
            ..channel(number, number + 1)
        });
        let side = |_| Side {
            fault: Fault::None,
            since_us: START_US,
            health: Health::default(),
            book: VolumeBook::default(),
            held: 0,
            off_at_us: None,
        };
        Self {
            seed,
            table: table(channels),
            sides: (0..count).map(side).collect(),
            dice,
            now_us: START_US,
            out: VecDeque::new(),
        }
    }

    fn day() -> Date {
        Date::from_ymd(2026, 11, 20).expect("a day")
    }

    fn limits(&self, number: usize) -> VolumeLimits {
        self.table.channel(samples::BANK, number as u8).expect("a channel").limits
    }

    fn decide(&self, tried: &BTreeSet<u8>) -> Why {
        decide(&self.table, &asked(), |channel| {
            let side = &self.sides[usize::from(channel.number)];
            let is_noticed = side.fault != Fault::None && self.now_us >= side.since_us + NOTICE_US;
            Seen {
                is_reachable: !(is_noticed && matches!(side.fault, Fault::Refuses | Fault::Silent)),
                is_closed: false,
                is_tried: tried.contains(&channel.number),
                breach: side.book.check(asked().amount_fen, Self::day(), &channel.limits).err(),
                switch: side.health.state(&switch_off(), self.now_us),
            }
        })
    }

    /// One payment from its decision until its leg has left, or has nowhere to go. Whether it left, and over what.
    fn pay(&mut self) -> Option<usize> {
        let mut tried = BTreeSet::new();
        for _ in 0..=self.sides.len() {
            let why = self.decide(&tried);
            let Some(number) = why.chosen else {
                let fits = why.candidates.iter().any(|one| matches!(one.verdict, Verdict::Fits { .. }));
                assert!(!fits, "seed {}: nothing was taken although something fits: {why:?}", self.seed);
                return None;
            };
            let place = usize::from(number);
            self.reserve(place);
            match self.sides[place].fault {
                Fault::Refuses => {
                    self.release(place);
                    self.sides[place].health.forgo();
                    assert!(tried.insert(number), "seed {}: channel {number} is tried twice", self.seed);
                }
                Fault::None => {
                    self.note(place, LegEnd::Answered);
                    return Some(place);
                }
                Fault::Breaks => {
                    self.note(place, LegEnd::Failed);
                    self.release(place);
                    return Some(place);
                }
                Fault::Silent => {
                    self.out.push_back((self.now_us + DEADLINE_US, place));
                    return Some(place);
                }
            }
        }
        panic!("seed {}: a payment went on for ever", self.seed);
    }

    fn reserve(&mut self, place: usize) {
        let (limits, now_us, seed) = (self.limits(place), self.now_us, self.seed);
        let side = &mut self.sides[place];
        assert!(side.health.admit(&switch_off(), now_us), "seed {seed}: chosen, and not admitted");
        side.book.reserve(asked().amount_fen, Self::day(), &limits).expect("chosen, so it has room");
        side.held += 1;
        assert!(place != 1 || side.held <= COUNT_MAX, "seed {seed}: more than its volume");
        assert_eq!(side.book.used(Self::day())[0].count, side.held, "seed {seed}");
    }

    fn release(&mut self, place: usize) {
        let side = &mut self.sides[place];
        side.book.release(asked().amount_fen, Self::day());
        side.held -= 1;
    }

    fn note(&mut self, place: usize, end: LegEnd) {
        let (rule, now_us, seed) = (switch_off(), self.now_us, self.seed);
        let side = &mut self.sides[place];
        match side.health.note(&rule, end, now_us) {
            Some(SwitchState::Off { .. }) => {
                let rested = side.off_at_us.is_none_or(|off_at_us| now_us >= off_at_us + rule.rest_us);
                assert!(rested, "seed {seed}: channel {place} flaps");
                side.off_at_us = Some(now_us);
            }
            Some(SwitchState::On) => {
                let rested = side.off_at_us.is_some_and(|off_at_us| now_us >= off_at_us + rule.rest_us);
                assert!(rested, "seed {seed}: channel {place} came back too soon");
            }
            Some(SwitchState::Trial { .. }) | None => {}
        }
    }

    fn wait(&mut self, wait_us: u64) {
        self.now_us += wait_us;
        while self.out.front().is_some_and(|(at_us, _)| *at_us <= self.now_us) {
            let Some((_, place)) = self.out.pop_front() else { break };
            self.note(place, LegEnd::TimedOut);
            self.release(place);
        }
    }

    /// The dice change what is wrong with one channel.
    fn strike(&mut self) {
        let place = self.dice.next(self.sides.len() as u64) as usize;
        let fault = [Fault::None, Fault::Refuses, Fault::Breaks, Fault::Silent][self.dice.next(4) as usize];
        let side = &mut self.sides[place];
        (side.fault, side.since_us) = (fault, self.now_us);
    }

    /// Everything is well again; what was paid is settled and forgotten, as on another day.
    fn heal(&mut self) {
        self.wait(DEADLINE_US);
        for side in &mut self.sides {
            (side.fault, side.book, side.held) = (Fault::None, VolumeBook::default(), 0);
        }
    }
}

fn live(seed: u64) {
    let mut world = World::new(seed);
    for _ in 0..60 {
        if world.dice.next(6) == 0 {
            world.strike();
        }
        let wait_us = world.dice.next(120_000);
        world.wait(wait_us);
        world.pay();
    }
    world.heal();
    // Longer than the longest rest, at a pace that a trial can be made in.
    let last = (0..150).fold(None, |_, _| {
        world.wait(150_000);
        let left = world.pay();
        if let Some(place) = left {
            world.release(place);
        }
        left
    });
    assert_eq!(last, Some(1), "seed {seed}: the preferred channel is back");
}

#[test]
fn a_leg_leaves_once_and_channels_return_whatever_the_faults() {
    COMMITTED.iter().copied().chain(0..SEEDS).for_each(live);
}
