//! A rig as the place where the generator's search makes its runs.

use std::thread::sleep;
use std::time::Duration;

use clearway_loadgen::Slo;
use clearway_loadgen::record::RunRecord;
use clearway_loadgen::search::{self, Attempt, Outcome, Phase, Search, SearchPlan, SearchRecord, carry_out};

use super::node::payments;
use crate::error::Error;
use crate::rig::{Rig, Trial};

/// What a rate must hold. 71 ms in the platform is the published average of a data centre (business.md 10); an answer after a second is one
/// about a payment that waits for its end; no payment that is asked for may be refused.
const OBJECTIVE: &str = "p99.internal<=71ms,p99<=1s,errors<=0%,achieved>=98%";

/// How deep to search: lengths in seconds.
pub(super) struct Depth {
    pub(super) warm_up_s: f64,
    pub(super) probe_s: f64,
    pub(super) hold_s: f64,
}

/// What a search has found.
pub(super) struct Found {
    pub(super) record: SearchRecord,
    /// The last hold of the rate that was found.
    pub(super) held: Trial,
}

/// Searches the highest rate that the node of `rig` holds, from `start_per_s` on.
///
/// # Errors
/// No rate holds, a rule was broken, or a run could not be made.
pub(super) fn search(rig: &mut Rig, start_per_s: f64, depth: &Depth, seed: u64) -> Result<Found, Error> {
    let slo: Slo = OBJECTIVE.parse()?;
    let search = Search::new(plan(start_per_s, depth))?;
    let mut site = Site { rig, seed, last: None, held: None };
    let record = carry_out(search, &slo, &mut site)?;
    match site.held.take() {
        Some(held) if record.capacity_per_s() == Some(held.load.rate_per_s) => Ok(Found { record, held }),
        _ => Err(Error::Unsuited(format!("no rate holds {slo}: {}", record.end))),
    }
}

fn plan(start_per_s: f64, depth: &Depth) -> SearchPlan {
    SearchPlan {
        start_per_s,
        min_per_s: start_per_s / 30.0,
        step: 1.25,
        precision: 0.04,
        warm_up: Duration::from_secs_f64(depth.warm_up_s),
        probe: Duration::from_secs_f64(depth.probe_s),
        hold: Duration::from_secs_f64(depth.hold_s),
        repeats: 1,
        invalid_max: 1,
        cool_down: Duration::from_secs(1),
        trials_max: 30,
        ..SearchPlan::default()
    }
}

struct Site<'a> {
    rig: &'a mut Rig,
    seed: u64,
    last: Option<Trial>,
    held: Option<Trial>,
}

impl search::Site for Site<'_> {
    type Error = Error;

    fn run(&mut self, attempt: &Attempt) -> Result<Option<RunRecord>, Error> {
        sleep(attempt.cool_down);
        let Attempt { rate_per_s, phase, .. } = *attempt;
        let [warm_up, measured] = [attempt.warm_up, attempt.measured].map(|length| length.as_secs_f64());
        let trial = self.rig.run(&payments(&phase.to_string(), rate_per_s, warm_up, measured, self.seed))?;
        if !trial.verdict.is_safe() {
            return Err(Error::Node(format!("broke a rule at {rate_per_s:.0}/s: {}", trial.verdict)));
        }
        let mut record = trial.record();
        // The report knows of its sending thread alone, but banks that wait for a core hold a run up as well.
        record.report.invalid = trial.limits();
        if trial.is_saturated() {
            record.report.sender_busy = trial.window.load_busy;
        }
        self.last = Some(trial);
        Ok(Some(record))
    }

    fn tell(&mut self, trial: &search::Trial) {
        eprintln!("{trial}");
        if trial.phase == Phase::Hold && trial.outcome == Outcome::Good {
            self.held = self.last.take();
        }
    }
}

impl Found {
    /// The rate, in payments a second.
    pub(super) fn rate_per_s(&self) -> f64 {
        self.held.load.rate_per_s
    }

    /// Where the limit was seen, and why there is none beyond.
    pub(super) fn limit(&self) -> String {
        let first_bad = self.record.first_bad.as_ref();
        let reasons = |rate_per_s: f64| {
            let at = |trial: &&search::Trial| trial.rate_per_s == rate_per_s && !trial.reasons.is_empty();
            self.record.trials.iter().rev().find(at).map(|trial| trial.reasons.join(", ")).unwrap_or_default()
        };
        let limit = first_bad.map(|bad| format!("; at {:.0}/s: {}", bad.rate_per_s, reasons(bad.rate_per_s)));
        format!("{}; {}", limit.unwrap_or_default(), self.record.end)
    }
}

#[cfg(test)]
mod tests {
    use clearway_loadgen::Error as LoadError;

    use super::*;

    #[test]
    fn objective_and_plan_can_be_carried_out() -> Result<(), LoadError> {
        assert_eq!(OBJECTIVE.parse::<Slo>()?.criteria().len(), 4);
        Search::new(plan(1_000.0, &Depth { warm_up_s: 1.0, probe_s: 2.0, hold_s: 3.0 })).map(|_| ())
    }
}
