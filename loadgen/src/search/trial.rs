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

/// An invalid run says nothing about the target, except when it was the target that held the generator up: all
/// connections wait for answers, so that what is due cannot leave in time, while the sending thread has time to spare.
fn judge(judgement: &Judgement, report: &Report) -> (Outcome, Vec<String>) {
    let is_held_up = report.connections >= report.plan.connections_max && !report.is_sender_busy();
    let doubts = || report.invalid.iter().cloned();
    match (judgement.is_met(), report.invalid.is_empty()) {
        (true, true) => (Outcome::Good, Vec::new()),
        (false, true) => (Outcome::Bad, judgement.failures()),
        (false, false) if is_held_up => {
            let held_up = format!("all {} connections wait for answers", report.connections);
            (Outcome::Bad, judgement.failures().into_iter().chain([held_up]).chain(doubts()).collect())
        }
        _ => (Outcome::Invalid, doubts().collect()),
    }
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
        Trial::new(
            1,
            &attempt(),
            &"p99<20ms,errors<1%".parse().unwrap(),
            &RunRecord::new(report, &Recording::default()),
        )
    }

    #[test]
    fn a_generator_that_was_held_up_by_the_target_blames_the_target() {
        let cases: [(Trial, Outcome, &[&str]); 6] = [
            (trial(9_000, 10, 0.1, &[]), Outcome::Good, &[]),
            (trial(30_000, 10, 0.1, &[]), Outcome::Bad, &["p99<20ms"]),
            (trial(9_000, 10, 0.1, &["late"]), Outcome::Invalid, &["late"]),
            (trial(30_000, 10, 0.1, &["late"]), Outcome::Invalid, &["late"]),
            (trial(30_000, 100, 0.1, &["late"]), Outcome::Bad, &["p99<20ms", "all 100 connections", "late"]),
            (trial(30_000, 100, 0.9, &["late", "busy"]), Outcome::Invalid, &["late", "busy"]),
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
