//! Timers by the hundred thousand: a hierarchical wheel, time passed in.
//!
//! ```text
//!  level 0   64 slots of 1 tick (1.024 ms)   whatever differs from now only in the lowest 6 bits of its tick
//!  level 1   64 slots of 64 ticks (66 ms)    ... only in the lowest 12 bits
//!  ...
//!  level 8   64 slots of 2^48 ticks          all of u64 microseconds fits: nothing can be too far away
//! ```
//!
//! Invariants: a timer never rings early; every timer that is due comes out of the next `pop_due`. There is no cancelling:
//! a timer that was replaced rings, and the transition answers `NotDue`. Called by a worker's loop, one wheel a worker.

const TICK_BITS: u32 = 10;
const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;
const LEVELS: usize = (u64::BITS - TICK_BITS).div_ceil(SLOT_BITS) as usize;
/// A slot that held more than this gives its room back when it is emptied.
const KEPT_CAPACITY_MAX: usize = 4096;

/// One timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer {
    /// When it rings, microseconds.
    pub at_us: u64,
    /// Whose it is: a TrxId as a number.
    pub key: u128,
    /// What for; the caller's own numbers.
    pub kind: u8,
}

/// The timers of one worker.
#[derive(Debug)]
pub struct Wheel {
    /// Every slot before this tick has been emptied.
    tick: u64,
    len: usize,
    levels: Vec<Level>,
}

#[derive(Clone, Debug)]
struct Level {
    /// Bit s: slot s holds something.
    occupied: u64,
    slots: Vec<Vec<Timer>>,
}

impl Wheel {
    /// An empty wheel that begins at `now_us`.
    pub fn new(now_us: u64) -> Self {
        let level = Level { occupied: 0, slots: vec![Vec::new(); SLOTS] };
        Self { tick: now_us >> TICK_BITS, len: 0, levels: vec![level; LEVELS] }
    }

    /// Sets a timer; one that is due already rings at the next [`Wheel::pop_due`].
    pub fn insert(&mut self, at_us: u64, key: u128, kind: u8) {
        self.place(Timer { at_us, key, kind });
        self.len += 1;
    }

    /// Number of timers set.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether no timer is set.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends every timer with `at_us <= now_us` to `due`, earliest first, and forgets them.
    pub fn pop_due(&mut self, now_us: u64, due: &mut Vec<Timer>) {
        let before = due.len();
        let target = (now_us >> TICK_BITS).max(self.tick);
        while let Some((level, slot)) = self.first_slot() {
            let start = self.start_of(level, slot);
            if start > target {
                break;
            }
            self.tick = self.tick.max(start);
            if level > 0 {
                self.spread(level, slot);
            } else if self.ring(slot, now_us, due) {
                break;
            }
        }
        self.tick = target;
        due[before..].sort_unstable();
        self.len -= due.len() - before;
    }

    /// A lower bound of the earliest timer, microseconds: exact when it is less than 64 ticks away, otherwise the
    /// beginning of its slot. Waking up then and calling [`Wheel::pop_due`] brings the timer nearer. `None` when empty.
    pub fn next_due(&self) -> Option<u64> {
        let (level, slot) = self.first_slot()?;
        if level > 0 {
            return Some(self.start_of(level, slot) << TICK_BITS);
        }
        self.levels[0].slots[slot].iter().map(|timer| timer.at_us).min()
    }

    /// The earliest slot that holds something: levels lie one after the other in time.
    fn first_slot(&self) -> Option<(usize, usize)> {
        let level = self.levels.iter().position(|level| level.occupied != 0)?;
        Some((level, self.levels[level].occupied.trailing_zeros() as usize))
    }

    /// First tick of a slot.
    fn start_of(&self, level: usize, slot: usize) -> u64 {
        let shift = SLOT_BITS * level as u32;
        let above = shift + SLOT_BITS;
        let prefix = if above >= u64::BITS { 0 } else { self.tick >> above << above };
        prefix | (slot as u64) << shift
    }

    /// Puts a timer where its tick first differs from the wheel's.
    fn place(&mut self, timer: Timer) {
        let tick = (timer.at_us >> TICK_BITS).max(self.tick);
        let differing_bits = u64::BITS - (tick ^ self.tick).leading_zeros();
        let level = (differing_bits.saturating_sub(1) / SLOT_BITS) as usize;
        let slot = (tick >> (SLOT_BITS * level as u32)) as usize % SLOTS;
        self.levels[level].occupied |= 1 << slot;
        self.levels[level].slots[slot].push(timer);
    }

    /// Takes the timers of a slot whose time has come to the levels below.
    fn spread(&mut self, level: usize, slot: usize) {
        let mut timers = std::mem::take(&mut self.levels[level].slots[slot]);
        self.levels[level].occupied &= !(1 << slot);
        for timer in timers.drain(..) {
            self.place(timer);
        }
        if timers.capacity() <= KEPT_CAPACITY_MAX {
            self.levels[level].slots[slot] = timers;
        }
    }

