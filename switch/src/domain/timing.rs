//! Deadlines and schedules of a transaction's life (business.md section 1; all configurable).
//!
//! Invariant: a schedule's offsets rise strictly, so every wait between two steps is positive and every chain of
//! steps ends. Called by the transition; filled from the configuration by the node.

use std::fmt;

/// Most steps of one schedule.
pub const SCHEDULE_STEPS_MAX: usize = 8;

const SECOND_US: u64 = 1_000_000;

/// Rising offsets in microseconds after the instant that started the schedule.
///
/// ```text
///  start   +5 s     +15 s          +30 s
///    |-------|--------|--------------|----
///     wait(0)  wait(1)    wait(2)
/// ```
///
/// Each step is timed from the step before as it really happened, so a node that was down for an hour goes on with
/// the same pauses instead of firing everything at once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    offsets_us: [u64; SCHEDULE_STEPS_MAX],
    steps: u8,
}

/// Why a list of offsets is no schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// More than [`SCHEDULE_STEPS_MAX`] offsets.
    #[error("a schedule has at most {SCHEDULE_STEPS_MAX} steps")]
    TooLong,
    /// An offset is zero or not after the one before.
    #[error("offsets of a schedule must rise from above zero")]
    NotRising,
}

impl Schedule {
    /// A schedule of the given offsets (microseconds, strictly rising from above 0, at most [`SCHEDULE_STEPS_MAX`]).
    ///
    /// # Errors
    /// [`ScheduleError`] when there are too many offsets or they do not rise.
    pub const fn new(offsets_us: &[u64]) -> Result<Self, ScheduleError> {
        if offsets_us.len() > SCHEDULE_STEPS_MAX {
            return Err(ScheduleError::TooLong);
        }
        let mut schedule = Self { offsets_us: [0; SCHEDULE_STEPS_MAX], steps: offsets_us.len() as u8 };
        let mut previous = 0;
        let mut i = 0;
        while i < offsets_us.len() {
            if offsets_us[i] <= previous {
                return Err(ScheduleError::NotRising);
            }
            previous = offsets_us[i];
            schedule.offsets_us[i] = previous;
            i += 1;
        }
        Ok(schedule)
    }

    /// Number of steps.
    pub const fn steps(&self) -> u8 {
        self.steps
    }

    /// Microseconds between step `step - 1` (or the start) and step `step`, counted from 0; `None` past the last.
    pub fn wait_us(&self, step: u8) -> Option<u64> {
        if step >= self.steps {
            return None;
        }
        let at = usize::from(step);
        let previous = at.checked_sub(1).map_or(0, |before| self.offsets_us[before]);
        Some(self.offsets_us[at] - previous)
    }

    /// The offsets in microseconds.
    pub fn offsets_us(&self) -> &[u64] {
        &self.offsets_us[..usize::from(self.steps)]
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.offsets_us()).finish()
    }
}

/// Every time the transition needs; microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long the answer to leg 1 and to leg 2 may take; also how long the answer to the last query may take.
    pub leg_deadline_us: [u64; 2],
    /// Queries (301) to the bank of an unknown leg, after it became unknown.
    pub query_schedule: Schedule,
    /// Resends of the terminal notice (207), after the state became final.
    pub notice_schedule: Schedule,
    /// How long the institution waits before it is told 02, after acceptance.
    pub receipt_deadline_us: u64,
    /// Until when this transaction may rest with a person; 0 for a business that never rests.
    pub rest_until_us: u64,
    /// The earliest batch that still takes payments, in the compact form of `BatchId`; 0 when all do.
    pub batch_from: u32,
}

