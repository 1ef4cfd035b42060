//! `find-max` and `overload` as a user runs them. What a machine can hold is not asserted: only that end, record and exit code agree.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::overload::{End as SweepEnd, FORMAT as SWEEP_FORMAT, OverloadRecord};
use clearway_loadgen::search::{End, FORMAT, Outcome, SearchRecord};
use clearway_loadgen::{Behaviours, Counterparties};
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config, write_config};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clearway-loadgen");

fn run(command: &str, config: &Path, target: SocketAddr, arguments: &[&str]) -> Output {
    let target = format!("http://{target}/preSvr");
    let usual = ["--target", &target, "--mix", "payments=1", "--warm-up-seconds", "0.1", "--cool-down-seconds", "0"];
    let mut program = Command::new(PROGRAM);
    program.args([command, "--plain", "--config"]).arg(config).args(usual).args(arguments).output().unwrap()
}

fn find_max(config: &Path, target: SocketAddr, more: &[&str]) -> Output {
    let short = ["--probe-seconds", "0.3", "--hold-seconds", "0.3", "--repeats", "1"];
    let low = ["--start-rate", "40", "--max-rate", "60"];
    run("find-max", config, target, &[&short[..], &low, more].concat())
}

fn overload(config: &Path, target: SocketAddr, more: &[&str]) -> Output {
    let short = ["--factors", "0.5,1,3", "--measured-seconds", "0.5", "--recovery-seconds", "2"];
    run("overload", config, target, &[&short[..], more].concat())
}

#[test]
fn end_record_and_exit_code_agree() {
    let (written, key) = config(1, 2, Suite::Ed25519);
    let folder = tempfile::tempdir().unwrap();
    let (path, json) = (write_config(&written, folder.path()), folder.path().join("search.json"));
    let parties = Counterparties::start(&written, &Behaviours::healthy()).unwrap();
    let switch =
        MiniSwitch::start(&written, &key, &Addresses::of(&parties), Manners::default(), Memory::default(), None);
    let cases = [("errors<100%", [End::Ceiling, End::Generator]), ("max<=1us", [End::Nothing, End::Generator])];
    for (slo, ends) in cases {
        let output = find_max(&path, switch.address, &["--slo", slo, "--json", json.to_str().unwrap()]);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let record: SearchRecord = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
        let code = match record.end {
            End::Ceiling => 0,
            End::Nothing => 1,
            _ => 2,
        };
        assert_eq!(output.status.code(), Some(code), "{stdout}");
        assert!(ends.contains(&record.end), "{stdout}");
        assert_eq!((record.format.as_str(), record.slo.to_string().as_str()), (FORMAT, slo));
        let told = |trial: &clearway_loadgen::search::Trial| stdout.contains(&trial.to_string());
        assert!(!record.trials.is_empty() && record.trials.iter().all(told), "{stdout}");
        let is_settled = record.end != End::Generator;
        assert!(!is_settled || record.capacity_per_s().is_some() == (record.end == End::Ceiling), "{stdout}");
        let good = record.trials.iter().filter(|trial| trial.outcome == Outcome::Good);
        assert!(good.into_iter().all(|trial| trial.judgement.is_met() && trial.report.invalid.is_empty()));
    }
}

#[test]
fn a_dead_target_and_an_objective_that_is_none_have_exit_codes_of_their_own() {
    let (written, _) = config(1, 2, Suite::Ed25519);
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(&written, folder.path());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(find_max(&path, nobody, &[]).status.code(), Some(3));
    let wrong = find_max(&path, nobody, &["--slo", "p99>20ms"]);
    assert_eq!(wrong.status.code(), Some(64));
    let stderr = String::from_utf8_lossy(&wrong.stderr);
    assert!(stderr.contains("p99 is bounded by <"), "{stderr}");
    assert_eq!(find_max(&path, nobody, &["--step", "0.5"]).status.code(), Some(64));
}

#[test]
fn a_sweep_ends_with_what_its_record_says() {
    let (written, key) = config(1, 2, Suite::Ed25519);
    let folder = tempfile::tempdir().unwrap();
    let (path, json) = (write_config(&written, folder.path()), folder.path().join("overload.json"));
    let parties = Counterparties::start(&written, &Behaviours::healthy()).unwrap();
    let switch =
        MiniSwitch::start(&written, &key, &Addresses::of(&parties), Manners::default(), Memory::default(), None);
    let output = overload(&path, switch.address, &["--capacity", "40", "--json", json.to_str().unwrap()]);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let record: OverloadRecord = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!((record.format.as_str(), record.end), (SWEEP_FORMAT, SweepEnd::Complete), "{stdout}");
    let factors: Vec<f64> = record.steps.iter().map(|step| step.factor).collect();
    assert_eq!(factors, [0.5, 1.0, 3.0]);
    assert!(record.steps.iter().all(|step| stdout.contains(&step.to_string())), "{stdout}");
    let recovery = record.recovery.as_ref().unwrap();
    let is_good = record.goodput_at_3x.is_none_or(|share| share >= 0.9) && recovery.is_recovered();
    let code = match (record.is_offered(), is_good) {
        (false, _) => 2,
        (true, true) => 0,
        (true, false) => 1,
    };
    assert_eq!(output.status.code(), Some(code), "{stdout}");
    assert_eq!(recovery.begins_s, 0.6);
    assert!(recovery.slices.iter().map(|slice| slice.in_time).sum::<u64>() > 0);
}

#[test]
fn a_sweep_needs_a_capacity_that_is_one() {
    let (written, _) = config(1, 2, Suite::Ed25519);
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(&written, folder.path());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let record = folder.path().join("search.json");
    std::fs::write(&record, "{}").unwrap();
    let cases: [&[&str]; 5] = [
        &[],
        &["--capacity", "0"],
        &["--capacity", "10", "--factors", "1,0.5"],
        &["--capacity", "10", "--recovery-factor", "0.7"],
        &["--capacity-from", record.to_str().unwrap()],
    ];
    for case in cases {
        assert_eq!(overload(&path, nobody, case).status.code(), Some(64), "{case:?}");
    }
    assert_eq!(overload(&path, nobody, &["--capacity", "10"]).status.code(), Some(3));
}
