//! What joint operations count (business.md section 9): legs by business, both sides, account type and leg, over a
//! minute.
//!
//! Invariant: pure; time is passed in. A tally is bounded: past [`ROWS_MAX`] kinds of legs a new kind is counted as
//! `dropped` and nothing else, so that nobody can make it grow. Called by operations, which gives every worker a tally
//! of its own.

use std::collections::BTreeMap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Kinds of legs that one tally tells apart.
pub const ROWS_MAX: usize = 1 << 16;

/// The span of one count, in microseconds: 60 s (wire.md 3.12, `cntStep`).
pub const MINUTE_US: u64 = 60_000_000;

/// The account type of a leg that names none, or one that is not two digits.
pub const NO_ACCOUNT_TYPE: u8 = u8::MAX;

/// One kind of leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegKind {
    /// Number of the business.
    pub business: u8,
    /// 1 or 2.
    pub leg: u8,
    /// Account type of the leg's side, 0 to 99, or [`NO_ACCOUNT_TYPE`].
    pub account_type: u8,
    /// Index of the participant that asked for the business.
    pub initiator: u16,
    /// Index of the participant to which the leg went.
    pub target: u16,
}

/// How one leg ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegEnd {
    /// From sent to answered, or to the moment it was given up, microseconds.
    pub took_us: u64,
    /// The target agreed.
    pub business_ok: bool,
    /// The target gave a usable answer in time, whichever.
    pub system_ok: bool,
}

/// Sums over the legs of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Legs that ended.
    pub count: u64,
    /// Time they took, microseconds.
    pub took_us: u64,
    /// Those to which the target agreed.
    pub business_ok: u64,
    /// Those with a usable answer in time.
    pub system_ok: u64,
}

/// Sums by kind of leg.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    sums: HashMap<LegKind, Sums, FixedState>,
    dropped: u64,
}

/// What one participant is told of: the kind, and who is on the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Number of the business.
    pub business: u8,
    /// Index of the other side.
    pub other: u16,
    /// Account type, or [`NO_ACCOUNT_TYPE`].
    pub account_type: u8,
    /// 1 or 2.
    pub leg: u8,
}

impl Sums {
    fn add(&mut self, end: LegEnd) {
        self.merge(&Self {
            count: 1,
            took_us: end.took_us,
            business_ok: u64::from(end.business_ok),
            system_ok: u64::from(end.system_ok),
        });
    }

    /// Adds other sums.
    pub const fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.took_us = self.took_us.saturating_add(other.took_us);
        self.business_ok = self.business_ok.saturating_add(other.business_ok);
        self.system_ok = self.system_ok.saturating_add(other.system_ok);
    }

    /// Mean time, in milliseconds, rounded to the nearest; 0 of nothing.
    #[must_use]
    pub const fn mean_ms(&self) -> u64 {
        match self.took_us.checked_div(self.count) {
            Some(mean_us) => mean_us.saturating_add(500) / 1000,
            None => 0,
        }
    }

    /// Business success, in hundredths of a percent, rounded down, so that 10,000 means all; `None` of nothing.
    #[must_use]
    pub fn business_rate(&self) -> Option<u64> {
        rate(self.business_ok, self.count)
    }

    /// System success, likewise.
    #[must_use]
    pub fn system_rate(&self) -> Option<u64> {
        rate(self.system_ok, self.count)
    }
}

fn rate(part: u64, whole: u64) -> Option<u64> {
    let hundredths = (u128::from(part) * 10_000).checked_div(u128::from(whole))?;
    u64::try_from(hundredths).ok()
}

