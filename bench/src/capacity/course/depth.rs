//! How long and how often: the full course, and the quick one.

use std::time::Duration;

use super::timetable::Part;

/// Settling, judging and signing ahead, for each run, as far as it can be told beforehand.
const AROUND_A_RUN: Duration = Duration::from_millis(1_500);
/// Making keys and starting a node.
const START: Duration = Duration::from_millis(1_000);

/// Lengths of the parts of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Depth {
    /// Before the window of each run.
    pub(super) warm_up: Duration,
    /// The window.
    pub(super) measured: Duration,
    /// Trials over rates, at most; fewer are expected.
    pub(super) trials_max: usize,
    trials_expected: u32,
    /// CPU time of one round of signatures.
    pub(super) crypto_round: Duration,
    /// How long the bare exchange is driven.
    pub(super) exchange: Duration,
    /// Payments whose memory is looked at.
    pub(super) memory_payments: usize,
    /// Payments of the hour whose books are closed.
    pub(super) books_payments: u64,
}

impl Depth {
    /// About five minutes.
    pub(super) const fn full() -> Self {
        Self {
            warm_up: Duration::from_millis(2_000),
            measured: Duration::from_millis(7_000),
            trials_max: 16,
            trials_expected: 12,
            crypto_round: Duration::from_millis(40),
            exchange: Duration::from_millis(1_600),
            memory_payments: 1_000_000,
            books_payments: 400_000,
        }
    }

    /// About a minute.
    pub(super) const fn quick() -> Self {
        Self {
            warm_up: Duration::from_millis(600),
            measured: Duration::from_millis(1_500),
            trials_max: 10,
            trials_expected: 9,
            crypto_round: Duration::from_millis(10),
            exchange: Duration::from_millis(400),
            memory_payments: 200_000,
            books_payments: 60_000,
        }
    }

    /// How long a part may take.
    pub(super) fn expected(&self, part: Part, core_runs: u32) -> Duration {
        let run = self.warm_up + self.measured + AROUND_A_RUN;
        // Signing and verifying, five rounds, some two backends for each of four suites.
        let floors = self.crypto_round * 80 + self.exchange + Duration::from_secs(1);
        match part {
            Part::Floors => floors,
            Part::Steps => START + run * self.trials_expected,
            Part::Cores => (START + run) * core_runs,
            Part::Suites => (START + run) * 4,
            Part::Transports | Part::Durability => (START + run) * 2,
            Part::Memory => Duration::from_micros(3) * u32::try_from(self.memory_payments).unwrap_or(u32::MAX),
            Part::Books => Duration::from_micros(20) * u32::try_from(self.books_payments).unwrap_or(u32::MAX) + START,
        }
    }
}
