//! Keeps a window of signed requests ahead of the clock.
//!
//! ```text
//! now            now + lead/2        now + lead
//!  |  signed requests  |  next burst      |   not yet
//! ```
//!
//! Invariant: the window holds requests in the order of the schedule, none of them composed earlier than the plan's lead
//! before its instant, so SndDt is early by at most that. It is refilled in whole bursts where signatures cost less in
//! bursts; where the rate is so low that a burst does not fit into the lead, in what is due within it. In a run that is
//! signed before it begins, the lead is the whole run.

use super::dialogue::Dialogue;
use crate::constants::PREPARED_MAX;
use crate::error::Error;
use crate::kind::Kind;
use crate::plan::Plan;
use crate::schedule::{Due, Schedule, Trace};
use std::collections::VecDeque;
use std::time::Duration;

/// The window and what fills it.
pub(super) struct Preparer<D: Dialogue> {
    schedule: Schedule,
    /// What of the schedule is to be composed next, at most a burst; less only at its end.
    next: Vec<Due>,
    window: VecDeque<D::Request>,
    ahead_ns: u64,
    burst: usize,
    /// Most requests in the window.
    room: usize,
    /// What has become due so far, where that is kept.
    trace: Option<Trace>,
}

impl<D: Dialogue> Preparer<D> {
    /// `burst` requests are composed at once.
    pub(super) fn new(plan: &Plan, burst: usize) -> Self {
        let mut schedule = Schedule::new(&plan.profile, plan.arrival, plan.duration, plan.seed);
        let next = schedule.by_ref().take(burst).collect();
        let lead = if plan.signed_before { Duration::MAX } else { plan.prepare_ahead };
        let ahead_ns = u64::try_from(lead.as_nanos()).unwrap_or(u64::MAX);
        let room = if plan.signed_before { usize::MAX } else { PREPARED_MAX };
        let trace = plan.keeps_trace.then(Trace::default);
        Self { schedule, next, window: VecDeque::new(), ahead_ns, burst, room, trace }
    }

    /// Whether a burst may be prepared.
    pub(super) fn wants(&self, now_ns: u64) -> bool {
        let is_near = |due: Option<&Due>, ahead_ns| due.is_some_and(|due| due.at_ns <= now_ns.saturating_add(ahead_ns));
        let is_whole = self.next.len() == self.burst;
        let is_time =
            (is_whole && is_near(self.next.last(), self.ahead_ns)) || is_near(self.next.first(), self.ahead_ns / 2);
        is_time && self.has_room()
    }

    /// Prepares one burst, or as much of it as is due within the lead.
    pub(super) fn prepare(&mut self, now_ns: u64, dialogue: &D) -> Result<(), Error> {
        let end_ns = now_ns.saturating_add(self.ahead_ns);
        let count = self.next.partition_point(|due| due.at_ns <= end_ns);
        self.window.extend(dialogue.compose(&self.next[..count])?);
        self.next.drain(..count);
        self.next.extend(self.schedule.by_ref().take(count));
        Ok(())
    }

    /// The next request whose instant has come.
    pub(super) fn take_due(&mut self, now_ns: u64) -> Option<D::Request> {
        let request = self.window.pop_front_if(|request| D::due_ns(request) <= now_ns)?;
        if let Some(trace) = &mut self.trace {
            // Refused beyond the most that a trace holds, which the plan was checked for.
            let _ = trace.push(D::due_ns(&request) / 1_000, Some(D::kind(&request)).filter(|kind| *kind != Kind::Bare));
        }
        Some(request)
    }

    /// What has become due, where that was kept.
    pub(super) fn into_trace(self) -> Option<Trace> {
        self.trace
    }

    /// When there is something to do next: a request is due, or the next burst may wait no longer. `None` when the
    /// schedule is over.
    pub(super) fn next_turn(&self) -> Option<u64> {
        let due = self.window.front().map(D::due_ns);
        let next = self.next.first().filter(|_| self.has_room());
        let to_prepare = next.map(|due| due.at_ns.saturating_sub(self.ahead_ns / 2));
        due.into_iter().chain(to_prepare).min()
    }

    /// However many are due at once, memory is bounded: what finds no room is composed late, and leaves late, visibly.
    fn has_room(&self) -> bool {
        self.window.len() + self.burst <= self.room
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::HttpRequest;
    use crate::run::dialogue::BareDialogue;
    use crate::schedule::Profile;

    const MILLI: u64 = 1_000_000;

    fn plan() -> Plan {
        Plan { profile: Profile::constant(1_000.0), duration: Duration::from_secs(100), ..Plan::default() }
    }

    /// How many requests are composed before the first one is due.
    fn composed(plan: &Plan, burst: usize) -> (Preparer<BareDialogue>, BareDialogue) {
        let dialogue = BareDialogue::new(HttpRequest::new("GET", &[""; 0], bytes::Bytes::new()).unwrap());
        let mut preparer = Preparer::new(plan, burst);
        while preparer.wants(0) {
            preparer.prepare(0, &dialogue).unwrap();
        }
        (preparer, dialogue)
    }

    #[test]
    fn a_window_is_as_long_as_the_lead_whatever_the_burst() {
        for burst in [1, 2, 8] {
            let (mut preparer, dialogue) = composed(&plan(), burst);
            assert!((192..=201).contains(&preparer.window.len()), "burst {burst}: {}", preparer.window.len());
            assert!(preparer.take_due(0).is_some() && preparer.take_due(0).is_none());
            assert!(preparer.wants(8 * MILLI));
            preparer.prepare(8 * MILLI, &dialogue).unwrap();
            assert_eq!(preparer.next_turn(), Some(MILLI));
        }
    }

    #[test]
    fn signed_before_is_the_whole_schedule() {
        let (mut preparer, _) = composed(&Plan { signed_before: true, ..plan() }, 8);
        assert_eq!(preparer.window.len(), 100_000);
        let taken: Vec<u64> = std::iter::from_fn(|| preparer.take_due(u64::MAX)).map(|due| due.at_ns).collect();
        assert!(taken.len() == 100_000 && taken.is_sorted());
        assert_eq!(preparer.next_turn(), None);
    }
}