impl Tally {
    /// Counts the end of one leg.
    #[inline]
    pub fn note(&mut self, kind: LegKind, end: LegEnd) {
        if let Some(sums) = self.sums.get_mut(&kind) {
            sums.add(end);
        } else if self.sums.len() < ROWS_MAX {
            self.sums.entry(kind).or_default().add(end);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Self) {
        for (kind, sums) in &other.sums {
            if self.sums.len() < ROWS_MAX || self.sums.contains_key(kind) {
                self.sums.entry(*kind).or_default().merge(sums);
            } else {
                self.dropped = self.dropped.saturating_add(sums.count);
            }
        }
        self.dropped = self.dropped.saturating_add(other.dropped);
    }

    /// Legs that were counted only as too many kinds.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Kinds of legs counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// Whether no leg was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// All sums, in the order of their kinds.
    #[must_use]
    pub fn sorted(&self) -> BTreeMap<LegKind, Sums> {
        self.sums.iter().map(|(kind, sums)| (*kind, *sums)).collect()
    }

    /// Sums by (business, leg).
    #[must_use]
    pub fn by_business(&self) -> BTreeMap<(u8, u8), Sums> {
        let mut all: BTreeMap<_, Sums> = BTreeMap::new();
        for (kind, sums) in &self.sums {
            all.entry((kind.business, kind.leg)).or_default().merge(sums);
        }
        all
    }

    /// What every participant concerned is told: for each leg both sides, each of the other.
    #[must_use]
    pub fn by_participant(&self) -> BTreeMap<u16, BTreeMap<Row, Sums>> {
        let mut all: BTreeMap<u16, BTreeMap<Row, Sums>> = BTreeMap::new();
        for (kind, sums) in &self.sums {
            let LegKind { business, leg, account_type, initiator, target } = *kind;
            let mut tell = |to: u16, other: u16| {
                let row = Row { business, other, account_type, leg };
                all.entry(to).or_default().entry(row).or_default().merge(sums);
            };
            tell(initiator, target);
            if target != initiator {
                tell(target, initiator);
            }
        }
        all
    }
}

/// The account type of two digits as a number, else [`NO_ACCOUNT_TYPE`].
#[must_use]
pub fn account_type(text: Option<&[u8]>) -> u8 {
    match text {
        Some([tens @ b'0'..=b'9', units @ b'0'..=b'9']) => (tens - b'0') * 10 + (units - b'0'),
        _ => NO_ACCOUNT_TYPE,
    }
}

/// The end of the minute that `now_us` (unix microseconds) lies in: later than `now_us`, by a minute at most.
#[must_use]
pub const fn minute_end(now_us: u64) -> u64 {
    (now_us / MINUTE_US).saturating_add(1).saturating_mul(MINUTE_US)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(initiator: u16, target: u16) -> LegKind {
        LegKind { business: 1, leg: 1, account_type: 0, initiator, target }
    }

    fn end(took_us: u64, business_ok: bool, system_ok: bool) -> LegEnd {
        LegEnd { took_us, business_ok, system_ok }
    }

    #[test]
    fn means_and_rates_are_those_of_the_legs() {
        let mut tally = Tally::default();
        for (took_us, business_ok, system_ok) in [(1_000, true, true), (2_400, false, true), (8_000_000, false, false)]
        {
            tally.note(kind(1, 2), end(took_us, business_ok, system_ok));
        }
        let sums = tally.sorted()[&kind(1, 2)];
        assert_eq!((sums.count, sums.mean_ms()), (3, 2668));
        assert_eq!((sums.business_rate(), sums.system_rate()), (Some(3_333), Some(6_666)));
        assert_eq!((Sums::default().mean_ms(), Sums::default().business_rate()), (0, None));
        let nearly = Sums { count: 1_000_000, business_ok: 999_999, ..Sums::default() };
        assert_eq!(nearly.business_rate(), Some(9_999), "100.00 is said of all alone");
    }

    #[test]
    fn both_sides_are_told_and_nobody_else() {
        let mut tally = Tally::default();
        tally.note(kind(1, 2), end(1, true, true));
        tally.note(kind(1, 3), end(1, true, true));
        tally.note(kind(4, 4), end(1, true, true));
        let told = tally.by_participant();
        let others = |index| told[&index].iter().map(|(row, sums)| (row.other, sums.count)).collect::<Vec<_>>();
        assert_eq!(told.keys().copied().collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!((others(1), others(2), others(4)), (vec![(2, 1), (3, 1)], vec![(1, 1)], vec![(4, 1)]));
    }

    #[test]
    fn kinds_past_the_bound_are_counted_as_dropped() {
        let mut tally = Tally::default();
        for number in 0..ROWS_MAX + 10 {
            tally.note(kind((number >> 8) as u16, (number & 0xff) as u16), end(1, true, true));
        }
        tally.note(kind(0, 0), end(1, true, true));
        assert_eq!((tally.len(), tally.dropped()), (ROWS_MAX, 10));
        let mut other = Tally::default();
        other.note(kind(9_999, 1), end(1, true, true));
        tally.merge(&other);
        assert_eq!((tally.len(), tally.dropped()), (ROWS_MAX, 11));
    }

    #[test]
    fn minutes_are_aligned_to_the_minute() {
        for (now_us, expected) in [(0, 1), (1, 1), (MINUTE_US - 1, 1), (MINUTE_US, 2), (10 * MINUTE_US + 5, 11)] {
            assert_eq!(minute_end(now_us), expected * MINUTE_US);
        }
    }

    #[test]
    fn account_types_are_two_digits() {
        for (text, expected) in
            [(Some(b"00".as_slice()), 0), (Some(b"99"), 99), (Some(b"1"), 255), (Some(b"1x"), 255), (None, 255)]
        {
            assert_eq!(account_type(text), expected);
        }
    }

    proptest! {
        /// However the legs are spread over workers and minutes, nothing is lost and nothing counted twice.
        #[test]
        fn tallies_add_up(
            legs in prop::collection::vec((0..3_u8, 1..3_u8, 0..4_u16, 0..4_u16, 0..9_000_000_u64, any::<bool>(), any::<bool>(), 0..3_usize), 0..200)
        ) {
            let (mut workers, mut whole) = (vec![Tally::default(); 3], Tally::default());
            for (business, leg, initiator, target, took_us, business_ok, system_ok, worker) in legs {
                let kind = LegKind { business, leg, account_type: NO_ACCOUNT_TYPE, initiator, target };
                workers[worker].note(kind, end(took_us, business_ok, system_ok));
                whole.note(kind, end(took_us, business_ok, system_ok));
            }
            let mut merged = Tally::default();
            workers.iter().for_each(|tally| merged.merge(tally));
            prop_assert_eq!(merged.sorted(), whole.sorted());
            let businesses: u64 = whole.by_business().values().map(|sums| sums.count).sum();
            let legs: u64 = whole.sorted().values().map(|sums| sums.count).sum();
            let told: u64 = whole.by_participant().values().flat_map(BTreeMap::values).map(|sums| sums.count).sum();
            let alone: u64 = whole.sorted().iter().filter(|(kind, _)| kind.initiator == kind.target).map(|(_, sums)| sums.count).sum();
            prop_assert_eq!((businesses, told), (legs, 2 * legs - alone));
        }
    }
}
