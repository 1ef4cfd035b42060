//! One trial: a run at one rate, and what it says of that rate.

use super::attempt::{Attempt, Outcome, Phase};
use crate::record::RunRecord;
use crate::report::Report;
use crate::slo::{Judgement, Observed, Slo};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A run at one rate, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// 1, 2, ... in the order of the search.
    pub number: u32,
    /// What it was run for.
    pub phase: Phase,
    /// Requests a second.
    pub rate_per_s: f64,
    /// What it says of the rate.
    pub outcome: Outcome,
    /// Why it is not good; empty when it is.
    pub reasons: Vec<String>,
    /// The objective, asked beside measured.
    pub judgement: Judgement,
    /// Figures of the run.
    pub report: Report,
}

impl Trial {
    /// Judges the run of an attempt.
    pub fn new(number: u32, attempt: &Attempt, slo: &Slo, record: &RunRecord) -> Self {
        let judgement = slo.judge(&Observed::from(record));
        let (outcome, reasons) = judge(&judgement, &record.report);
        let Attempt { rate_per_s, phase, .. } = *attempt;
        Self { number, phase, rate_per_s, outcome, reasons, judgement, report: record.report.clone() }
    }
}

/// An invalid run says nothing about the target, except when it was the target that held the generator up, which had
/// time to spare. A run that ended itself is bad whatever it has measured until then.
fn judge(judgement: &Judgement, report: &Report) -> (Outcome, Vec<String>) {
    let doubts = || report.invalid.iter().cloned();
    let is_met = judgement.is_met() && report.aborted.is_none();
    match (is_met, report.invalid.is_empty(), hold_up(report)) {
        (true, true, _) => (Outcome::Good, Vec::new()),
        (false, true, None) => (Outcome::Bad, judgement.failures()),
        (false, _, Some(hold_up)) => {
            (Outcome::Bad, judgement.failures().into_iter().chain([hold_up]).chain(doubts()).collect())
        }
        _ => (Outcome::Invalid, doubts().collect()),
    }
}

/// How the target kept a generator that was not busy from sending: what is due cannot leave while every connection waits
/// for an answer.
fn hold_up(report: &Report) -> Option<String> {
    if report.is_sender_busy() {
        return None;
    }
    let aborted = report.aborted.as_ref().map(|abort| format!("aborted after {:.1} s: {}", abort.at_s, abort.reason));
    let is_full = report.connections >= report.plan.connections_max;
    aborted.or_else(|| is_full.then(|| format!("all {} connections waited for answers", report.connections)))
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { number, phase, rate_per_s, outcome, judgement, report, reasons } = self;
        write!(
            f,
            "{number:>3}  {phase:<9}  {rate_per_s:>9.1}/s  {outcome:<7}  {:>9.1} payments/s",
            report.payments_per_second
        )?;
        judgement.criteria.iter().try_for_each(|judged| write!(f, "  {} {}", judged.asked, judged.shown))?;
        // What was missed stands before already.
        let missed = judgement.failures();
        reasons.iter().filter(|reason| !missed.contains(reason)).try_for_each(|reason| write!(f, "; {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::histogram::Latencies;
    use crate::record::Recording;
    use crate::run::Abort;
    use std::time::Duration;

    fn attempt() -> Attempt {
        Attempt {
            rate_per_s: 1_000.0,
            phase: Phase::Ramp,
            warm_up: Duration::ZERO,
            measured: Duration::from_secs(5),
            cool_down: Duration::ZERO,
        }
    }

    fn trial(response_us: u64, connections: usize, sender_busy: f64, invalid: &[&str]) -> Trial {
        let mut latencies = Latencies::new();
        latencies.record(response_us);
        let mut report = Report {
            scheduled: 5_000,
            sent: 5_000,
            response_us: latencies.quantiles(),
            connections,
            sender_busy,
            invalid: invalid.iter().map(|reason| (*reason).to_owned()).collect(),
            ..Report::default()
        };
        report.plan.connections_max = 100;
        judged(report)
    }

    fn aborted(trial: Trial) -> Trial {
        let abort = Abort { at_s: 2.5, reason: "flooded".into() };
        let report = Report { aborted: Some(abort), ..trial.report };
        judged(report)
    }

    fn judged(report: Report) -> Trial {
        let record = RunRecord::new(report, &Recording::default());
        Trial::new(1, &attempt(), &"p99<20ms,errors<1%".parse().unwrap(), &record)
    }

    #[test]
    fn a_generator_that_was_held_up_by_the_target_blames_the_target() {
        let cases: [(Trial, Outcome, &[&str]); 9] = [
            (trial(9_000, 10, 0.1, &[]), Outcome::Good, &[]),
            (trial(30_000, 10, 0.1, &[]), Outcome::Bad, &["p99<20ms"]),
            (trial(9_000, 10, 0.1, &["late"]), Outcome::Invalid, &["late"]),
            (trial(30_000, 10, 0.1, &["late"]), Outcome::Invalid, &["late"]),
            (trial(30_000, 100, 0.1, &["late"]), Outcome::Bad, &["p99<20ms", "all 100 connections", "late"]),
            (trial(30_000, 100, 0.9, &["late", "busy"]), Outcome::Invalid, &["late", "busy"]),
            (aborted(trial(9_000, 10, 0.1, &[])), Outcome::Bad, &["aborted after 2.5 s: flooded"]),
            (aborted(trial(9_000, 10, 0.1, &["late"])), Outcome::Bad, &["aborted", "late"]),
            (aborted(trial(9_000, 10, 0.9, &["busy"])), Outcome::Invalid, &["busy"]),
        ];
        for (trial, outcome, reasons) in cases {
            assert_eq!(trial.outcome, outcome, "{trial}");
            assert_eq!(trial.reasons.len(), reasons.len(), "{trial}");
            for (reason, word) in trial.reasons.iter().zip(reasons) {
                assert!(reason.contains(word), "{reason}: {word}");
            }
        }
    }

    #[test]
    fn a_trial_is_one_line() {
        let line = trial(30_000, 10, 0.1, &[]).to_string();
        assert_eq!(
            line,
            "  1  ramp          1000.0/s  BAD            0.0 payments/s  p99<20ms 30.0 ms  errors<1% 0.00 %"
        );
    }
}
