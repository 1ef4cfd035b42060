//! One run of a course, as it is kept.

use clearway_loadgen::histogram::Quantiles;
use clearway_loadgen::output::{Logged, sum_of_tag};
use clearway_loadgen::record::{RunRecord, curve_of};
use serde::{Deserialize, Serialize};

use super::Axis;
use crate::error::Error;
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
    /// The same with the latencies of its log in place of what the record says of them.
    ///
    /// # Errors
    /// The two do not agree: one of the files was changed.
    pub(super) fn with_latencies(mut self, name: &str, logged: &[Logged]) -> Result<Self, Error> {
        let report = &mut self.record.report;
        for (tag, told, curve) in [
            ("response", &mut report.response_us, &mut self.record.response_curve),
            ("service", &mut report.service_us, &mut self.record.service_curve),
            ("internal", &mut report.internal_us, &mut self.record.internal_curve),
        ] {
            let latencies = sum_of_tag(logged, tag);
            let counted = latencies.quantiles();
            if !agree(told, &counted) {
                return Err(Error::Unsuited(format!("{name}.json says of {tag} {told:?}, {name}.hlog {counted:?}")));
            }
            (*told, *curve) = (counted, curve_of(&latencies));
        }
        Ok(self)
    }

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

/// Whether two readings of the same values are the same; means may differ in their last bits.
fn agree(one: &Quantiles, other: &Quantiles) -> bool {
    let means = (one.mean - other.mean).abs() <= 1e-9 * one.mean.abs().max(1.0);
    means && Quantiles { mean: 0.0, ..*one } == Quantiles { mean: 0.0, ..*other }
}
