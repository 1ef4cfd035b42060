//! The admin server over a real loopback socket.

mod changes;
mod rights;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::*;
use crate::clock::Clock;
use crate::config::AdminSection;
use crate::constants::ADMIN_CONNECTIONS_MAX;
use crate::error::{Error, Fault};
use crate::metrics::{Count, Metrics, Timing};
use crate::settings::Record;

struct Node {
    admin: Admin,
    metrics: Arc<Metrics>,
    ready: Arc<AtomicBool>,
    keys_good: Arc<AtomicBool>,
    journal: Arc<Mutex<Vec<String>>>,
}

fn start() -> Node {
    let metrics = Metrics::new(1, Vec::new(), Clock::real());
    let (ready, keys_good) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(true)));
    let journal = Arc::new(Mutex::new(Vec::new()));
    let (ready_seen, written) = (Arc::clone(&ready), Arc::clone(&journal));
    let hooks = Hooks {
        areas: vec![
            node_area(&metrics, move || {
                if ready_seen.load(Ordering::SeqCst) {
                    Readiness::Ready
                } else {
                    Readiness::NotReady("draining".to_owned())
                }
            }),
            key_area(
                &keys_good,
                Arc::new(move |setting| {
                    written.lock().push(String::from_utf8(setting.bytes).unwrap());
                    Ok(())
                }),
            ),
        ],
    };
    let section = AdminSection { address: "127.0.0.1:0".parse().unwrap(), ..AdminSection::default() };
    Node { admin: open(&section, hooks).unwrap(), metrics, ready, keys_good, journal }
}

fn open(section: &AdminSection, hooks: Hooks) -> Result<Admin, Error> {
    Admin::start(section.address, Entrance::open(section, &Clock::real())?, hooks)
}

type AreaPages = (Area, Arc<dyn Pages>);

fn node_area(metrics: &Arc<Metrics>, ready: impl Fn() -> Readiness + Send + Sync + 'static) -> AreaPages {
    (Area::Node, Arc::new(NodePages { metrics: Arc::clone(metrics), ready: Box::new(ready) }))
}

/// Keys that can be loaded as long as `good` says so; `record` journals.
fn key_area(good: &Arc<AtomicBool>, record: Arc<Record>) -> AreaPages {
    let good = Arc::clone(good);
    let load = move || {
        if !good.load(Ordering::SeqCst) {
            return Err(Error::new(Fault::Configuration, "bad key"));
        }
        Ok(Loaded { note: serde_json::json!({ "signature_keys": 10 }), install: Box::new(|| {}) })
    };
    (Area::Keys, Arc::new(KeyPages::new(vec![("keys", Box::new(load))], record, Clock::settable(7).0, 4)))
}

fn send(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    // A reset after a refused request ends the answer as well as a close does.
    let _ = stream.read_to_string(&mut answer);
    answer
}

