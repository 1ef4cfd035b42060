//! The document that `find-max --json` writes.

use super::attempt::{End, Outcome, Phase};
use super::plan::SearchPlan;
use super::spread::{CriterionSpread, Spread};
use super::trial::Trial;
use crate::manifest::Manifest;
use crate::slo::Slo;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Name and version of the document's form.
pub const FORMAT: &str = "clearway-search/1";

/// A search, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchRecord {
    /// [`FORMAT`].
    pub format: String,
    /// Program, machine and what was given to it; `None` where nobody asked.
    #[serde(default)]
    pub manifest: Option<Manifest>,
    /// What a rate had to hold.
    pub slo: Slo,
    /// How it was searched.
    pub plan: SearchPlan,
    /// Why it is over.
    pub end: End,
    /// The highest rate whose holds were all good; `None` when there is none.
    pub last_good: Option<Standing>,
    /// The lowest rate above it that failed; `None` when none did.
    pub first_bad: Option<Standing>,
    /// Every trial in its order.
    pub trials: Vec<Trial>,
}

/// One rate, with the spread of the trials that decided about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Requests a second.
    pub rate_per_s: f64,
    /// Trials that the spread is taken over: the valid holds, or without any the valid probes.
    pub trials: u32,
    /// Final receipts a second.
    pub payments_per_second: Spread,
    /// What was measured for each criterion.
    pub criteria: Vec<CriterionSpread>,
}

impl SearchRecord {
    pub(super) fn new(slo: Slo, plan: SearchPlan, end: End, rates: [Option<f64>; 2], trials: Vec<Trial>) -> Self {
        let [last_good, first_bad] = rates.map(|rate| Standing::of(rate?, &trials));
        Self { format: FORMAT.into(), manifest: None, slo, plan, end, last_good, first_bad, trials }
    }

    /// What was found, in requests a second.
    pub fn capacity_per_s(&self) -> Option<f64> {
        self.last_good.as_ref().map(|standing| standing.rate_per_s)
    }
}

impl Standing {
    fn of(rate_per_s: f64, trials: &[Trial]) -> Option<Self> {
        let is_valid = |trial: &&Trial| trial.rate_per_s == rate_per_s && trial.outcome != Outcome::Invalid;
        let valid: Vec<&Trial> = trials.iter().filter(is_valid).collect();
        let holds: Vec<&Trial> = valid.iter().copied().filter(|trial| trial.phase == Phase::Hold).collect();
        let deciding = if holds.is_empty() { valid } else { holds };
        let places = deciding.first()?.judgement.criteria.len();
        Some(Self {
            rate_per_s,
            trials: u32::try_from(deciding.len()).unwrap_or(u32::MAX),
            payments_per_second: Spread::of(deciding.iter().map(|trial| trial.report.payments_per_second))?,
            criteria: (0..places).filter_map(|place| CriterionSpread::of(place, &deciding)).collect(),
        })
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rate_per_s, trials, payments_per_second, criteria } = self;
        write!(f, "{rate_per_s:.1}/s; {payments_per_second} payments/s")?;
        criteria.iter().try_for_each(|criterion| write!(f, "; {} {}", criterion.asked, criterion.shown))?;
        write!(f, " (least / median / greatest of {trials})")
    }
}

impl fmt::Display for SearchRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let standing =
            |standing: &Option<Standing>| standing.as_ref().map_or_else(|| "none".into(), ToString::to_string);
        writeln!(f, "last good  {}", standing(&self.last_good))?;
        writeln!(f, "first bad  {}", standing(&self.first_bad))?;
        write!(f, "search     {} trials for {}: {}", self.trials.len(), self.slo, self.end)
    }
}
