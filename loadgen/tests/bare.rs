//! Bare HTTP against servers of known behaviour: every request is counted once, whatever the server does.

use bytes::Bytes;
use clearway_loadgen::known::{Closing, KnownBehaviour, KnownServer};
use clearway_loadgen::run::{Driven, HttpRequest, Valve};
use clearway_loadgen::{Plan, Profile, Run, Target};
use std::net::TcpListener;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn plan(rate_per_s: f64, millis: u64) -> Plan {
    Plan {
        profile: Profile::constant(rate_per_s),
        duration: Duration::from_millis(millis),
        connect_timeout: Duration::from_secs(10),
        ..Plan::default()
    }
}

fn drive(plan: &Plan, behaviour: &KnownBehaviour) -> (Driven, KnownServer) {
    let server = KnownServer::start(behaviour, "127.0.0.1:0".parse().unwrap(), None).unwrap();
    let target = Target::new(server.address(), "/anything");
    let request = HttpRequest::new("POST", &["x-kind: bare"], Bytes::from_static(b"hello")).unwrap();
    (Run::start_bare(plan, request, &target).unwrap().drive(&mut ()).unwrap(), server)
}

#[test]
fn good_answers_are_counted_and_timed() {
    let service = Duration::from_millis(5);
    let (driven, server) = drive(&plan(400.0, 500), &KnownBehaviour { service, ..KnownBehaviour::default() });
    let report = &driven.record.report;
    assert_eq!((report.scheduled, report.sent, report.finals, report.unknown), (200, 200, 200, 0));
    assert_eq!(report.kinds.keys().collect::<Vec<_>>(), ["http"]);
    assert_eq!(report.kinds["http"].outcomes["http_200"], 200);
    assert_eq!((report.response_us.count, report.service_us.count, report.suite.as_str()), (200, 200, "none"));
    assert!(report.service_us.p50 >= 5_000 && report.response_us.p50 >= report.service_us.p50);
    assert_eq!(server.counts().answers, 200);
    assert!(driven.tracker.is_empty());
}

#[test]
fn connections_that_end_cost_no_request() {
    for closing in [Closing::EveryNth(1), Closing::EveryNth(3), Closing::PerSecond(200)] {
        let behaviour = KnownBehaviour { closing: Some(closing), ..KnownBehaviour::default() };
        let (driven, server) = drive(&plan(500.0, 400), &behaviour);
        assert_eq!(driven.record.report.kinds["http"].outcomes["http_200"], 200, "{closing:?}");
        assert!(server.counts().closed > 0, "{closing:?}");
    }
}

#[test]
fn a_connection_that_breaks_leaves_its_request_unknown() {
    let behaviour = KnownBehaviour { closing: Some(Closing::Cut(4)), ..KnownBehaviour::default() };
    let (driven, server) = drive(&plan(500.0, 400), &behaviour);
    let report = &driven.record.report;
    assert_eq!((report.finals, report.unknown), (server.counts().answers, server.counts().closed));
    assert_eq!(report.finals + report.unknown, 200);
    assert_eq!(report.kinds["http"].outcomes["broken"], report.unknown);
    assert_eq!(report.response_us.count, report.finals);
}

#[test]
fn a_bad_status_is_a_refusal_and_no_latency() {
    let (driven, _server) = drive(&plan(500.0, 200), &KnownBehaviour { status: 503, ..KnownBehaviour::default() });
    let report = &driven.record.report;
    assert_eq!((report.refused, report.finals, report.unknown, report.response_us.count), (100, 0, 0, 0));
    assert_eq!(report.affected, 100);
    assert!(!driven.is_target_down());
}

#[test]
fn nobody_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Target::new(listener.local_addr().unwrap(), "/");
    drop(listener);
    let request = HttpRequest::new("GET", &[""; 0], Bytes::new()).unwrap();
    let driven = Run::start_bare(&plan(200.0, 100), request.clone(), &target).unwrap().drive(&mut ()).unwrap();
    assert!(driven.is_target_down());
    assert_eq!(driven.record.report.kinds["http"].outcomes["unconnected"], 20);
    assert!(Run::start_bare(&plan(1.0, 100), request, &"https://127.0.0.1:1/".parse().unwrap()).is_err());
}

/// What was due while the server stood still is charged with the whole wait, not only the requests that met the stall
/// on a connection.
#[test]
fn a_stall_is_charged_to_everything_that_was_due_in_it() {
    let stall = Some("300ms/600ms".parse().unwrap());
    let plan = Plan { connections_max: 2, ..plan(200.0, 600) };
    let (driven, _server) = drive(&plan, &KnownBehaviour { stall, ..KnownBehaviour::default() });
    let response = driven.record.report.response_us;
    // Half of the time it stands still: half of the requests wait, 150 ms on average, whenever the run began.
    assert_eq!(response.count, 120);
    assert!(response.mean >= 70_000.0, "{response:?}");
    assert!(driven.record.report.service_us.mean < response.mean);
}

#[test]
fn a_target_that_falls_silent_ends_the_run() {
    let stall = Some("59s/60s".parse().unwrap());
    let valve = Valve { in_flight_max: Some(150), silence_max: None };
    let plan = Plan { valve, reply_timeout: Duration::from_millis(200), connections_max: 100, ..plan(1_000.0, 60_000) };
    let (driven, _server) = drive(&plan, &KnownBehaviour { stall, service: SECOND, ..KnownBehaviour::default() });
    let report = &driven.record.report;
    let abort = report.aborted.as_ref().unwrap();
    assert!(abort.reason.ends_with("in flight, more than 150"), "{abort:?}");
    assert!(abort.at_s < 60.0 && report.scheduled < 60_000);
    // What was waiting for a connection was dropped, what had left was waited for.
    assert_eq!(report.sent + report.dropped, report.scheduled);
    assert_eq!(report.unknown, report.sent);
    assert!(report.dropped > 0 && !report.invalid.iter().any(|reason| reason.contains("dropped")), "{report}");
}
