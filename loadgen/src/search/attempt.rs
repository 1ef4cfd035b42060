//! What a search asks for and what it is told.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Next {
    /// Run this, and note its outcome.
    Try(Attempt),
    /// Nothing: the search is over.
    Done(End),
}

/// One trial to be run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attempt {
    /// Requests a second.
    pub rate_per_s: f64,
    /// What for.
    pub phase: Phase,
    /// Load before what is measured.
    pub warm_up: Duration,
    /// Measured time.
    pub measured: Duration,
    /// Pause before it, in which the target gets over the last one.
    pub cool_down: Duration,
}

/// What a trial is run for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// On the way up or down to the first bracket.
    Ramp,
    /// Within the bracket.
    Bisection,
    /// Confirming what passed, for longer.
    Hold,
}

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The objective was met, and the figures can be believed.
    Good,
    /// The objective was missed, and it was the target's doing.
    Bad,
    /// The generator spoiled the figures: says nothing about the target.
    Invalid,
}

/// Why a search is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// A rate held, and a rate that is higher by no more than the precision did not.
    Found,
    /// The highest rate that may be tried held.
    Ceiling,
    /// The next rate is beyond the generator.
    Generator,
    /// Even the lowest rate that may be tried did not hold.
    Nothing,
    /// The number of trials is used up.
    Trials,
    /// The target broke a rule, which no rate excuses.
    Unsafe,
    /// The target answered nothing at all.
    TargetDown,
    /// Somebody stopped it.
    Stopped,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ramp => "ramp",
            Self::Bisection => "bisection",
            Self::Hold => "hold",
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Good => "good",
            Self::Bad => "BAD",
            Self::Invalid => "INVALID",
        })
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Found => "found within the precision asked for",
            Self::Ceiling => "the highest rate that was to be tried holds: the limit lies above it",
            Self::Generator => "the generator is the limit: higher rates could not be judged",
            Self::Nothing => "no rate holds",
            Self::Trials => "not finished: the number of trials is used up",
            Self::Unsafe => "ended early: the target broke a rule, which no rate excuses",
            Self::TargetDown => "ended early: the target answered nothing at all",
            Self::Stopped => "not finished: stopped",
        })
    }
}
