//! The state of a search: its rates, and which one is next.

use super::attempt::{Attempt, End, Next, Outcome, Phase};
use super::plan::SearchPlan;
use super::rung::{Rung, Standing};
use crate::error::Error;

/// A search in progress.
///
/// ```
/// use clearway_loadgen::search::{End, Next, Outcome, Search, SearchPlan};
///
/// let mut search = Search::new(SearchPlan::default())?;
/// let end = loop {
///     match search.next() {
///         Next::Try(attempt) => search.note(if attempt.rate_per_s < 3_000.0 { Outcome::Good } else { Outcome::Bad }),
///         Next::Done(end) => break end,
///     }
/// };
/// assert_eq!(end, End::Found);
/// assert!(search.last_good().is_some_and(|rate| rate > 2_900.0 && rate < 3_000.0));
/// # Ok::<(), clearway_loadgen::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    plan: SearchPlan,
    /// In the order in which they were first tried.
    rungs: Vec<Rung>,
    trials: u32,
    /// The last outcome; `None` before the first.
    last: Option<Outcome>,
}

impl Search {
    /// A search that has not begun.
    ///
    /// # Errors
    /// [`Error::Plan`] when it can never be carried out.
    pub fn new(plan: SearchPlan) -> Result<Self, Error> {
        plan.check()?;
        Ok(Self { plan, rungs: Vec::new(), trials: 0, last: None })
    }

    /// How it goes about it.
    pub fn plan(&self) -> &SearchPlan {
        &self.plan
    }

    /// Trials noted so far.
    pub fn trials(&self) -> u32 {
        self.trials
    }

    /// What is to be done next; the same until an outcome is noted.
    pub fn next(&self) -> Next {
        match self.step() {
            Step::Done(end) => Next::Done(end),
            Step::Try(..) if self.trials >= self.plan.trials_max => Next::Done(End::Trials),
            Step::Try(rate_per_s, phase) => Next::Try(self.attempt(rate_per_s, phase)),
        }
    }

    /// Notes how the trial that [`Search::next`] names has ended; nothing when the search is over.
    pub fn note(&mut self, outcome: Outcome) {
        let Next::Try(Attempt { rate_per_s, phase, .. }) = self.next() else { return };
        self.trials += 1;
        self.last = Some(outcome);
        match self.rungs.iter_mut().find(|rung| rung.rate_per_s == rate_per_s) {
            Some(rung) => rung.note(phase, outcome),
            None => {
                let mut rung = Rung::new(rate_per_s, phase);
                rung.note(phase, outcome);
                self.rungs.push(rung);
            }
        }
    }

    /// The highest rate whose holds were all good.
    pub fn last_good(&self) -> Option<f64> {
        self.rates(|standing| standing == Standing::Good).max_by(f64::total_cmp)
    }

    /// The highest rate that passed its probes, below the lowest that failed: a bracket of a search that is not over.
    pub fn highest_passed(&self) -> Option<f64> {
        let upper = self.ceiling().map_or(f64::INFINITY, |(rate, _)| rate);
        let has_passed = |standing| matches!(standing, Standing::Passed | Standing::Holding | Standing::Good);
        self.rates(has_passed).filter(|rate| *rate < upper).max_by(f64::total_cmp)
    }

    /// The lowest rate above the last good one that was bad as often as it takes.
    pub fn first_bad(&self) -> Option<f64> {
        let good = self.last_good().unwrap_or(0.0);
        self.rates(|standing| standing == Standing::Failed).filter(|rate| *rate > good).min_by(f64::total_cmp)
    }

    /// The lowest rate that did not hold, or that the generator could not do (`true`).
    fn ceiling(&self) -> Option<(f64, bool)> {
        let rungs = self.rungs.iter().map(|rung| (rung.rate_per_s, rung.standing(&self.plan)));
        let is_stop = |standing| matches!(standing, Standing::Failed | Standing::Unsteady | Standing::Beyond);
        let stops = rungs.filter(|(_, standing)| is_stop(*standing));
        let lowest = stops.min_by(|(one, _), (other, _)| one.total_cmp(other));
        lowest.map(|(rate, standing)| (rate, standing == Standing::Beyond))
    }

    fn rates(&self, is_wanted: impl Fn(Standing) -> bool) -> impl Iterator<Item = f64> {
        let wanted = self.rungs.iter().filter(move |rung| is_wanted(rung.standing(&self.plan)));
        wanted.map(|rung| rung.rate_per_s)
    }

    fn attempt(&self, rate_per_s: f64, phase: Phase) -> Attempt {
        let SearchPlan { warm_up, probe, hold, cool_down, .. } = self.plan;
        let is_shaken = matches!(self.last, Some(Outcome::Bad | Outcome::Invalid));
        Attempt {
            rate_per_s,
            phase,
            warm_up,
            measured: if phase == Phase::Hold { hold } else { probe },
            cool_down: if is_shaken { cool_down } else { std::time::Duration::ZERO },
        }
    }

    fn step(&self) -> Step {
        let open = self.rungs.iter().find_map(|rung| Some((rung.rate_per_s, rung.wants(&self.plan)?)));
        if let Some((rate, phase)) = open {
            return Step::Try(rate, phase);
        }
        let SearchPlan { start_per_s, min_per_s, max_per_s, step, precision, .. } = self.plan;
        match (self.highest_passed(), self.ceiling()) {
            (None, None) => Step::Try(start_per_s, Phase::Ramp),
            (Some(passed), None) if passed >= max_per_s => self.settle(passed, End::Ceiling),
            (Some(passed), None) => Step::Try((passed * step).min(max_per_s), Phase::Ramp),
            (None, Some((failed, is_beyond))) if failed <= min_per_s => {
                Step::Done(if is_beyond { End::Generator } else { End::Nothing })
            }
            (None, Some((failed, _))) => Step::Try((failed / step).max(min_per_s), Phase::Ramp),
            (Some(passed), Some((_, true))) => self.settle(passed, End::Generator),
            (Some(passed), Some((failed, _))) if failed <= passed * (1.0 + precision) => {
                self.settle(passed, End::Found)
            }
            (Some(passed), Some((failed, _))) => Step::Try((passed * failed).sqrt(), Phase::Bisection),
        }
    }

    /// Holds what passed, until it is good.
    fn settle(&self, passed: f64, end: End) -> Step {
        if self.last_good() == Some(passed) { Step::Done(end) } else { Step::Try(passed, Phase::Hold) }
    }
}

/// Where the search stands, whatever the number of trials.
enum Step {
    Try(f64, Phase),
    Done(End),
}

#[cfg(test)]
mod tests;
