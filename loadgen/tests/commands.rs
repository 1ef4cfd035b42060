//! The two commands as a user runs them: banks in one process, load in another, a switch between them.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::bank::{Behaviour, Ledgers};
use clearway_loadgen::compare::Comparison;
use clearway_loadgen::output::{HGRM_FILES, HLOG_FILE, RUN_FILE, SLICES_FILE, read_hlog, read_record, sum_of_tag};
use clearway_loadgen::record::RunRecord;
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config, write_config};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clearway-loadgen");

/// The banks' process, ended when the test ends.
struct Banks {
    child: Child,
    addresses: Addresses,
    page: SocketAddr,
}

impl Banks {
    fn start(config: &Path, ledgers_out: &Path, banks: usize, institutions: usize) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["banks", "--admin", "127.0.0.1:0", "--config"])
            .arg(config)
            .arg("--ledgers-out")
            .arg(ledgers_out)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = || {
            let line = lines.next().unwrap().unwrap();
            let address = line.trim_end_matches("/ledger").rsplit([' ', '/']).next().unwrap();
            address.parse().unwrap_or_else(|_| panic!("no address in {line}"))
        };
        let mut take = |count: usize| (0..count).map(|_| address()).collect::<Vec<SocketAddr>>();
        let addresses = Addresses { banks: take(banks), institutions: take(institutions) };
        let page = take(1)[0];
        // What it prints at its end must not block it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, addresses, page }
    }

    fn http(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.page).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn terminate(mut self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Banks {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(config: &Path, target: SocketAddr, more: &[&str]) -> Output {
    let target = format!("http://{target}/preSvr");
    let fixed = ["--target", &target, "--rate", "100", "--seconds", "1", "--mix", "payments=80,refunds=10,queries=10"];
    Command::new(PROGRAM).args(["run", "--config"]).arg(config).args(fixed).args(more).output().unwrap()
}

/// Good, or good in a run that a busy machine made INVALID.
fn is_judged_good(output: &Output) -> bool {
    matches!(output.status.code(), Some(0 | 2))
}

/// Every file of the run is there and agrees with its record.
fn check_files(out: &Path, record: &RunRecord) {
    assert_eq!(read_record(&out.join(RUN_FILE)).unwrap(), *record);
    assert_eq!(record.slices.iter().map(|slice| slice.completed).sum::<u64>(), 100);
    assert_eq!(record.response_curve.last().unwrap().value_us, record.report.response_us.max);
    let manifest = record.manifest.as_ref().unwrap();
    assert_eq!((manifest.seed, manifest.program.command[0].as_str()), (1, "clearway-loadgen"));
    assert!(manifest.config_digest.as_ref().unwrap().starts_with("sha256:"), "{manifest:?}");
    let logged = read_hlog(&out.join(HLOG_FILE)).unwrap();
    assert_eq!(sum_of_tag(&logged, "response").quantiles(), record.report.response_us);
    assert_eq!(sum_of_tag(&logged, "service").quantiles(), record.report.service_us);
    let lines = std::fs::read_to_string(out.join(SLICES_FILE)).unwrap().lines().count();
    assert_eq!(lines, record.slices.len() + 1);
    for name in HGRM_FILES {
        assert!(std::fs::read_to_string(out.join(name)).unwrap().contains("#[Mean"), "{name}");
    }
}

/// A run beside itself: every ratio is 1, and nothing differs.
fn compare(one: &Path, other: &Path, folder: &Path) {
    let (json, html) = (folder.join("comparison.json"), folder.join("comparison.html"));
    let files = [Path::new("--json"), &json, Path::new("--html"), &html];
    let output = Command::new(PROGRAM).arg("compare").args([one, other]).args(files).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("response_us.p99"), "{text}");
    let comparison: Comparison = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert!(comparison.figures.iter().all(|figure| figure.relative_spread == 0.0), "{text}");
    assert!(comparison.differences.is_empty(), "{text}");
    assert!(std::fs::read_to_string(&html).unwrap().starts_with("<!DOCTYPE html>"));
    let nothing = Command::new(PROGRAM).arg("compare").args([one, &json]).output().unwrap();
    assert_eq!(nothing.status.code(), Some(64), "a comparison is no record");
}

#[test]
fn two_processes_judge_a_run_together() {
    let (written, key) = config(2, 3, Suite::EcdsaP256Sha256);
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(&written, folder.path());
    let (ledgers, json) = (folder.path().join("ledgers.json"), folder.path().join("run.json"));
    let banks = Banks::start(&path, &ledgers, 3, 2);
    let switch = MiniSwitch::start(&written, &key, &banks.addresses, Manners::default(), Memory::default(), None);
    let page = format!("http://{}/ledger", banks.page);
    let out = folder.path().join("out");
    let files = ["--json", json.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let output = run(&path, switch.address, &[&["--ledgers", &page], &files[..]].concat());
    assert!(
        is_judged_good(&output),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(document["verdict"]["ok"], true, "{document}");
    assert_eq!(document["report"]["sent"], 100);
    assert!(document["report"]["response_us"]["p99"].as_u64().unwrap() > 0);
    check_files(&out, &read_record(&json).unwrap());
    compare(&json, &out.join(RUN_FILE), folder.path());
    banks.terminate();
    let ledgers: Ledgers = serde_json::from_slice(&std::fs::read(&ledgers).unwrap()).unwrap();
    assert_eq!(ledgers.banks.len(), 3);
}

#[test]
fn behaviours_change_from_outside_and_the_exit_code_tells_a_bad_verdict() {
    let (written, key) = config(1, 2, Suite::EcdsaP256Sha256);
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(&written, folder.path());
    let banks = Banks::start(&path, &folder.path().join("ledgers.json"), 2, 1);
    let refusing = serde_json::to_string(&Behaviour { refuses: 1.0, ..Behaviour::default() }).unwrap();
    let put = |path: &str, body: &str| {
        banks.http(&format!(
            "PUT {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    assert!(put("/behaviour", &refusing).starts_with("HTTP/1.1 204"));
    assert!(put("/behaviour/C1999999999999", &refusing).starts_with("HTTP/1.1 404"));
    assert!(put("/behaviour", "{\"refuses\": 7}").starts_with("HTTP/1.1 422"));
    assert!(put("/behaviour", "{}x").starts_with("HTTP/1.1 400"));
    let manners = Manners { defect: Some(mini_switch::Defect::DebitsTwice), ..Manners::default() };
    let switch = MiniSwitch::start(&written, &key, &banks.addresses, manners, Memory::default(), None);
    let page = format!("http://{}/ledger", banks.page);
    let refused = run(&path, switch.address, &["--ledgers", &page]);
    assert!(is_judged_good(&refused), "all refused, nothing moved: {}", String::from_utf8_lossy(&refused.stdout));
    assert!(put("/behaviour", "{}").starts_with("HTTP/1.1 204"));
    let debited = run(&path, switch.address, &["--ledgers", &page, "--settle-seconds", "0.5"]);
    assert_eq!(debited.status.code(), Some(1), "{}", String::from_utf8_lossy(&debited.stdout));
    let counts = banks.http("GET /counts HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert!(counts.contains("\"legs\":") && counts.contains("C1000000000000"), "{counts}");
}

#[test]
fn exit_codes_tell_a_dead_target_from_a_wrong_command() {
    let (written, _) = config(1, 2, Suite::Ed25519);
    let folder = tempfile::tempdir().unwrap();
    let path = write_config(&written, folder.path());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(run(&path, nobody, &[]).status.code(), Some(3));
    assert_eq!(run(&folder.path().join("nothing.toml"), nobody, &[]).status.code(), Some(64));
    assert_eq!(run(&path, nobody, &["--mix", "bribes=1"]).status.code(), Some(64));
    assert_eq!(run(&path, nobody, &["--help"]).status.code(), Some(0));
}

/// The agreements of a configuration are as many as asked for, each its own, of every pair.
#[test]
fn agreements_are_written_for_every_pair() {
    let folder = tempfile::tempdir().unwrap();
    let (written, _) = config(2, 3, Suite::Ed25519);
    let (path, out) = (write_config(&written, folder.path()), folder.path().join("agreements.csv"));
    let status = Command::new(PROGRAM)
        .args(["agreements", "--count", "4", "--config"])
        .arg(&path)
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    let text = std::fs::read_to_string(&out).unwrap();
    let mut numbers: Vec<_> = text.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert!(text.lines().all(|line| line.split(',').count() == 9), "{text}");
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 2 * 3 * 4);
}