impl Timing {
    /// How long a transaction takes from its acceptance to its final state at most, microseconds, when neither bank ever answers and
    /// it does not rest with a person: the deadline of each leg, its queries, the answer to the last of them.
    #[must_use]
    pub fn finality_us(&self) -> u64 {
        let queries_us = self.query_schedule.offsets_us().last().copied().unwrap_or(0);
        let leg = |leg_us: &u64| leg_us.saturating_mul(2).saturating_add(queries_us);
        self.leg_deadline_us.iter().map(leg).fold(0, u64::saturating_add)
    }

    /// The same times with the leg deadlines of the two banks of one payment.
    #[must_use]
    pub const fn with_leg_deadlines_us(mut self, leg_deadline_us: [u64; 2]) -> Self {
        self.leg_deadline_us = leg_deadline_us;
        self
    }

    /// Lets a leg begin so much later than it is decided.
    pub const fn delay_leg(&mut self, leg: super::transaction::Leg, delay_us: u64) {
        let deadline_us = &mut self.leg_deadline_us[leg.index()];
        *deadline_us = deadline_us.saturating_add(delay_us);
    }

    /// An upper bound of the time from acceptance to a final state when every timer is served on time:
    /// leg 1 unknown and queried to the end, then leg 2 unknown, sent once more, and queried to the end again.
    pub fn final_within_us(&self) -> u64 {
        let queries = self.query_schedule.offsets_us().last().copied().unwrap_or(0);
        let [one, two] = self.leg_deadline_us.map(|deadline| deadline.saturating_mul(2).saturating_add(queries));
        one.saturating_add(two.saturating_mul(2))
    }
}

impl Default for Timing {
    /// The times of business.md section 1: legs 8 s and 5 s, queries at 5 to 300 s, notices at 5 s to 60 min, receipt 20 s.
    fn default() -> Self {
        const QUERIES: Schedule = seconds(&[5, 15, 30, 60, 120, 300]);
        const NOTICES: Schedule = seconds(&[5, 15, 60, 300, 900, 3600]);
        Self {
            leg_deadline_us: [8 * SECOND_US, 5 * SECOND_US],
            query_schedule: QUERIES,
            notice_schedule: NOTICES,
            receipt_deadline_us: 20 * SECOND_US,
            rest_until_us: 0,
            batch_from: 0,
        }
    }
}

/// A schedule known at compile time.
const fn seconds(offsets_s: &[u64]) -> Schedule {
    let mut offsets_us = [0; SCHEDULE_STEPS_MAX];
    let mut i = 0;
    while i < offsets_s.len() {
        offsets_us[i] = offsets_s[i] * SECOND_US;
        i += 1;
    }
    let (used, _) = offsets_us.split_at(offsets_s.len());
    match Schedule::new(used) {
        Ok(schedule) => schedule,
        Err(_) => panic!("offsets must rise"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_the_gaps_between_offsets() {
        let timing = Timing::default();
        let waits: Vec<_> = (0..7).map(|step| timing.query_schedule.wait_us(step).map(|us| us / SECOND_US)).collect();
        assert_eq!(waits, [Some(5), Some(10), Some(15), Some(30), Some(60), Some(180), None]);
        assert_eq!(timing.notice_schedule.steps(), 6);
        assert_eq!(timing.final_within_us(), (16 + 300 + 2 * (10 + 300)) * SECOND_US);
    }

    #[test]
    fn a_schedule_must_rise_and_be_short() {
        let rows: [(&[u64], Result<u8, ScheduleError>); 6] = [
            (&[], Ok(0)),
            (&[1, 2, 3, 4, 5, 6, 7, 8], Ok(8)),
            (&[1, 2, 3, 4, 5, 6, 7, 8, 9], Err(ScheduleError::TooLong)),
            (&[0], Err(ScheduleError::NotRising)),
            (&[5, 5], Err(ScheduleError::NotRising)),
            (&[5, 4], Err(ScheduleError::NotRising)),
        ];
        for (offsets, expected) in rows {
            assert_eq!(Schedule::new(offsets).map(|schedule| schedule.steps()), expected, "{offsets:?}");
        }
    }
}
