//! What else differs between runs: a ratio of figures says little when the load, the suite or the machine differ too.

use crate::record::RunRecord;
use serde::{Deserialize, Serialize};

/// A condition that is not the same in all runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Which one.
    pub name: String,
    /// Its value in each run; empty where the run does not say.
    pub values: Vec<String>,
}

type Reading = fn(&RunRecord) -> String;

const CONDITIONS: [(&str, Reading); 14] = [
    ("suite", |run| run.report.suite.clone()),
    ("profile", |run| run.report.plan.profile.to_string()),
    ("arrival", |run| format!("{:?}", run.report.plan.arrival).to_lowercase()),
    ("duration", |run| format!("{} s", run.report.plan.duration.as_secs_f64())),
    ("warm-up", |run| format!("{} s", run.report.plan.warm_up.as_secs_f64())),
    ("mix", |run| serde_json::to_string(&run.report.plan.mix).unwrap_or_default()),
    ("seed", |run| run.report.plan.seed.to_string()),
    ("connections", |run| run.report.plan.connections_max.to_string()),
    ("commit", |run| {
        let program = run.manifest.as_ref().map(|manifest| &manifest.program);
        program.and_then(|program| program.describe_commit()).unwrap_or_default()
    }),
    ("build", |run| manifest(run, |manifest| manifest.program.build.clone())),
    ("rustc", |run| manifest(run, |manifest| manifest.program.rustc.clone().unwrap_or_default())),
    ("machine", |run| manifest(run, |manifest| manifest.machine.family())),
    ("kernel", |run| manifest(run, |manifest| manifest.machine.kernel.clone())),
    ("configuration", |run| manifest(run, |manifest| manifest.config_digest.clone().unwrap_or_default())),
];

fn manifest(run: &RunRecord, read: impl FnOnce(&crate::manifest::Manifest) -> String) -> String {
    run.manifest.as_ref().map(read).unwrap_or_default()
}

/// The conditions that are not the same in all runs.
pub(super) fn differences(runs: &[&RunRecord]) -> Vec<Difference> {
    let read = |(name, reading): &(&str, Reading)| {
        let values: Vec<String> = runs.iter().map(|run| reading(run)).collect();
        let differs = values.windows(2).any(|pair| pair[0] != pair[1]);
        differs.then(|| Difference { name: (*name).into(), values })
    };
    CONDITIONS.iter().filter_map(read).collect()
}
