//! A search from its first trial to its record.

use super::attempt::{Attempt, End, Next, Outcome};
use super::record::SearchRecord;
use super::state::Search;
use super::trial::Trial;
use crate::record::RunRecord;
use crate::slo::Slo;

/// Where a search makes its runs, and who looks on.
pub trait Site {
    /// What can stop the search itself.
    type Error;

    /// Makes the run of an attempt, after its cool-down; `None` when somebody stopped it.
    ///
    /// # Errors
    /// The run cannot be made. That the target does badly is no error.
    fn run(&mut self, attempt: &Attempt) -> Result<Option<RunRecord>, Self::Error>;

    /// A trial is judged.
    fn tell(&mut self, _trial: &Trial) {}
}

/// Carries out a search for the highest rate that holds `slo`.
///
/// A run that the oracle has judged and found unsafe ends it, and so does one that got no answer at all.
///
/// # Errors
/// What [`Site::run`] says.
pub fn carry_out<S: Site>(mut search: Search, slo: &Slo, site: &mut S) -> Result<SearchRecord, S::Error> {
    let mut trials = Vec::new();
    let end = loop {
        let attempt = match search.next() {
            Next::Try(attempt) => attempt,
            Next::Done(end) => break end,
        };
        let Some(record) = site.run(&attempt)? else { break End::Stopped };
        let trial = Trial::new(search.trials() + 1, &attempt, slo, &record);
        site.tell(&trial);
        search.note(trial.outcome);
        let early = early_end(&record, trial.outcome);
        trials.push(trial);
        if let Some(end) = early {
            break end;
        }
    };
    let rates = [search.last_good(), search.first_bad()];
    Ok(SearchRecord::new(slo.clone(), search.plan().clone(), end, rates, trials))
}

fn early_end(record: &RunRecord, outcome: Outcome) -> Option<End> {
    let is_unsafe = record.verdict.as_ref().is_some_and(|verdict| !verdict.is_safe());
    let is_down = outcome != Outcome::Good && record.report.is_unanswered();
    match (is_unsafe, is_down) {
        (true, _) => Some(End::Unsafe),
        (false, true) => Some(End::TargetDown),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::Latencies;
    use crate::record::Recording;
    use crate::report::Report;
    use crate::search::{SearchPlan, Spread};

    /// A target whose latency grows with the rate, and that answers nothing above `dead_per_s`.
    fn record(rate_per_s: f64, dead_per_s: f64, repeat: u32) -> RunRecord {
        let mut latencies = Latencies::new();
        let response_us = rate_per_s as u64 + 8 * u64::from(repeat % 3);
        latencies.record(response_us);
        let is_dead = rate_per_s > dead_per_s;
        let report = Report {
            scheduled: 1_000,
            sent: 1_000,
            unknown: if is_dead { 1_000 } else { 0 },
            payments_per_second: rate_per_s,
            response_us: if is_dead { Latencies::new() } else { latencies }.quantiles(),
            ..Report::default()
        };
        RunRecord::new(report, &Recording::default())
    }

    struct Simulated {
        dead_per_s: f64,
        runs: u32,
        runs_max: u32,
        told: usize,
    }

    impl Site for Simulated {
        type Error = ();

        fn run(&mut self, attempt: &Attempt) -> Result<Option<RunRecord>, ()> {
            self.runs += 1;
            Ok((self.runs <= self.runs_max).then(|| record(attempt.rate_per_s, self.dead_per_s, self.runs)))
        }

        fn tell(&mut self, trial: &Trial) {
            self.told += 1;
            assert_eq!(trial.number, self.runs);
        }
    }

    fn search(dead_per_s: f64, runs_max: u32) -> SearchRecord {
        let mut site = Simulated { dead_per_s, runs: 0, runs_max, told: 0 };
        let slo = "p99<5ms".parse().unwrap();
        let found = carry_out(Search::new(SearchPlan::default()).unwrap(), &slo, &mut site).unwrap();
        assert_eq!(site.told, found.trials.len());
        found
    }

    #[test]
    fn a_record_has_every_trial_and_the_spread_of_those_that_decided() {
        let found = search(f64::INFINITY, u32::MAX);
        assert_eq!(found.end, End::Found);
        let (good, bad) = (found.last_good.as_ref().unwrap(), found.first_bad.as_ref().unwrap());
        assert!(good.rate_per_s < 5_000.0 && bad.rate_per_s > 4_900.0, "{found}");
        assert!(good.trials == 3 && bad.trials >= 2, "{found}");
        let Spread { min, median, max } = good.criteria[0].measured.unwrap();
        assert!(min < median && median < max && max < 5_000.0, "{found}");
        assert_eq!(good.criteria[0].asked, "p99<5ms");
        assert!(good.criteria[0].shown.ends_with(" ms"), "{found}");
        let numbers: Vec<u32> = found.trials.iter().map(|trial| trial.number).collect();
        assert_eq!(numbers, (1..=found.trials.len() as u32).collect::<Vec<_>>());
        let json = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<SearchRecord>(&json).unwrap(), found);
    }

    #[test]
    fn a_dead_target_and_a_stop_end_it_early() {
        let down = search(1_000.0, u32::MAX);
        assert_eq!((down.end, down.capacity_per_s()), (End::TargetDown, None));
        let stopped = search(f64::INFINITY, 4);
        assert_eq!((stopped.end, stopped.trials.len()), (End::Stopped, 4));
    }
}
