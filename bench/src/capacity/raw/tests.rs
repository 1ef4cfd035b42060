//! Raw files of a course that is made up: written, read, derived, and changed afterwards.

use std::fs;
use std::path::Path;
use std::time::Duration;

use clearway_loadgen::histogram::Latencies;
use clearway_loadgen::record::{Interval, PackedTrio, Recording, RunRecord, Trio};
use clearway_loadgen::{Report as RunReport, Verdict};

use super::{Axis, CourseFile, RUN_FORMAT, Raw, RawRun, Writer};
use crate::capacity::model::Request;
use crate::capacity::model::measurements::{Floors, SignatureFloor};
use crate::capacity::report::Report;
use crate::capacity::verify::Verification;
use crate::error::Error;
use crate::rig::Window;

const SUITE: &str = "ed25519";

/// Latencies of a second, around so many microseconds.
fn latencies(micros: u64) -> Latencies {
    let mut latencies = Latencies::new();
    (0..1_000).for_each(|value| latencies.record(micros + value * micros / 1_000));
    latencies
}

fn run(axis: Axis, value: &str, rate: f64, micros: u64) -> (RawRun, Vec<Interval>) {
    let seen = latencies(micros);
    let (response, service, internal) = (seen.clone(), seen.clone(), seen.clone());
    let recording = Recording { measured: Trio { response, service, internal }, ..Recording::default() };
    let packed = PackedTrio { response: seen.pack(), service: seen.pack(), internal: seen.pack() };
    let (at, length) = (Duration::from_secs(1), Duration::from_secs(1));
    let interval = Interval { at, length, measured: packed, warm_up: PackedTrio::default() };
    let report = RunReport {
        suite: SUITE.into(),
        window_seconds: 1.0,
        payments_per_second: rate,
        scheduled: 1_000,
        response_us: seen.quantiles(),
        service_us: seen.quantiles(),
        internal_us: seen.quantiles(),
        ..RunReport::default()
    };
    let verdict = Some(Verdict { money_conserved: true, ..Verdict::default() });
    let window = Window { finals: 1_000, seconds: 1.0, network_bytes: Some(8_000_000), ..Window::default() };
    let run = RawRun {
        format: RUN_FORMAT.to_owned(),
        axis,
        value: value.to_owned(),
        offered_per_s: rate,
        transport: "plain".into(),
        node_cores: 1,
        institutions: 4,
        banks: 6,
        mix: "payments=1".into(),
        verify_share: 0.0625,
        load_cores: 1,
        record: RunRecord { verdict, ..RunRecord::new(report, &recording) },
        window,
        registry_differing: 0,
        limits: Vec::new(),
        disturbances: Vec::new(),
    };
    (run, vec![interval])
}

/// A course of four steps and two suites, of which the third step breaks p99 < 20 ms.
fn course(report: &Path) -> Result<(), Error> {
    let mut writer = Writer::begin(report, CourseFile { seed: 3, ..CourseFile::default() })?;
    let floor = SignatureFloor { suite: SUITE.into(), backend: "x".into(), sign_us: 10.0, verify_us: 30.0 };
    writer.write_floors(&Floors { signatures: vec![floor], ..Floors::default() })?;
    for (rate, micros) in [(100.0, 1_000), (200.0, 2_000), (400.0, 30_000), (300.0, 4_000)] {
        let (run, intervals) = run(Axis::Steps, &format!("{rate}"), rate, micros);
        writer.add(&run, &intervals)?;
    }
    for suite in [SUITE, "sm2-sm3"] {
        let (run, intervals) = run(Axis::Suites, suite, 150.0, 900);
        writer.add(&run, &intervals)?;
    }
    writer.skip("cores", "there are none");
    writer.finish()?;
    Writer::write_request(report, &Request { bootstrap_samples: 100, ..Request::default() })
}

fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    course(folder.path()).unwrap();
    Report::derive(folder.path()).unwrap().write(folder.path()).unwrap();
    folder
}

