//! How a command ended, and the exit code that says so.

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
    /// What the run says. An oracle that found a violation is right in any run; all other
    /// judgements need a valid one.
    pub(crate) fn of(driven: &Driven, is_interrupted: bool) -> Self {
        let record = &driven.record;
        let is_open = record.settled.is_some_and(|settled| settled.remaining > 0);
        let is_wrong = record.verdict.as_ref().is_some_and(|verdict| !Verdict::is_safe(verdict));
        match () {
            () if is_wrong => Self::Bad,
            () if is_interrupted => Self::Interrupted,
            () if driven.is_target_down() => Self::TargetDown,
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
            Self::Interrupted => 130,
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
