//! How a command ended, and the exit code that says so.

use clearway_loadgen::interrupt::EXIT_CODE;
use clearway_loadgen::record::RunRecord;
use clearway_loadgen::run::Driven;
use clearway_loadgen::{Error, Verdict};
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Done, and good.
    Good,
    /// Measured, and not good: a threshold was missed, the oracle found a violation, or something is still open.
    Bad,
    /// The figures are not to be believed: the generator was the limit.
    Invalid,
    /// The target never answered.
    TargetDown,
    /// Command line, configuration or plan cannot be understood or carried out.
    Usage,
    /// The generator itself or its machine failed.
    Failed,
    /// A signal ended it.
    Interrupted,
}

impl Ending {
    /// What the record says. An oracle that found a violation is right in any run; an objective is judged by figures, and
    /// those are to be believed in a valid run alone.
    pub(crate) fn of(driven: &Driven, is_interrupted: bool) -> Self {
        Self::of_record(&driven.record, driven.is_target_down(), is_interrupted)
    }

    fn of_record(record: &RunRecord, is_target_down: bool, is_interrupted: bool) -> Self {
        let is_open = record.settled.is_some_and(|settled| settled.remaining > 0);
        let is_wrong = record.verdict.as_ref().is_some_and(|verdict| !Verdict::is_safe(verdict));
        match () {
            () if is_wrong => Self::Bad,
            () if is_interrupted => Self::Interrupted,
            () if is_target_down => Self::TargetDown,
            () if record.verdict.as_ref().map_or(is_open, |verdict| !verdict.ok) => Self::Bad,
            () if !record.report.invalid.is_empty() => Self::Invalid,
            () if record.report.aborted.is_some() => Self::Bad,
            () if record.judgement.as_ref().is_some_and(|judgement| !judgement.is_met()) => Self::Bad,
            () => Self::Good,
        }
    }

    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Bad => 1,
            Self::Invalid => 2,
            Self::TargetDown => 3,
            Self::Usage => 64,
            Self::Failed => 70,
            Self::Interrupted => EXIT_CODE,
        }
    }

    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(self.number())
    }
}

impl From<&Error> for Ending {
    fn from(error: &Error) -> Self {
        if error.is_usage() { Self::Usage } else { Self::Failed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearway_loadgen::record::Recording;
    use clearway_loadgen::slo::Observed;
    use clearway_loadgen::{Report, Settled, Slo};

    fn good() -> RunRecord {
        let verdict = Verdict { ok: true, money_conserved: true, ..Verdict::default() };
        RunRecord { verdict: Some(verdict), ..RunRecord::new(Report::default(), &Recording::default()) }
    }

    fn spoil(record: &mut RunRecord) {
        record.report.invalid.push("generator late".into());
    }

    fn miss(record: &mut RunRecord) {
        let slo: Slo = "p99<1ms".parse().unwrap();
        record.judgement = Some(slo.judge(&Observed::from(&record.report)));
    }

    fn break_a_rule(record: &mut RunRecord) {
        record.verdict = Some(Verdict::default());
    }

    #[test]
    fn what_weighs_most_decides() {
        type Change = fn(&mut RunRecord);
        let cases: [(&[Change], bool, bool, u8); 10] = [
            (&[], false, false, 0),
            (&[miss], false, false, 1),
            (&[spoil], false, false, 2),
            (&[spoil, miss], false, false, 2),
            (&[spoil, break_a_rule], false, false, 1),
            (&[spoil], true, false, 3),
            (&[spoil], true, true, 130),
            (&[break_a_rule], false, true, 1),
            (&[|record| record.verdict = None], false, false, 0),
            (
                &[|record| {
                    record.verdict = None;
                    record.settled = Some(Settled { remaining: 1, ..Settled::default() });
                }],
                false,
                false,
                1,
            ),
        ];
        for (place, (changes, is_down, is_interrupted, number)) in cases.into_iter().enumerate() {
            let mut record = good();
            changes.iter().for_each(|change| change(&mut record));
            assert_eq!(Ending::of_record(&record, is_down, is_interrupted).number(), number, "case {place}");
        }
    }
}
