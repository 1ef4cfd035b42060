//! What a reader must know before using a report: made from what was measured and what was not.

use super::answer::{Rated, ScalingLaw};
use super::knee::outvoted;
use super::measurements::Measurements;
use super::request::Request;

/// Below this many cores a machine says little about a server.
const CORES_OF_A_SERVER: u32 = 8;

/// All of them, the gravest first. `doubts` are those that parts of the answer have found themselves.
pub(super) fn caveats(
    measurements: &Measurements,
    request: &Request,
    rated: Option<&Rated>,
    core_law: &ScalingLaw,
    doubts: Vec<String>,
) -> Vec<String> {
    let mut caveats = doubts;
    caveats.extend(of_rating(measurements, rated));
    caveats.extend(of_machine(measurements, core_law));
    caveats.extend(of_course(measurements));
    caveats.extend(of_plan(request, rated));
    caveats
}

fn of_rating(measurements: &Measurements, rated: Option<&Rated>) -> Vec<String> {
    let invalid = measurements.steps.iter().filter(|step| !step.is_valid()).count();
    let mut found = Vec::new();
    match rated {
        None => found.push("No valid step held the SLO: no node count, no date and no cost can be given.".to_owned()),
        Some(rated) if rated.first_bad.is_none() => found.push(format!(
            "No valid step broke the SLO: a node carries at least {:.0}/s; its limit was not reached.",
            rated.measured_per_s
        )),
        Some(_) => {}
    }
    let outvoted = outvoted(&measurements.steps);
    if outvoted > 0 {
        found.push(format!("{outvoted} steps broke the SLO at rates that held in most of their trials."));
    }
    if invalid > 0 {
        found.push(format!("{invalid} of {} steps were INVALID and are not counted.", measurements.steps.len()));
    }
    found
}

fn of_machine(measurements: &Measurements, core_law: &ScalingLaw) -> Vec<String> {
    let machine = &measurements.machine;
    let mut found = Vec::new();
    if machine.cores < CORES_OF_A_SERVER {
        found.push(format!(
            "This machine is small: {} cores, {} of them the node's; generator and banks ran on the others. A server of \
             your kind carries another rate: run the same command there.",
            machine.cores, machine.node_cores
        ));
    }
    if machine.virtual_machine {
        found.push("Measured in a virtual machine: neighbours share its cores and its disk.".to_owned());
    }
    if machine.build != "release" {
        found.push("A debug build was measured: no figure is of any worth; run with --release.".to_owned());
    }
    if machine.commit.as_ref().is_none_or(|commit| commit.ends_with("-dirty")) {
        found.push(
            "The tree was changed since its commit, or its commit is not known: not to be reproduced exactly.".into(),
        );
    }
    if let ScalingLaw::Refused { why } = core_law {
        found.push(format!("How a node grows with its cores was not fitted: {why}."));
    }
    found
}

fn of_course(measurements: &Measurements) -> Vec<String> {
    let setting = &measurements.setting;
    let missing = [
        (measurements.suites.len() < 2, "signature suites beside each other"),
        (measurements.transports.len() < 2, "TLS beside plain HTTP"),
        (measurements.durabilities.len() < 2, "journal drivers beside each other"),
        (measurements.stages.is_none(), "the stage budget"),
        (measurements.books.is_none(), "archive and statements"),
        (measurements.floors.disk_bytes_per_s.is_none(), "the disk's sequential rate"),
        (measurements.floors.bytes_per_live_payment.is_none(), "memory of a payment"),
    ];
    let missing: Vec<&str> = missing.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, what)| what).collect();
    let mut found = Vec::new();
    if measurements.quick {
        found.push("Quick course: short steps; the tail of a latency needs longer ones.".to_owned());
    }
    if !missing.is_empty() {
        found.push(format!("Not measured: {}.", missing.join(", ")));
    }
    if setting.verify_share < 1.0 {
        found.push(format!(
            "Generator and banks checked {:.2} % of the signatures of answers; the node checked all of its own.",
            setting.verify_share * 100.0
        ));
    }
    found
}

fn of_plan(request: &Request, rated: Option<&Rated>) -> Vec<String> {
    let mut found = Vec::new();
    if rated.is_some_and(|rated| rated.extrapolated) {
        found.push("The rate of a node is extrapolated from smaller ones.".to_owned());
    }
    found.extend(
        [
            "All on one machine over loopback: lines, switches and distance between cities are in no latency.",
            "Banks answered at once; a bank's own time comes on top of every payment's.",
            "One node was measured. That nodes and centres add up in proportion is assumed, as is that load moves freely \
             to whatever is left when something is lost; how long that takes was not measured here.",
        ]
        .map(str::to_owned),
    );
    if request.prices.is_none() {
        found.push("No prices were given: no cost.".to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::model::measurements::{BooksFigure, Floors, MachineFacts, Step};
    use clearway_loadgen::record::StageBudget;

    fn told(measurements: &Measurements, rated: Option<&Rated>) -> String {
        let refused = ScalingLaw::Refused { why: "1 different number of cores".into() };
        caveats(measurements, &Request::default(), rated, &refused, vec!["A doubt.".into()]).join("\n")
    }

    #[test]
    fn what_was_not_measured_is_said() {
        let all = told(&Measurements::default(), None);
        for part in
            ["A doubt.", "No valid step held", "journal drivers", "archive and statements", "0 cores", "No prices"]
        {
            assert!(all.contains(part), "{part}: {all}");
        }
        let floors = Floors { disk_bytes_per_s: Some(1e9), bytes_per_live_payment: Some(300.0), ..Floors::default() };
        let measured = Measurements {
            suites: vec![Default::default(); 2],
            transports: vec![Default::default(); 2],
            durabilities: vec![Default::default(); 2],
            stages: Some(StageBudget::default()),
            books: Some(BooksFigure::default()),
            floors,
            ..Measurements::default()
        };
        assert!(!told(&measured, None).contains("Not measured"));
    }

    #[test]
    fn a_limit_that_was_not_reached_and_invalid_steps_are_said() {
        let invalid = Step { invalid: vec!["late".into()], ..Step::default() };
        let machine =
            MachineFacts { cores: 64, build: "release".into(), commit: Some("abc".into()), ..Default::default() };
        let measurements = Measurements { machine, steps: vec![invalid], ..Measurements::default() };
        let rated = Rated {
            measured_per_s: 3_000.0,
            node_per_s: 3_000.0,
            extrapolated: true,
            planned_per_s: 2_100.0,
            step: "x".into(),
            p99_us: 1,
            first_bad: None,
        };
        let all = told(&measurements, Some(&rated));
        assert!(all.contains("limit was not reached") && all.contains("1 of 1 steps") && all.contains("extrapolated"));
        assert!(!all.contains("is small") && !all.contains("debug build") && !all.contains("tree was changed"));
    }
}
