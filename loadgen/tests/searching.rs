//! `find-max` as a user runs it. What a machine can hold is not asserted: only that end, record and exit code agree.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::search::{End, FORMAT, Outcome, SearchRecord};
use clearway_loadgen::{Behaviours, Counterparties};
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config, write_config};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clearway-loadgen");

fn find_max(config: &Path, target: SocketAddr, more: &[&str]) -> Output {
    let target = format!("http://{target}/preSvr");
    let short = ["--warm-up-seconds", "0.1", "--probe-seconds", "0.3", "--hold-seconds", "0.3", "--repeats", "1"];
    let low = ["--start-rate", "40", "--max-rate", "60", "--cool-down-seconds", "0", "--plain"];
    let mut command = Command::new(PROGRAM);
    command.args(["find-max", "--target", &target, "--mix", "payments=1", "--config"]).arg(config);
    command.args(short).args(low).args(more).output().unwrap()
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
