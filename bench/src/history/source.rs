//! From a record to a line, or to the reason why it is none: pure.

use clearway_loadgen::manifest;
use clearway_loadgen::record::{self, RunRecord};
use serde::Deserialize;

use super::entry::{Entry, FORMAT};
use crate::rig::Quantiles;

/// The line of a record, as JSON text.
///
/// # Errors
/// Why it cannot stand in the history.
pub(super) fn entry_of(text: &str) -> Result<Entry, String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let format = value.get("format").and_then(serde_json::Value::as_str);
    let no_record = |error: serde_json::Error| format!("no record of a run or a demo: {error}");
    match format {
        Some(record::FORMAT) => of_run(&serde_json::from_value(value).map_err(no_record)?),
        Some(other) => Err(format!("format {other}: not of a run or a demo")),
        None => of_demo(serde_json::from_value(value).map_err(no_record)?),
    }
}

fn of_run(run: &RunRecord) -> Result<Entry, String> {
    let report = &run.report;
    accept_figures(&report.invalid)?;
    match run.verdict.as_ref().map(|verdict| verdict.ok) {
        Some(true) => {}
        Some(false) => return Err("the oracle's verdict is not good".into()),
        None => return Err("no verdict: run it with --ledgers".into()),
    }
    let manifest = run.manifest.as_ref().ok_or("no manifest: machine and commit are not known")?;
    accept_build(&manifest.program.build)?;
    Ok(Entry {
        format: FORMAT,
        started_at: report.started_at.clone(),
        command: "run".into(),
        commit: manifest.program.describe_commit().ok_or("no commit: run it in a working tree")?,
        machine: manifest.machine.family(),
        suite: report.suite.clone(),
        schedule: report.plan.profile.to_string(),
        mix: serde_json::to_value(&report.plan.mix).map_err(|error| error.to_string())?,
        seconds: report.window_seconds,
        seed: report.plan.seed,
        payments_per_second: report.payments_per_second,
        response_us: report.response_us.into(),
        internal_us: report.internal_us.into(),
        cpu_us_per_payment: run.stages.as_ref().map(|stages| stages.total_cpu_us),
    })
}

/// What is read of `demo --json`.
#[derive(Debug, Deserialize)]
struct Demo {
    payments_per_second: f64,
    response_us: Quantiles,
    internal_us: Quantiles,
    cpu_us_per_payment: f64,
    suite: String,
    verdict: String,
    invalid_because: Vec<String>,
    rate: f64,
    seconds: f64,
    seed: u64,
    mix: serde_json::Value,
    machine: DemoMachine,
}

#[derive(Debug, Deserialize)]
struct DemoMachine {
    started_at: Option<String>,
    commit: Option<String>,
    build: String,
    #[serde(flatten)]
    hardware: manifest::Machine,
}

fn of_demo(demo: Demo) -> Result<Entry, String> {
    accept_figures(&demo.invalid_because)?;
    if demo.verdict != "good" {
        return Err(format!("the oracle's verdict is {}", demo.verdict));
    }
    accept_build(&demo.machine.build)?;
    Ok(Entry {
        format: FORMAT,
        started_at: demo.machine.started_at.ok_or("no started_at: written by an older program")?,
        command: "demo".into(),
        commit: demo.machine.commit.ok_or("no commit: run it in a working tree")?,
        machine: demo.machine.hardware.family(),
        suite: demo.suite,
        schedule: format!("{}/s", demo.rate),
        mix: demo.mix,
        seconds: demo.seconds,
        seed: demo.seed,
        payments_per_second: demo.payments_per_second,
        response_us: demo.response_us,
        internal_us: demo.internal_us,
        cpu_us_per_payment: Some(demo.cpu_us_per_payment),
    })
}

fn accept_figures(invalid: &[String]) -> Result<(), String> {
    if invalid.is_empty() { Ok(()) } else { Err(format!("INVALID: {}", invalid.join("; "))) }
}

fn accept_build(build: &str) -> Result<(), String> {
    if build == "release" { Ok(()) } else { Err(format!("{build} build: only figures of release builds are quoted")) }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use clearway_loadgen::manifest::Manifest;
    use clearway_loadgen::record::Recording;
    use clearway_loadgen::{Report, Verdict};

    /// A record that may be quoted.
    pub(in crate::history) fn accepted() -> RunRecord {
        let mut manifest = Manifest::default();
        manifest.program.build = "release".into();
        manifest.program.commit = Some("0a21fa7c1b2e".into());
        manifest.machine.cpu = "AMD EPYC".into();
        let report = Report {
            started_at: "2026-11-20T19:35:46.007Z".into(),
            suite: "sm2-sm3".into(),
            payments_per_second: 590.5,
            ..Report::default()
        };
        RunRecord {
            manifest: Some(manifest),
            verdict: Some(Verdict { ok: true, ..Verdict::default() }),
            ..RunRecord::new(report, &Recording::default())
        }
    }

    fn text(record: &RunRecord) -> String {
        serde_json::to_string(record).unwrap()
    }

    #[test]
    fn a_valid_judged_release_run_is_accepted() {
        let entry = entry_of(&text(&accepted())).unwrap();
        let Entry { commit, suite, machine, payments_per_second, .. } = entry;
        assert_eq!((commit.as_str(), suite.as_str(), payments_per_second), ("0a21fa7c1b2e", "sm2-sm3", 590.5));
        assert_eq!(machine, "AMD EPYC, 0 cores, bare");
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        type Breakage = fn(&mut RunRecord);
        let broken: [(Breakage, &str); 6] = [
            (|run| run.report.invalid.push("generator late".into()), "INVALID: generator late"),
            (|run| run.verdict = None, "no verdict"),
            (|run| run.verdict = Some(Verdict::default()), "not good"),
            (|run| run.manifest = None, "no manifest"),
            (|run| run.manifest.as_mut().unwrap().program.build = "debug".into(), "debug build"),
            (|run| run.manifest.as_mut().unwrap().program.commit = None, "no commit"),
        ];
        for (breakage, reason) in broken {
            let mut record = accepted();
            breakage(&mut record);
            let refusal = entry_of(&text(&record)).unwrap_err();
            assert!(refusal.contains(reason), "{refusal}");
        }
        for (text, reason) in
            [("", "no JSON"), ("{}", "no record"), (r#"{"format": "clearway-search/1"}"#, "not of a run")]
        {
            let refusal = entry_of(text).unwrap_err();
            assert!(refusal.contains(reason), "{refusal}");
        }
    }

    #[test]
    fn demos_are_read_too_and_the_committed_ones_are_too_old() {
        let old = include_str!("../../runs/2026-11-20/demo-p256-3800-links-node.json");
        let mut demo: serde_json::Value = serde_json::from_str(old).unwrap();
        demo["invalid_because"] = serde_json::json!([]);
        let refusal = entry_of(&demo.to_string()).unwrap_err();
        assert!(refusal.contains("no started_at"), "{refusal}");
        demo["machine"]["started_at"] = "2026-11-20T12:00:00.000Z".into();
        demo["machine"]["commit"] = "0a21fa7c1b2e".into();
        let entry = entry_of(&demo.to_string()).unwrap();
        assert_eq!((entry.command.as_str(), entry.suite.as_str()), ("demo", "ecdsa-p256-sha256"));
        assert!(entry.cpu_us_per_payment.unwrap() > 0.0 && entry.machine.starts_with("AMD"), "{entry:?}");
    }
}