    /// Moves what is due of one tick to `due`; true when something of that tick is left, because it is not over.
    fn ring(&mut self, slot: usize, now_us: u64, due: &mut Vec<Timer>) -> bool {
        let lowest = &mut self.levels[0];
        let timers = &mut lowest.slots[slot];
        due.extend(timers.extract_if(.., |timer| timer.at_us <= now_us));
        if !timers.is_empty() {
            return true;
        }
        lowest.occupied &= !(1 << slot);
        if timers.capacity() > KEPT_CAPACITY_MAX {
            *timers = Vec::new();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Action {
        Insert { delay_us: u64, kind: u8 },
        Advance { by_us: u64 },
        AdvanceToNext,
    }

    fn any_delay() -> impl Strategy<Value = u64> {
        prop_oneof![0_u64..3_000, 0_u64..200_000, 0_u64..30_000_000, 0_u64..4_000_000_000, Just(u64::MAX / 2)]
    }

    fn any_action() -> impl Strategy<Value = Action> {
        prop_oneof![
            4 => (any_delay(), any::<u8>()).prop_map(|(delay_us, kind)| Action::Insert { delay_us, kind }),
            2 => any_delay().prop_filter("keeps time going", |us| *us < u64::MAX / 4)
                .prop_map(|by_us| Action::Advance { by_us }),
            1 => Just(Action::AdvanceToNext),
        ]
    }

    fn pop(wheel: &mut Wheel, now_us: u64) -> Vec<Timer> {
        let mut due = Vec::new();
        wheel.pop_due(now_us, &mut due);
        due
    }

    proptest! {
        /// The wheel and a sorted set ring the same timers at the same calls, in the same order.
        #[test]
        fn the_wheel_is_a_sorted_set(start_us in 0_u64..1 << 60, actions in prop::collection::vec(any_action(), 1..200)) {
            let mut now_us = start_us;
            let mut wheel = Wheel::new(now_us);
            let mut model = BTreeSet::new();
            for (number, action) in actions.into_iter().enumerate() {
                match action {
                    Action::Insert { delay_us, kind } => {
                        let timer = Timer { at_us: now_us.saturating_add(delay_us), key: number as u128, kind };
                        wheel.insert(timer.at_us, timer.key, timer.kind);
                        model.insert(timer);
                        continue;
                    }
                    Action::Advance { by_us } => now_us = now_us.saturating_add(by_us),
                    Action::AdvanceToNext => now_us = wheel.next_due().unwrap_or(now_us).max(now_us),
                }
                let expected: Vec<_> = model.iter().copied().take_while(|timer| timer.at_us <= now_us).collect();
                model.retain(|timer| timer.at_us > now_us);
                prop_assert_eq!(pop(&mut wheel, now_us), expected);
                prop_assert_eq!(wheel.len(), model.len());
                let bound = wheel.next_due();
                prop_assert_eq!(bound.is_none(), model.is_empty());
                if let (Some(bound), Some(first)) = (bound, model.first()) {
                    prop_assert!(bound > now_us && bound <= first.at_us, "{bound} of {first:?} at {now_us}");
                }
            }
        }
    }

    #[test]
    fn sleeping_until_next_due_reaches_every_timer_in_few_steps() {
        let mut wheel = Wheel::new(1_000_000);
        for at_us in [1_000_001, 1_002_000, 9_000_000, 3_600_000_000, u64::MAX] {
            wheel.insert(at_us, 7, 1);
        }
        let (mut rung, mut wakes) = (Vec::new(), 0);
        while let Some(next_us) = wheel.next_due() {
            wheel.pop_due(next_us, &mut rung);
            wakes += 1;
        }
        let at: Vec<_> = rung.iter().map(|timer| timer.at_us).collect();
        assert_eq!(at, [1_000_001, 1_002_000, 9_000_000, 3_600_000_000, u64::MAX]);
        assert!(wakes <= 5 * LEVELS, "{wakes} wakes");
    }

    #[test]
    fn a_timer_of_the_past_rings_at_once_and_a_clock_that_steps_back_rings_nothing_early() {
        let mut wheel = Wheel::new(10_000_000);
        wheel.insert(5, 1, 0);
        wheel.insert(10_500_000, 2, 0);
        assert_eq!(pop(&mut wheel, 9_000_000).len(), 1);
        assert_eq!(pop(&mut wheel, 10_499_999).len(), 0);
        assert_eq!(pop(&mut wheel, 10_500_000).len(), 1);
        assert!(wheel.is_empty());
    }

    #[test]
    fn a_burst_gives_its_room_back() {
        let mut wheel = Wheel::new(0);
        for key in 0..100_000 {
            wheel.insert(8_000_000, key, 0);
        }
        assert_eq!(pop(&mut wheel, 8_000_000).len(), 100_000);
        let room: usize = wheel.levels.iter().flat_map(|level| &level.slots).map(Vec::capacity).sum();
        assert!(room <= KEPT_CAPACITY_MAX * 4, "{room} timers of room kept");
    }
}
