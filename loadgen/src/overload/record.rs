//! The document that `overload --json` writes.

use super::plan::OverloadPlan;
use super::recovery::Recovery;
use crate::manifest::Manifest;
use crate::report::Report;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Name and version of the document's form.
pub const FORMAT: &str = "clearway-overload/1";
/// Below this share of what was due, the target has not seen the load, unless every connection waited for it.
const OFFERED_MIN: f64 = 0.9;
/// A target that gives this share of what it is offered is not overloaded.
const KEPT_UP_MIN: f64 = 0.95;
/// The overload that the headline names.
const OVERLOAD: f64 = 3.0;

/// A sweep, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverloadRecord {
    /// [`FORMAT`].
    pub format: String,
    /// Program, machine and what was given to it; `None` where nobody asked.
    #[serde(default)]
    pub manifest: Option<Manifest>,
    /// What was offered.
    pub plan: OverloadPlan,
    /// Why it is over.
    pub end: End,
    /// Each load in its order.
    pub steps: Vec<Step>,
    /// Goodput at three times the capacity / goodput at the capacity; `None` when either was not run.
    pub goodput_at_3x: Option<f64>,
    /// After the overload; `None` when it was not watched.
    pub recovery: Option<Recovery>,
}

/// One load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Multiple of the capacity.
    pub factor: f64,
    /// What was offered, in requests a second.
    pub rate_per_s: f64,
    /// Payments that were final by their deadline, per second.
    pub goodput_per_s: f64,
    /// Whether the target has seen the load: nine tenths of it left in time, or every connection waited for an answer;
    /// and the sending thread had time to spare.
    pub is_offered: bool,
    /// Figures of the run.
    pub report: Report,
}

/// Why a sweep is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Every load was run.
    Complete,
    /// The target broke a rule, which no load excuses.
    Unsafe,
    /// The target answered nothing at all.
    TargetDown,
    /// Somebody stopped it.
    Stopped,
}

impl Step {
    /// Of the run at a multiple of the capacity.
    pub fn new(factor: f64, report: Report) -> Self {
        let held_up = report.connections >= report.plan.connections_max;
        let left = report.achieved_per_s >= OFFERED_MIN * report.offered_per_s;
        Self {
            factor,
            rate_per_s: report.offered_per_s,
            goodput_per_s: report.goodput_per_s,
            is_offered: (left || held_up) && !report.is_sender_busy(),
            report,
        }
    }
}

impl OverloadRecord {
    pub(super) fn new(plan: OverloadPlan, end: End, steps: Vec<Step>, recovery: Option<Recovery>) -> Self {
        let goodput_at_3x = share(&steps, OVERLOAD);
        Self { format: FORMAT.into(), manifest: None, plan, end, steps, goodput_at_3x, recovery }
    }

    /// The load at this multiple of the capacity.
    pub fn at(&self, factor: f64) -> Option<&Step> {
        self.steps.iter().find(|step| step.factor == factor)
    }

    /// Whether the target kept up with the highest load: then its capacity is higher than was thought, and no overload was
    /// seen.
    pub fn has_kept_up(&self) -> bool {
        let keeps_up = |step: &Step| step.factor > 1.0 && step.goodput_per_s >= KEPT_UP_MIN * step.rate_per_s;
        self.end == End::Complete && self.steps.last().is_some_and(keeps_up)
    }

    /// Whether the target has seen every load.
    pub fn is_offered(&self) -> bool {
        self.steps.iter().all(|step| step.is_offered)
    }
}

/// Goodput at a multiple of the capacity / goodput at the capacity.
fn share(steps: &[Step], factor: f64) -> Option<f64> {
    let goodput = |factor: f64| Some(steps.iter().find(|step| step.factor == factor)?.goodput_per_s);
    let (value, base) = (goodput(factor)?, goodput(1.0)?);
    (base > 0.0).then(|| value / base)
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { factor, rate_per_s, goodput_per_s, is_offered, report } = self;
        write!(
            f,
            "{factor:>5.2} x  {rate_per_s:>9.1}/s  goodput {goodput_per_s:>9.1}/s  final {:>9.1}/s  p50 {} us, p99 {} us; \
             refused {}, unknown {}, dropped {}; {} connections; sending thread {:.0} % of a core",
            report.payments_per_second,
            report.response_us.p50,
            report.response_us.p99,
            report.refused,
            report.unknown,
            report.dropped,
            report.connections,
            report.sender_busy * 100.0
        )?;
        if *is_offered { Ok(()) } else { f.write_str("; NOT OFFERED: the generator was the limit") }
    }
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds {
            Some(seconds) => write!(f, "recovered {seconds:.0} s after the step down to {} x", self.factor),
            None => write!(f, "did NOT recover within {:.0} s at {} x", self.ends_s - self.begins_s, self.factor),
        }
    }
}

impl fmt::Display for OverloadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let capacity = self.plan.capacity_per_s;
        match self.goodput_at_3x {
            Some(share) => writeln!(f, "goodput_at_3x {share:.3}, capacity {capacity:.1}/s")?,
            None => writeln!(f, "goodput_at_3x not measured, capacity {capacity:.1}/s")?,
        }
        if let Some(recovery) = &self.recovery {
            writeln!(f, "{recovery}")?;
        }
        if self.has_kept_up() {
            writeln!(
                f,
                "NO OVERLOAD: the target kept up with every load, so its capacity is higher than {capacity:.1}/s"
            )?;
        }
        f.write_str(match self.end {
            End::Complete => "every load was run",
            End::Unsafe => "ended early: the target broke a rule, which no load excuses",
            End::TargetDown => "ended early: the target answered nothing at all",
            End::Stopped => "ended early: stopped",
        })
    }
}
