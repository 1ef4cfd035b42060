//! What is known of a run so far.

use crate::record::Slice;
use crate::run::Progress;
use std::collections::VecDeque;
use std::time::Duration;

/// Slices kept for the picture of the latency.
const SLICES_MAX: usize = 240;
/// Rates are those of the last so long.
const RATE_OVER: Duration = Duration::from_secs(1);
/// More late requests than this share of the sent ones make a p99 lateness above a millisecond.
const LATE_SHARE_MAX: f64 = 0.01;

/// A run so far; several runs in turn where a command makes them.
#[derive(Debug, Clone, Default)]
pub struct View {
    pub(super) title: String,
    pub(super) label: String,
    pub(super) length: Duration,
    pub(super) seen: Progress,
    /// The looks of the last second, oldest first.
    looks: VecDeque<Progress>,
    pub(super) slices: VecDeque<Slice>,
    pub(super) notes: Vec<String>,
    pub(super) is_stopping: bool,
}

/// What happens in a second.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rates {
    /// Requests whose instant came.
    pub scheduled: f64,
    /// Requests handed to the network.
    pub sent: f64,
    /// Requests that ended.
    pub completed: f64,
    /// Payments with a final state.
    pub finals: f64,
}

impl View {
    /// A view of a command that has not begun a run.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// A run begins; what was seen of the one before goes, its notes stay.
    pub fn begin(&mut self, label: impl Into<String>, length: Duration) {
        *self = Self {
            label: label.into(),
            length,
            title: std::mem::take(&mut self.title),
            notes: std::mem::take(&mut self.notes),
            is_stopping: self.is_stopping,
            ..Self::default()
        };
    }

    /// Takes in how far the run is.
    pub fn look(&mut self, seen: &Progress) {
        self.seen = *seen;
        self.looks.push_back(*seen);
        // One look that is older than a second is kept: what happened since then is what happens in a second.
        while self.looks.get(1).is_some_and(|next| next.elapsed + RATE_OVER <= seen.elapsed) {
            self.looks.pop_front();
        }
    }

    /// Takes in a second that is over.
    pub fn slice(&mut self, slice: &Slice) {
        self.slices.push_back(*slice);
        if self.slices.len() > SLICES_MAX {
            self.slices.pop_front();
        }
    }

    /// Keeps a line that is to be seen until the end.
    pub fn note(&mut self, line: impl Into<String>) {
        self.notes.push(line.into());
    }

    /// What happened within the last second.
    pub fn rates(&self) -> Rates {
        let (Some(first), Some(last)) = (self.looks.front(), self.looks.back()) else { return Rates::default() };
        let seconds = last.elapsed.saturating_sub(first.elapsed).as_secs_f64();
        if seconds <= 0.0 {
            return Rates::default();
        }
        let rate = |count: fn(&Progress) -> u64| count(last).saturating_sub(count(first)) as f64 / seconds;
        Rates {
            scheduled: rate(|seen| seen.scheduled),
            sent: rate(|seen| seen.sent),
            completed: rate(|seen| seen.completed),
            finals: rate(|seen| seen.finals),
        }
    }

    /// Why the run cannot be believed as it stands; `None` = so far it can.
    pub fn doubt(&self) -> Option<String> {
        let Progress { dropped, late, sent, .. } = self.seen;
        let late_share = late as f64 / sent.max(1) as f64;
        match (dropped > 0, late_share > LATE_SHARE_MAX) {
            (true, _) => Some(format!("{dropped} dropped: target rate not sustained")),
            (false, true) => Some(format!("{:.1} % left more than 1 ms late", 100.0 * late_share)),
            (false, false) => None,
        }
    }

    /// How much of the schedule is over, 0 to 1.
    pub fn share_done(&self) -> f64 {
        if self.length.is_zero() {
            return 0.0;
        }
        (self.seen.elapsed.as_secs_f64() / self.length.as_secs_f64()).clamp(0.0, 1.0)
    }

    /// Requests under way.
    pub fn in_flight(&self) -> u64 {
        self.seen.sent.saturating_sub(self.seen.completed)
    }

    /// Whether the schedule is over and the last answers are waited for.
    pub fn is_draining(&self) -> bool {
        !self.length.is_zero() && self.seen.elapsed >= self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(millis: u64, sent: u64) -> Progress {
        Progress { elapsed: Duration::from_millis(millis), scheduled: sent, sent, ..Progress::default() }
    }

    #[test]
    fn rates_are_those_of_the_last_second() {
        let mut view = View::new("x");
        assert_eq!(view.rates(), Rates::default());
        view.begin("", Duration::from_secs(10));
        // 1,000/s for two seconds, then 100/s.
        for step in 0..20 {
            view.look(&seen(100 * step, 100 * step));
        }
        assert!((view.rates().sent - 1_000.0).abs() < 1e-6, "{:?}", view.rates());
        for step in 0..=12 {
            view.look(&seen(2_000 + 100 * step, 2_000 + 10 * step));
        }
        assert!((view.rates().sent - 100.0).abs() < 1e-6, "{:?}", view.rates());
        view.look(&seen(3_200, 2_120));
        assert!(view.looks.len() < 15, "{}", view.looks.len());
    }

    #[test]
    fn doubts_are_those_that_a_report_would_have() {
        let mut view = View::new("x");
        view.look(&Progress { sent: 1_000, late: 10, ..seen(1_000, 1_000) });
        assert_eq!(view.doubt(), None);
        view.look(&Progress { late: 11, ..seen(1_000, 1_000) });
        assert!(view.doubt().unwrap().contains("1.1 %"));
        view.look(&Progress { late: 11, dropped: 3, ..seen(1_000, 1_000) });
        assert!(view.doubt().unwrap().starts_with("3 dropped"));
    }

    #[test]
    fn the_next_run_starts_anew_and_notes_stay() {
        let mut view = View::new("search");
        view.begin("one", Duration::from_secs(1));
        view.look(&seen(500, 10));
        view.slice(&Slice::default());
        view.note("one is good");
        view.begin("two", Duration::from_secs(2));
        assert_eq!((view.seen, view.slices.len(), view.notes.len()), (Progress::default(), 0, 1));
        assert_eq!((view.title.as_str(), view.label.as_str()), ("search", "two"));
    }

    #[test]
    fn a_long_run_is_kept_in_bounds() {
        let mut view = View::new("x");
        (0..10_000).for_each(|step| {
            view.slice(&Slice::default());
            view.look(&seen(step, step));
        });
        assert_eq!(view.slices.len(), SLICES_MAX);
        assert!(view.looks.len() <= 1_002);
    }
}