fn verification(folder: &Path) -> Result<Verification, Error> {
    Verification::of(&Report::derive(folder)?.files, folder)
}

/// Changes a raw file by its text.
fn change(folder: &Path, name: &str, from: &str, to: &str) {
    let path = folder.join("raw").join(name);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn measurements_are_what_was_run() {
    let folder = tempfile::tempdir().unwrap();
    course(folder.path()).unwrap();
    let measured = Raw::read(folder.path()).unwrap().measurements().unwrap();
    let steps: Vec<_> = measured.steps.iter().map(|step| (step.name.as_str(), step.holds())).collect();
    let expected = [("01-steps-100", true), ("02-steps-200", true), ("04-steps-300", true), ("03-steps-400", false)];
    assert_eq!(steps, expected);
    assert_eq!(measured.steps[0].usage.received_bytes_per_payment, 4_000.0);
    assert_eq!((measured.cores[0].cores, measured.cores[0].rate_per_s), (0, 300.0));
    let floors: Vec<_> = measured.suites.iter().map(|suite| suite.crypto_floor_us).collect();
    assert_eq!(floors, [Some(120.0), None]);
    assert_eq!((measured.setting.suite.as_str(), measured.skipped.len()), (SUITE, 1));
    assert!(measured.books.is_none() && measured.transports.is_empty());
}

#[test]
fn a_report_is_verified_until_something_is_changed() {
    let folder = written();
    let found = verification(folder.path()).unwrap();
    assert!(found.is_good() && found.figures > 100, "{found}");

    change(folder.path(), "02-steps-200.json", "\"payments_per_second\": 200.0", "\"payments_per_second\": 201.0");
    let found = verification(folder.path()).unwrap();
    assert!(!found.is_good() && found.to_string().contains("measurements.json"), "{found}");

    let folder = written();
    change(folder.path(), "request.json", "p99<20ms", "p99<90ms");
    assert!(!verification(folder.path()).unwrap().is_good());
}

#[test]
fn a_log_that_does_not_belong_to_its_run_is_refused() {
    let folder = written();
    let raw = folder.path().join("raw");
    fs::copy(raw.join("02-steps-200.hlog"), raw.join("01-steps-100.hlog")).unwrap();
    let error = verification(folder.path()).unwrap_err().to_string();
    assert!(error.contains("01-steps-100.hlog") && error.contains("response"), "{error}");

    fs::remove_file(raw.join("01-steps-100.hlog")).unwrap();
    assert!(verification(folder.path()).unwrap_err().to_string().contains("01-steps-100.hlog"));
}

#[test]
fn runs_have_plain_names_and_strange_files_are_left_alone() {
    let folder = written();
    change(folder.path(), "course.json", "01-steps-100", "../../etc/passwd");
    assert!(Raw::read(folder.path()).unwrap_err().to_string().contains("no name of a run"));

    let folder = written();
    let diary = folder.path().join("raw/diary.txt");
    fs::write(&diary, "dear diary").unwrap();
    assert!(course(folder.path()).unwrap_err().to_string().contains("diary.txt"));
    assert!(diary.exists());
}

#[test]
fn another_plan_takes_the_same_measurements() {
    let (first, second) = (written(), tempfile::tempdir().unwrap());
    Writer::copy(first.path(), second.path()).unwrap();
    Writer::write_request(second.path(), &Request { target_per_s: 5_000.0, ..Request::default() }).unwrap();
    let [one, other] = [&first, &second].map(|folder| Report::derive(folder.path()).unwrap().answer);
    assert_eq!(one.measurements, other.measurements);
    assert!(one.installation.unwrap().nodes_total > other.installation.unwrap().nodes_total);
    // Upon itself: nothing is lost.
    Writer::copy(first.path(), first.path()).unwrap();
    assert!(Raw::read(first.path()).is_ok());
}
