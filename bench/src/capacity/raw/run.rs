//! One run of a course, as it is kept.

use clearway_loadgen::record::RunRecord;
use serde::{Deserialize, Serialize};

use super::Axis;
use crate::rig::Window;

/// Name and version of the file's form.
pub const FORMAT: &str = "clearway-capacity-run/1";

/// `NAME.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RawRun {
    /// [`FORMAT`].
    pub format: String,
    /// What it varies.
    pub axis: Axis,
    /// The value of that: a rate, a number of cores, a suite, a transport, a driver.
    pub value: String,
    /// Requests a second that were asked for.
    pub offered_per_s: f64,
    /// `plain` or `tls`.
    pub transport: String,
    /// Cores of the node.
    pub node_cores: u32,
    /// Payment institutions.
    pub institutions: u32,
    /// Banks.
    pub banks: u32,
    /// What was sent, as the generator's command line says it.
    pub mix: String,
    /// Share of messages whose signature generator and banks checked, 0 to 1.
    pub verify_share: f64,
    /// Cores that generator and banks could use.
    pub load_cores: u32,
    /// The generator's view, with settlement and verdict.
    pub record: RunRecord,
    /// The node's view.
    pub window: Window,
    /// Agreements and mandates that the node holds otherwise than both of their ends.
    pub registry_differing: u64,
    /// Why the generator was the limit and not the node; empty = it was not.
    pub limits: Vec<String>,
    /// What came from outside and makes the figures worth nothing; empty = nothing did.
    pub disturbances: Vec<String>,
}

impl RawRun {
    /// Why its figures are not to be believed; empty = they are.
    pub fn doubts(&self) -> Vec<String> {
        let broken = (!self.is_right()).then(|| "a rule was broken: see the verdict".to_owned());
        self.limits.iter().chain(&self.disturbances).cloned().chain(broken).collect()
    }

    /// Whether no rule was broken.
    pub fn is_right(&self) -> bool {
        let is_safe = self.record.verdict.as_ref().is_some_and(clearway_loadgen::Verdict::is_safe);
        is_safe && self.registry_differing == 0
    }
}
