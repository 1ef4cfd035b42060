//! Keeps a window of signed requests ahead of the clock.
//!
//! Invariant: the window holds requests in the order of the schedule, as many as are due on average within the plan's
//! lead; SndDt is early by about that. It is refilled in whole bursts, because signatures cost less in bursts.

use crate::compose::{Composer, Prepared};
use crate::constants::PREPARE_BURST;
use crate::error::Error;
use crate::history::History;
use crate::plan::Plan;
use crate::schedule::Schedule;
use std::collections::VecDeque;

/// The window and what fills it.
pub(super) struct Preparer {
    schedule: Schedule,
    is_over: bool,
    composer: Composer,
    window: VecDeque<Prepared>,
    window_max: usize,
    burst: usize,
}

impl Preparer {
    pub(super) fn new(plan: &Plan, composer: Composer) -> Self {
        let window_max = ((plan.profile.peak_per_s(plan.duration) * plan.prepare_ahead.as_secs_f64()) as usize).max(1);
        Self {
            schedule: Schedule::new(plan.arrival, plan.profile.mean_per_s(plan.duration), plan.duration, plan.seed),
            is_over: false,
            composer,
            window: VecDeque::new(),
            window_max,
            burst: window_max.min(PREPARE_BURST),
        }
    }

    /// Whether a burst may be prepared.
    pub(super) fn wants(&self) -> bool {
        !self.is_over && self.window.len() + self.burst <= self.window_max
    }

    /// Prepares one burst, or what is left of the schedule.
    pub(super) fn prepare(&mut self, history: &mut History) -> Result<(), Error> {
        let mut due = [0; PREPARE_BURST];
        let mut count = 0;
        for (place, next) in due.iter_mut().take(self.burst).zip(&mut self.schedule) {
            *place = next;
            count += 1;
        }
        self.is_over = count < self.burst;
        self.window.extend(self.composer.prepare(&due[..count], history)?);
        Ok(())
    }

    /// The next request whose instant has come.
    pub(super) fn take_due(&mut self, now_ns: u64) -> Option<Prepared> {
        self.window.pop_front_if(|request| request.due_ns <= now_ns)
    }

    /// When the next request is due; `None` when the schedule is over.
    pub(super) fn next_due(&self) -> Option<u64> {
        self.window.front().map(|request| request.due_ns)
    }
}
