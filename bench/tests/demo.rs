//! The demo as a user starts it: one command, one table, one exit code, nothing left behind.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// What readers of the JSON rely on, in this order.
const KEYS: [&str; 16] = [
    "payments_per_second",
    "internal_us",
    "response_us",
    "cpu_us_per_payment",
    "crypto_floor_us",
    "overhead",
    "suite",
    "durability",
    "journal_driver",
    "accepted",
    "final",
    "unknown",
    "lost",
    "debited_twice",
    "verdict",
    "valid",
];

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("demo-test-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A short run of few payments: what it measures is not looked at.
fn demo(folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clearway-bench"));
    command.args(["demo", "--warm-up", "0.2", "--rate", "60", "--dir"]).arg(folder).args(more);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether the run was refused because this folder is in memory; then nothing can be said here.
fn is_in_memory(output: &Output) -> bool {
    let skipped = text(&output.stderr).contains("nothing there is durable");
    if skipped {
        eprintln!("SKIPPED: needs a target folder on a disk");
        assert!(std::env::var_os("CLEARWAY_REQUIRE_TOOLS").is_none());
    }
    skipped
}

fn check_suite(suite: &str) {
    let folder = folder(suite);
    let json = folder.join("out/demo.json");
    let output = demo(&folder, &["--seconds", "0.5", "--suite", suite, "--json"]).arg(&json).output().unwrap();
    if is_in_memory(&output) {
        return;
    }
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains("GOOD") && stdout.contains("internal_us") && stdout.contains(suite), "{stdout}");
    let written = std::fs::read_to_string(&json).unwrap();
    let result: Value = serde_json::from_str(&written).unwrap();
    // Found in the text, because a parsed object does not keep its order.
    let places: Vec<_> = KEYS.iter().map(|key| written.find(&format!("\n  \"{key}\":"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{written}");
    for (key, quantiles) in [("internal_us", 5), ("response_us", 5)] {
        assert_eq!(result[key].as_object().map(|object| object.len()), Some(quantiles), "{key}");
    }
    let stages = result["stages"]["stages"].as_array().map(Vec::len);
    assert!(
        stages == Some(11) && result["residual"]["wall_us"].is_number() && stdout.contains("commit-wait"),
        "{written}"
    );
    let count = |key: &str| result[key].as_u64();
    assert_eq!(
        (result["verdict"].as_str(), count("lost"), count("debited_twice"), count("unknown")),
        (Some("good"), Some(0), Some(0), Some(0))
    );
    assert!(count("final") > Some(0) && count("final") == count("accepted"), "{written}");
    std::fs::remove_file(&json).unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "the run's own folder is still there");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_short_demo_is_good_and_leaves_nothing() {
    check_suite("ecdsa-p256-sha256");
}

#[test]
fn the_national_suite_works_alike() {
    check_suite("sm2-sm3");
}

#[test]
fn a_short_demo_over_tls_is_good_too() {
    let folder = folder("tls");
    let output = demo(&folder, &["--seconds", "0.5", "--tls"]).output().unwrap();
    if is_in_memory(&output) {
        return;
    }
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && stdout.contains("mutual TLS"), "{stdout}\n{stderr}");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// One window without and one with a crawling bank; what they measure is not looked at.
#[test]
fn a_short_bulkhead_run_has_both_sides() {
    let folder = folder("bulkhead");
    let json = folder.join("bulkhead.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_clearway-bench"));
    command.args(["bulkhead", "--rate", "60", "--seconds", "0.5", "--warm-up", "0.2", "--rounds", "1"]);
    let output = command.args(["--fault", "crawling", "--dir"]).arg(&folder).arg("--json").arg(&json).output().unwrap();
    if is_in_memory(&output) {
        return;
    }
    let result: Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!((result["verdict"].as_str(), result["transport"].as_str()), (Some("good"), Some("plain HTTP")));
    let windows = result["windows"].as_array().unwrap();
    assert_eq!(windows.iter().map(|window| window["in_trouble"] == true).collect::<Vec<_>>(), [false, true]);
    assert!(windows.iter().all(|window| window["internal_us"]["p99"].as_u64() > Some(0)), "{result}");
    std::fs::remove_file(&json).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Every business with every fault, in a few seconds: the oracle is content, and each business has its row.
#[test]
fn every_business_at_once_with_faults_is_good() {
    let folder = folder("all");
    let json = folder.join("demo.json");
    let more = ["--seconds", "5", "--mix", "all", "--json"];
    let output = demo(&folder, &more).arg(&json).output().unwrap();
    if is_in_memory(&output) {
        return;
    }
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success() && stdout.contains("GOOD"), "{stdout}\n{stderr}");
    let result: Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    assert_eq!(result["oracle"]["violations"], Value::Object(serde_json::Map::new()), "{stdout}");
    for business in ["payment", "refund", "payout", "certified", "gateway", "signing", "mandate"] {
        let sent = result["businesses"][business]["sent"].as_u64();
        assert!(sent > Some(0), "{business}\n{stdout}");
    }
    std::fs::remove_file(&json).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Ctrl-C ends node and load, removes the folder, and says so with the exit code.
#[test]
fn an_interrupted_demo_cleans_up() {
    let folder = folder("interrupt");
    let mut child = demo(&folder, &["--seconds", "600"]).spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(120);
    let is_running = || {
        let logs = glob_node_logs(&folder);
        logs.iter().any(|log| std::fs::metadata(log).is_ok_and(|log| log.len() > 0))
    };
    while !is_running() && Instant::now() < until && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(20));
    }
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    if is_in_memory(&output) {
        return;
    }
    assert_eq!(output.status.code(), Some(130), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Logs of the nodes that were started below `folder`.
fn glob_node_logs(folder: &Path) -> Vec<PathBuf> {
    let runs = std::fs::read_dir(folder).into_iter().flatten().flatten();
    runs.map(|run| run.path().join("node-1/node.log")).filter(|log| log.exists()).collect()
}
