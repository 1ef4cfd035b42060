//! What the course does, how long it takes, and where it is now: for people who wait.

use std::time::{Duration, Instant};

use super::depth::Depth;

/// The parts of a course, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Floors,
    Steps,
    Cores,
    Suites,
    Transports,
    Durability,
    Memory,
    Books,
}

impl Part {
    const ALL: [Self; 8] = [
        Self::Floors,
        Self::Steps,
        Self::Cores,
        Self::Suites,
        Self::Transports,
        Self::Durability,
        Self::Memory,
        Self::Books,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Floors => "floors",
            Self::Steps => "steps of load",
            Self::Cores => "cores",
            Self::Suites => "suites",
            Self::Transports => "transports",
            Self::Durability => "durability",
            Self::Memory => "memory",
            Self::Books => "books",
        }
    }
}

/// The course as a list of parts with their expected lengths.
#[derive(Debug)]
pub(super) struct Timetable {
    parts: Vec<(Part, Duration)>,
    began: Instant,
}

impl Timetable {
    /// For runs of this depth, with so many runs over cores.
    pub(super) fn new(depth: &Depth, core_runs: u32) -> Self {
        let parts = Part::ALL.into_iter().map(|part| (part, depth.expected(part, core_runs))).collect();
        Self { parts, began: Instant::now() }
    }

    /// All of it, for the beginning.
    pub(super) fn describe(&self) -> String {
        let parts: Vec<String> = self
            .parts
            .iter()
            .filter(|(_, length)| !length.is_zero())
            .map(|(part, length)| format!("{} {} s", part.name(), length.as_secs()))
            .collect();
        format!("about {}: {}", minutes(self.total()), parts.join(", "))
    }

    /// What a display says in front of one thing that is done: which part of how many, and the time.
    pub(super) fn label(&self, part: Part, what: &str) -> String {
        let planned = || self.parts.iter().filter(|(_, length)| !length.is_zero());
        let place = planned().position(|(of, _)| *of == part).map_or(0, |place| place + 1);
        let (now, all) = (minutes(self.began.elapsed()), minutes(self.total()));
        format!("{now} of {all}  [{place}/{} {}] {what}", planned().count(), part.name())
    }

    fn total(&self) -> Duration {
        self.parts.iter().map(|(_, length)| *length).sum()
    }
}

fn minutes(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_fits_its_promise() {
        let total = |depth: &Depth| Timetable::new(depth, 0).total();
        let (full, quick) = (total(&Depth::full()), total(&Depth::quick()));
        assert!((200..=330).contains(&full.as_secs()), "{full:?}");
        assert!((30..=80).contains(&quick.as_secs()), "{quick:?}");
        let table = Timetable::new(&Depth::quick(), 0);
        assert!(table.label(Part::Suites, "x").contains("[3/7 suites] x"), "{}", table.label(Part::Suites, "x"));
    }
}
