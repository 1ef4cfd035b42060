//! The document that `run --json` writes.

use super::{CurvePoint, Recording, Slice, StageBudget, curve_of};
use crate::manifest::Manifest;
use crate::oracle::Verdict;
use crate::report::Report;
use crate::settle::Settled;
use crate::slo::Judgement;
use serde::{Deserialize, Serialize};

/// Name and version of the document's form.
pub const FORMAT: &str = "clearway-run/1";

/// One run, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`FORMAT`].
    pub format: String,
    /// Program, machine and what was given to it; `None` where nobody asked.
    pub manifest: Option<Manifest>,
    /// Figures.
    pub report: Report,
    /// Second by second, warm-up included.
    pub slices: Vec<Slice>,
    /// Latency from the intended instant, after the warm-up.
    pub response_curve: Vec<CurvePoint>,
    /// Latency from the actual sending, after the warm-up.
    pub service_curve: Vec<CurvePoint>,
    /// The node's own account of its time, after the warm-up.
    pub internal_curve: Vec<CurvePoint>,
    /// Where the node says that the time goes; `None` when it was not asked.
    pub stages: Option<StageBudget>,
    /// What was done about requests without an end; `None` when nothing was.
    pub settled: Option<Settled>,
    /// The oracle's judgement; `None` without ledgers to judge by.
    pub verdict: Option<Verdict>,
    /// Whether the run held what was asked of it; `None` when nothing was.
    pub judgement: Option<Judgement>,
}

impl RunRecord {
    /// A run that was neither settled nor judged yet.
    pub fn new(report: Report, recording: &Recording) -> Self {
        let measured = &recording.measured;
        Self {
            format: FORMAT.into(),
            manifest: None,
            report,
            slices: recording.slices.clone(),
            response_curve: curve_of(&measured.response),
            service_curve: curve_of(&measured.service),
            internal_curve: curve_of(&measured.internal),
            stages: None,
            settled: None,
            verdict: None,
            judgement: None,
        }
    }
}
