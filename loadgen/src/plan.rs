//! What a run is to do, complete before it starts.

use crate::constants::{
    BACKLOG_MAX, CONNECTIONS_MAX, DEADLINE, PREPARED_BYTES, PREPARED_BYTES_MAX, TRACE_ARRIVALS_MAX,
};
use crate::error::Error;
use crate::mix::Mix;
use crate::run::Valve;
use crate::schedule::{Arrival, Profile};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A run: rate, length, arrivals, mix, limits. [`Plan::default`] is 100 requests a second for ten seconds.
///
/// ```
/// use clearway_loadgen::{Plan, Profile};
/// use std::time::Duration;
///
/// let plan = Plan { profile: Profile::constant(2_000.0), duration: Duration::from_secs(30), ..Plan::default() };
/// assert!(plan.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// How fast requests are due, over all institutions and kinds.
    pub profile: Profile,
    /// How long requests are scheduled.
    pub duration: Duration,
    /// Requests due before this count in the totals but not in latencies and rates.
    pub warm_up: Duration,
    /// Spread of arrivals.
    pub arrival: Arrival,
    /// What is sent.
    pub mix: Mix,
    /// Seed of schedule, mix and contents.
    pub seed: u64,
    /// Number within the transaction ids, 0 to 999,999; `None` takes a fresh one from the clock, so that two runs never
    /// share ids.
    pub run_number: Option<u32>,
    /// Most connections to the switch.
    pub connections_max: usize,
    /// Most requests that wait for a connection; further ones are dropped and counted.
    pub backlog_max: usize,
    /// When the run ends itself.
    pub valve: Valve,
    /// How far ahead of its instant a request may be composed and signed; its SndDt is early by as much.
    pub prepare_ahead: Duration,
    /// Whether all requests are composed and signed before the first one is due, so that the sending thread has its core
    /// for sending and for answers. SndDt is then early by up to the length of the run, and requests that refer to
    /// earlier ones give way to such as need nothing, because nothing was answered yet.
    pub signed_before: bool,
    /// Share of the answers whose signature is checked, 0 to 1; which ones is drawn by the seed. States and money are
    /// judged in any case.
    pub verify_share: f64,
    /// Longest wait for a connection to the switch.
    pub connect_timeout: Duration,
    /// Longest wait for an answer; after it the outcome is unknown to the institution. Default: the switch's own 20 s
    /// and a margin.
    pub reply_timeout: Duration,
    /// From its intended instant, a payment is of use only until then; it changes nothing but what counts as goodput.
    pub deadline: Duration,
    /// Keep when each request was due and what it was, for [`Finished::trace`](crate::run::Finished::trace).
    pub keeps_trace: bool,
    /// Core that the sending thread is pinned to.
    pub pin_core: Option<usize>,
    /// Banks, by place, whose transactions are counted like all others but left out of the latencies: what others feel
    /// while these are in trouble.
    pub apart: Vec<u16>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            profile: Profile::constant(100.0),
            duration: Duration::from_secs(10),
            warm_up: Duration::ZERO,
            arrival: Arrival::Constant,
            mix: Mix::default(),
            seed: 1,
            run_number: None,
            connections_max: CONNECTIONS_MAX,
            backlog_max: BACKLOG_MAX,
            valve: Valve::default(),
            prepare_ahead: Duration::from_millis(200),
            signed_before: false,
            verify_share: 1.0,
            connect_timeout: Duration::from_secs(1),
            reply_timeout: Duration::from_secs(25),
            deadline: DEADLINE,
            keeps_trace: false,
            pin_core: None,
            apart: Vec::new(),
        }
    }
}

impl Plan {
    /// Checks that the plan can be carried out.
    ///
    /// # Errors
    /// [`Error::Plan`] or [`Error::Mix`], naming what cannot be.
    pub fn check(&self) -> Result<(), Error> {
        self.mix.check()?;
        self.valve.check()?;
        if let Some(fault) = self.profile.fault(self.duration) {
            return Err(Error::Plan(fault));
        }
        let is_beyond_trace = self.keeps_trace && self.profile.expected(self.duration) > TRACE_ARRIVALS_MAX as f64;
        let faults = [
            (is_beyond_trace, "too many requests to keep a trace of"),
            (self.duration.is_zero(), "duration must be above 0"),
            (self.warm_up >= self.duration, "warm-up must be shorter than the run"),
            (self.connections_max == 0, "at least one connection is needed"),
            (self.run_number.is_some_and(|number| number > 999_999), "run number must be at most 999999"),
            (!(0.0..=1.0).contains(&self.verify_share), "verify share must be between 0 and 1"),
            (
                self.signed_before && self.prepared_bytes() > PREPARED_BYTES_MAX,
                "signed before: more than 2 GB of messages",
            ),
            (self.reply_timeout.is_zero() || self.connect_timeout.is_zero(), "timeouts must be above 0"),
        ];
        match faults.iter().find(|(found, _)| *found) {
            Some((_, fault)) => Err(Error::Plan((*fault).into())),
            None => Ok(()),
        }
    }

    /// Memory of all requests, roughly, in bytes.
    fn prepared_bytes(&self) -> f64 {
        self.profile.expected(self.duration) * (PREPARED_BYTES + self.mix.text.mean_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_impossible_plan_is_refused() {
        let broken: [fn(&mut Plan); 12] = [
            |plan| plan.profile = Profile::constant(0.0),
            |plan| plan.profile = Profile::constant(f64::NAN),
            |plan| plan.duration = Duration::ZERO,
            |plan| plan.warm_up = plan.duration,
            |plan| plan.connections_max = 0,
            |plan| plan.run_number = Some(1_000_000),
            |plan| plan.reply_timeout = Duration::ZERO,
            |plan| plan.mix.skew = 200.0,
            |plan| plan.verify_share = 1.1,
            |plan| plan.verify_share = f64::NAN,
            |plan| (plan.signed_before, plan.duration) = (true, Duration::from_secs(10_000)),
            |plan| (plan.keeps_trace, plan.profile) = (true, Profile::constant(1e7)),
        ];
        assert!(Plan::default().check().is_ok());
        for (case, breakage) in broken.iter().enumerate() {
            let mut plan = Plan::default();
            breakage(&mut plan);
            assert!(plan.check().is_err(), "case {case}");
        }
    }
}
