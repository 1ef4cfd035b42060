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
    /// Those that take time here.
    parts: Vec<(Part, Duration)>,
    /// The part that goes on, and since when.
    now: (Part, Instant),
}

impl Timetable {
    /// For runs of this depth, with so many runs over cores; begins at `now`.
    pub(super) fn new(depth: &Depth, core_runs: u32, now: Instant) -> Self {
        let parts = Part::ALL.into_iter().map(|part| (part, depth.expected(part, core_runs)));
        Self { parts: parts.filter(|(_, length)| !length.is_zero()).collect(), now: (Part::Floors, now) }
    }

    /// All of it, for the beginning.
    pub(super) fn describe(&self) -> String {
        let parts = self.parts.iter().map(|(part, length)| format!("{} {:.0} s", part.name(), length.as_secs_f64()));
        let total = self.parts.iter().map(|(_, length)| *length).sum();
        format!("about {} min: {}", minutes(total), parts.collect::<Vec<_>>().join(", "))
    }

    /// What a display says in front of one thing that is done at `now`: which part of how many it belongs to, and how long all will take yet.
    pub(super) fn label(&mut self, part: Part, what: &str, now: Instant) -> String {
        if self.now.0 != part {
            self.now = (part, now);
        }
        let place = self.parts.iter().position(|(of, _)| *of == part).unwrap_or(0);
        let left = minutes(self.left(place, now));
        format!("[{}/{} {}, about {left} min to go] {what}", place + 1, self.parts.len(), part.name())
    }

    fn left(&self, place: usize, now: Instant) -> Duration {
        let later = self.parts.iter().skip(place + 1).map(|(_, length)| *length).sum::<Duration>();
        let current = self.parts.get(place).map_or(Duration::ZERO, |(_, length)| *length);
        later + current.saturating_sub(now.saturating_duration_since(self.now.1))
    }
}

fn minutes(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_keeps_to_its_promise() {
        let now = Instant::now();
        let total = |depth: &Depth| Timetable::new(depth, 0, now).left(0, now);
        let (full, quick) = (total(&Depth::full()), total(&Depth::quick()));
        assert!((200..=330).contains(&full.as_secs()), "{full:?}");
        assert!((30..=80).contains(&quick.as_secs()), "{quick:?}");
    }

    #[test]
    fn what_is_left_shrinks_within_a_part_and_never_below_the_later_ones() {
        let now = Instant::now();
        let mut table = Timetable::new(&Depth::quick(), 0, now);
        let [first, then, late] = [0, 4, 4_000].map(|seconds| {
            let label = table.label(Part::Suites, "x", now + Duration::from_secs(seconds));
            assert!(label.starts_with("[3/7 suites, about 0:") && label.ends_with("] x"), "{label}");
            label
        });
        assert!(late < then && then < first, "{first} {then} {late}");
        assert!(table.label(Part::Books, "x", now + Duration::from_secs(9_000)).contains("[7/7 books, about 0:0"));
    }
}
