//! When a run ends itself: a target that answers nothing must not fill this machine's memory.
//!
//! Invariant: the valve ends the schedule and nothing else. What was sent is waited for, counted and judged as ever, and
//! the report says that, when and why the valve has closed.

use crate::error::Error;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Requests that may be sent without an answer before silence counts: a single slow answer is none.
const UNANSWERED_MIN: u64 = 100;

/// The limits at which a run ends itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Valve {
    /// Most requests that are due and have no end, those that wait for a connection included; `None` = any number.
    pub in_flight_max: Option<usize>,
    /// Longest time without any answer while more than a hundred requests were sent; `None` = for ever.
    pub silence_max: Option<Duration>,
}

impl Valve {
    /// Never closes: for runs that overload their target, or that outlive its restart.
    pub const OFF: Self = Self { in_flight_max: None, silence_max: None };

    /// Checks that a run can begin under it.
    ///
    /// # Errors
    /// [`Error::Plan`]: a limit is 0.
    pub fn check(&self) -> Result<(), Error> {
        if self.in_flight_max == Some(0) || self.silence_max.is_some_and(|silence| silence.is_zero()) {
            return Err(Error::Plan("the valve's limits must be above 0; leave one out to have none".into()));
        }
        Ok(())
    }
}

impl Default for Valve {
    /// 20,000 requests, 10 seconds.
    fn default() -> Self {
        Self { in_flight_max: Some(20_000), silence_max: Some(Duration::from_secs(10)) }
    }
}

/// Why and when a run ended itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Abort {
    /// Seconds from the start of the run.
    pub at_s: f64,
    /// In words.
    pub reason: String,
}

/// The valve of one run. Time is an argument, in nanoseconds from the run's start.
#[derive(Debug)]
pub(super) struct Watch {
    valve: Valve,
    answered: u64,
    /// When the silence began: with the last answer, or with the first request after it.
    since_ns: u64,
    sent_before: u64,
}

/// What a run has come to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) in_flight: usize,
    pub(super) sent: u64,
    /// Answers of any kind, refusals included.
    pub(super) answered: u64,
}

impl Watch {
    pub(super) const fn new(valve: Valve) -> Self {
        Self { valve, answered: 0, since_ns: 0, sent_before: 0 }
    }

    /// The reason to end now, if there is one.
    pub(super) fn look(&mut self, now_ns: u64, standing: Standing) -> Option<Abort> {
        if standing.answered != self.answered || standing.sent == self.sent_before {
            (self.answered, self.since_ns, self.sent_before) = (standing.answered, now_ns, standing.sent);
        }
        let reason = self.flood(standing).or_else(|| self.silence(now_ns, standing))?;
        Some(Abort { at_s: Duration::from_nanos(now_ns).as_secs_f64(), reason })
    }

    fn flood(&self, standing: Standing) -> Option<String> {
        let (in_flight, max) = (standing.in_flight, self.valve.in_flight_max?);
        (in_flight > max).then(|| format!("{in_flight} requests in flight, more than {max}"))
    }

    fn silence(&self, now_ns: u64, standing: Standing) -> Option<String> {
        let silence = Duration::from_nanos(now_ns.saturating_sub(self.since_ns));
        let unanswered = standing.sent.saturating_sub(self.sent_before);
        let is_silent = silence >= self.valve.silence_max? && unanswered > UNANSWERED_MIN;
        is_silent.then(|| format!("no answer for {:.1} s to any of {unanswered} requests", silence.as_secs_f64()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn standing(in_flight: usize, sent: u64, answered: u64) -> Standing {
        Standing { in_flight, sent, answered }
    }

    #[test]
    fn too_many_in_flight_close_it() {
        let mut watch = Watch::new(Valve::default());
        assert_eq!(watch.look(SECOND, standing(20_000, 30_000, 10_000)), None);
        let abort = watch.look(2 * SECOND, standing(20_001, 30_001, 10_000)).unwrap();
        assert_eq!((abort.at_s, abort.reason.as_str()), (2.0, "20001 requests in flight, more than 20000"));
    }

    #[test]
    fn silence_closes_it_once_enough_was_asked() {
        let mut watch = Watch::new(Valve::default());
        assert_eq!(watch.look(0, standing(0, 0, 0)), None);
        for second in 1..10 {
            assert_eq!(watch.look(second * SECOND, standing(100, second * 20, 0)), None, "{second} s");
        }
        // A hundred may be slow, a hundred and one are not answered.
        assert_eq!(watch.look(11 * SECOND, standing(100, 100, 0)), None);
        let abort = watch.look(12 * SECOND, standing(101, 101, 0)).unwrap();
        assert_eq!(abort.reason, "no answer for 12.0 s to any of 101 requests");
    }

    #[test]
    fn an_answer_of_any_kind_breaks_the_silence() {
        let mut watch = Watch::new(Valve::default());
        for second in 0..60 {
            // One answer every nine seconds.
            let answered = second / 9;
            assert_eq!(watch.look(second * SECOND, standing(300, second * 500, answered)), None, "{second} s");
        }
    }

    #[test]
    fn where_nothing_is_sent_nothing_can_be_answered() {
        let mut watch = Watch::new(Valve::default());
        watch.look(0, standing(0, 500, 500));
        assert_eq!(watch.look(60 * SECOND, standing(0, 500, 500)), None);
        // The pause was the schedule's own.
        assert_eq!(watch.look(61 * SECOND, standing(200, 700, 500)), None);
    }

    #[test]
    fn without_limits_it_never_closes() {
        let mut watch = Watch::new(Valve::OFF);
        assert_eq!(watch.look(0, standing(0, 0, 0)), None);
        assert_eq!(watch.look(3_600 * SECOND, standing(usize::MAX, u64::MAX, 0)), None);
        assert!(Valve::OFF.check().is_ok() && Valve::default().check().is_ok());
        assert!(Valve { in_flight_max: Some(0), ..Valve::OFF }.check().is_err());
        assert!(Valve { silence_max: Some(Duration::ZERO), ..Valve::OFF }.check().is_err());
    }
}