fn ask(node: &Node, method: &str, path: &str) -> (u16, String) {
    let body = if method == "POST" { r#"{"by":"li"}"# } else { "" };
    let head = "Host: localhost\r\nContent-Type: application/json\r\nContent-Length:";
    let request = format!("{method} {path} HTTP/1.1\r\n{head} {}\r\n\r\n{body}", body.len());
    let answer = send(node.admin.address(), &request);
    let status = answer.split(' ').nth(1).unwrap_or_else(|| panic!("no status in {answer:?}")).parse().unwrap();
    (status, answer)
}

#[test]
fn every_page_answers_to_its_own_method_only() {
    let node = start();
    for (method, path, status) in [
        ("GET", "/metrics", 200),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/status", 200),
        ("POST", "/status/reset-histogram", 200),
        ("POST", "/keys/reload", 200),
        ("GET", "/keys/reload", 405),
        ("GET", "/status/reset-histogram", 405),
        ("POST", "/metrics", 405),
        ("HEAD", "/healthz", 405),
        ("DELETE", "/status", 405),
        ("GET", "/", 404),
        ("GET", "/metrics/", 404),
        ("GET", "//metrics", 404),
        ("GET", "/Metrics", 404),
        ("GET", "/status/../metrics", 404),
    ] {
        let (got, answer) = ask(&node, method, path);
        assert_eq!(got, status, "{method} {path}: {answer}");
        assert_eq!(answer.to_ascii_lowercase().contains("\r\nallow: "), status == 405, "{method} {path}: {answer}");
    }
}

#[test]
fn readiness_and_its_reason_are_told() {
    let node = start();
    node.ready.store(false, Ordering::SeqCst);
    let (status, answer) = ask(&node, "GET", "/readyz");
    assert!(status == 503 && answer.contains("not ready: draining"), "{answer}");
    assert_eq!(ask(&node, "GET", "/healthz").0, 200, "a draining node is alive");
}

#[test]
fn a_reload_is_journaled_and_a_failed_one_says_that_the_old_keys_stay() {
    let node = start();
    assert_eq!(ask(&node, "POST", "/keys/reload").0, 200);
    node.keys_good.store(false, Ordering::SeqCst);
    let (status, answer) = ask(&node, "POST", "/keys/reload");
    assert!(status == 500 && answer.contains("the old keys stay: configuration: bad key"), "{answer}");
    let head = |version| format!(r#"{{"v":1,"key":50331648,"version":{version},"at_us":7,"by":"li","change":"#);
    assert_eq!(
        *node.journal.lock(),
        [
            format!(r#"{}{{"reloaded":{{"keys":{{"signature_keys":10}}}}}}}}"#, head(5)),
            format!(r#"{}{{"refused":{{"part":"keys","why":"configuration: bad key"}}}}}}"#, head(6)),
        ]
    );
}

#[test]
fn metrics_and_status_show_what_was_counted_and_the_window_can_be_reset() {
    let node = start();
    node.metrics.worker(0).count(Count::PaymentsAccepted);
    node.metrics.worker(0).record(Timing::Internal, 777);
    let text = ask(&node, "GET", "/metrics").1;
    assert!(text.contains("openmetrics-text") && text.contains("clearway_payments_accepted_total 1\n"), "{text}");
    let body =
        |answer: &str| serde_json::from_str::<serde_json::Value>(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(body(&ask(&node, "GET", "/status").1)["internal_us"]["max"], 777);
    assert_eq!(ask(&node, "POST", "/status/reset-histogram").0, 200);
    let after = body(&ask(&node, "GET", "/status").1);
    assert_eq!((after["internal_us"]["count"].as_u64(), after["accepted"].as_u64()), (Some(0), Some(1)));
}

#[test]
fn bad_requests_are_refused_and_the_server_stays_up() {
    let node = start();
    let long_head = format!("GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(64 * 1024));
    for request in ["\0\0\0\r\n\r\n", "GET\r\n\r\n", long_head.as_str()] {
        let answer = send(node.admin.address(), request);
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert_eq!(ask(&node, "GET", "/healthz").0, 200);
}

/// Story: idle connections must not be able to lock the operator out for longer than the header timeout, nor pile
/// up without bound.
#[test]
fn connections_beyond_the_limit_are_closed_unread() {
    let node = start();
    let idle: Vec<TcpStream> =
        (0..ADMIN_CONNECTIONS_MAX).map(|_| TcpStream::connect(node.admin.address()).unwrap()).collect();
    let mut refused = TcpStream::connect(node.admin.address()).unwrap();
    let mut rest = Vec::new();
    let read = refused.read_to_end(&mut rest);
    assert!(read.is_err() || rest.is_empty(), "closed without an answer: {rest:?}");
    drop(idle);
}

#[test]
fn other_machines_are_let_in_only_by_the_words_of_the_configuration() {
    let address = "0.0.0.0:0".parse().unwrap();
    let hooks = Hooks { areas: Vec::new() };
    let section = AdminSection { address, allow_non_loopback: true, tls: None };
    let error = open(&section, hooks).unwrap_err();
    assert_eq!(error.fault(), Fault::Configuration);
    assert!(error.to_string().contains("[admin.tls]"), "{error}");
}

#[test]
fn an_address_in_use_is_a_fault_of_the_environment() {
    let node = start();
    let section = AdminSection { address: node.admin.address(), ..AdminSection::default() };
    let hooks = Hooks { areas: Vec::new() };
    assert_eq!(open(&section, hooks).unwrap_err().fault(), Fault::Environment);
}

#[test]
fn a_dropped_server_gives_its_address_back() {
    let node = start();
    let address = node.admin.address();
    drop(node);
    assert!(TcpStream::connect(address).is_err());
}
