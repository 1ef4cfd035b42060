//! The operator's calls over a real loopback socket, and what comes from other machines without one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::{key_area, node_area, open};
use crate::admin::{Admin, AdmissionPages, Answer, Area, Call, Hooks, OperationsPages, Pages, Readiness};
use crate::admission::Admission;
use crate::admission::samples::{BANK, INSTITUTION, NOON_US, config, plain};
use crate::clock::Clock;
use crate::config::AdminSection;
use crate::constants::ADMIN_BODY_BYTES_MAX;
use crate::domain::register::Setting;
use crate::error::{Error, Fault};
use crate::metrics::Metrics;
use crate::operations::Board;
use crate::settings::Record;

struct Node {
    admin: Admin,
    admission: Arc<Admission>,
    journal: Arc<Mutex<Vec<String>>>,
    journal_good: Arc<AtomicBool>,
}

/// Answers with what it was asked.
struct Echo;

impl Pages for Echo {
    fn answer(&self, call: &Call) -> Option<Answer> {
        let Call { method, path, query, wants_html, by: _, body } = call;
        (path != "/cases/none")
            .then(|| Answer::json(format!("{method} {path} {query} {wants_html} {}", String::from_utf8_lossy(body))))
    }
}

fn start() -> Node {
    let admission = Arc::new(plain());
    let journal = Arc::new(Mutex::new(Vec::new()));
    let journal_good = Arc::new(AtomicBool::new(true));
    let (written, good) = (Arc::clone(&journal), Arc::clone(&journal_good));
    let record: Arc<Record> = Arc::new(move |setting: Setting| {
        if !good.load(Ordering::SeqCst) {
            return Err(Error::new(Fault::Environment, "disk full"));
        }
        written.lock().push(String::from_utf8(setting.bytes).unwrap());
        Ok(())
    });
    let clock = Clock::settable(NOON_US).0;
    let participants = config(|_, _| {}).participants;
    let board = Board::new(1, participants, Arc::clone(&admission), clock.clone());
    let pages = AdmissionPages { admission: Arc::clone(&admission), record: Arc::clone(&record), clock };
    let metrics = Metrics::new(1, Vec::new(), Clock::real());
    let hooks = Hooks {
        areas: vec![
            node_area(&metrics, || Readiness::Ready),
            key_area(&journal_good, Arc::clone(&record)),
            (Area::Admission, Arc::new(pages)),
            (Area::Registers, Arc::new(Echo)),
            (Area::Operations, Arc::new(OperationsPages { board: Arc::new(board) })),
        ],
    };
    let section = AdminSection { address: "127.0.0.1:0".parse().unwrap(), ..AdminSection::default() };
    Node { admin: open(&section, hooks).unwrap(), admission, journal, journal_good }
}

impl Node {
    fn send(&self, request: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.admin.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        // A reset after a refused body ends the answer as well as a close does.
        let _ = stream.read_to_string(&mut answer);
        let status = answer.split(' ').nth(1).unwrap_or_else(|| panic!("no status in {answer:?}")).parse().unwrap();
        (status, answer)
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    }

    fn post(&self, path: &str, body: &str) -> (u16, String) {
        let length = body.len();
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    }

    fn recorded(&self) -> usize {
        self.journal.lock().len()
    }
}

fn limit(rest: &str) -> String {
    format!(r#"{{"by":"li","layer":"bank","bank":"{BANK}",{rest}}}"#)
}

fn window(bank: &str) -> String {
    format!(
        r#"{{"by":"li","bank":"{bank}","from":"2026-11-20T13:00:00","until":"2026-11-20T14:00:00","text":"disks"}}"#
    )
}

#[test]
fn changes_are_journaled_with_who_and_when_and_shown() {
    let node = start();
    let bank = format!("/participants/{BANK}");
    for (path, body) in [
        (bank.as_str(), r#"{"by":"li.wei","drained":true}"#.to_owned()),
        ("/limits", limit(r#""day_count":5"#)),
        ("/maintenance", window(BANK)),
    ] {
        let (status, answer) = node.post(path, &body);
        assert_eq!(status, 200, "{path}: {answer}");
    }
    let journal = node.journal.lock().clone();
    assert_eq!(journal.len(), 3);
    assert!(
        journal[0].starts_with(r#"{"v":1,"key":1,"version":1,"at_us":1795147200000000,"by":"li.wei""#),
        "{}",
        journal[0]
    );
    assert!(node.admission.is_drained(1, 0));
    let (_, participants) = node.get("/participants");
    assert!(participants.contains(r#""drained":true,"closed_now":true,"changed":{"by":"li.wei""#), "{participants}");
    let (_, limits) = node.get("/limits");
    assert!(limits.contains(r#""layer":"bank""#) && limits.contains(r#""day_count":5"#), "{limits}");
    let (_, windows) = node.get("/maintenance");
    assert!(windows.contains(r#""text":"disks","phase":"announced""#), "{windows}");
}

#[test]
fn calls_without_the_required_fields_are_refused_and_say_which() {
    let node = start();
    let bank = format!("/participants/{BANK}");
    for (path, body, expected) in [
        (bank.as_str(), r#"{"drained":true}"#.to_owned(), "by: must be a name of 1 to 64 characters"),
        ("/limits", r#"{"by":"li","bank":"C1000111000015","day_count":1}"#.to_owned(), "missing field `layer`"),
        ("/limits", limit(r#""day_count":0"#), "day_count: must be 1 to"),
        ("/maintenance", r#"{"by":"li","centre":true}"#.to_owned(), "from: is missing"),
        ("/maintenance", "drain it".to_owned(), "expected value"),
    ] {
        let (status, answer) = node.post(path, &body);
        assert!(status == 400 && answer.contains(expected), "{path}: {answer}");
    }
    assert_eq!(node.recorded(), 0);
}

#[test]
fn unknown_participants_and_windows_are_not_found() {
    let node = start();
    let stranger = "C1999911000015";
    let strange_limit = limit(r#""day_count":1"#).replace(BANK, stranger);
    for (path, body) in [
        (format!("/participants/{stranger}"), r#"{"by":"li","drained":true}"#.to_owned()),
        ("/participants/%2e%2e".to_owned(), r#"{"by":"li","drained":true}"#.to_owned()),
        ("/limits".to_owned(), strange_limit),
        ("/maintenance".to_owned(), window(stranger)),
        ("/maintenance".to_owned(), r#"{"by":"li","cancel":1007}"#.to_owned()),
        ("/cases/none".to_owned(), r#"{"by":"li"}"#.to_owned()),
    ] {
        let (status, answer) = node.post(&path, &body);
        assert_eq!(status, 404, "{path}: {answer}");
    }
    let (status, answer) = node.post("/maintenance", &window(INSTITUTION));
    assert!(status == 400 && answer.contains("is no bank"), "{answer}");
    assert_eq!(node.recorded(), 0);
}

#[test]
fn bodies_that_are_too_large_or_no_json_are_refused() {
    let node = start();
    let large = format!(r#"{{"by":"li","drained":true{}}}"#, " ".repeat(ADMIN_BODY_BYTES_MAX));
    let bank = format!("/participants/{BANK}");
    for path in [bank.as_str(), "/limits", "/maintenance", "/cases/1", "/agreements/import"] {
        assert_eq!(node.post(path, &large).0, 413, "{path}");
        let chunked = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
            large.len()
        );
        assert_eq!(node.send(&chunked).0, 413, "{path}, length unsaid");
        let form = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        assert_eq!(node.send(&form).0, 415, "{path}: a form of a web page");
    }
    assert_eq!(node.recorded(), 0);
}

#[test]
fn a_change_that_the_journal_does_not_take_is_not_made() {
    let node = start();
    node.journal_good.store(false, Ordering::SeqCst);
    let (status, answer) = node.post(&format!("/participants/{BANK}"), r#"{"by":"li","drained":true}"#);
    assert!(status == 503 && answer.contains("disk full"), "{answer}");
    assert!(!node.admission.is_drained(1, 0));
}

#[test]
fn every_page_has_its_methods() {
    let node = start();
    for (method, path, allow) in [
        ("POST", "/participants", "GET"),
        ("GET", "/participants/C1000111000015", "POST"),
        ("DELETE", "/limits", "GET, POST"),
        ("PUT", "/maintenance", "GET, POST"),
        ("PATCH", "/cases/7", "GET, POST"),
        ("POST", "/operations", "GET"),
    ] {
        let (status, answer) = node.send(&format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert!(status == 405 && answer.contains(&format!("allow: {allow}\r\n")), "{method} {path}: {answer}");
    }
    for path in [
        "/participant",
        "/limits/",
        "/limits/x",
        "/maintenance/1",
        "/operations/x",
        "/casesx",
        "/cases/1/2",
        "/agreement",
    ] {
        assert_eq!(node.get(path).0, 404, "{path}");
    }
}

#[test]
fn the_registers_answer_their_own_pages_and_operations_show_theirs() {
    let node = start();
    for (path, expected) in [
        ("/cases", "GET /cases  false "),
        ("/cases?open=1", "GET /cases open=1 false "),
        ("/agreements/EP%2F1?x=%20", "GET /agreements/EP%2F1 x=%20 false "),
    ] {
        let (status, answer) = node.get(path);
        assert!(status == 200 && answer.ends_with(expected), "{path}: {answer}");
    }
    assert!(node.post("/cases/7", r#"{"by":"li"}"#).1.ends_with(r#"POST /cases/7  false {"by":"li"}"#));
    let program = node.get("/operations").1;
    assert!(program.contains("content-type: application/json") && program.contains(r#""closed_now":[]"#), "{program}");
    let browser = node.send("GET /operations HTTP/1.1\r\nHost: localhost\r\nAccept: text/html,*/*\r\n\r\n").1;
    assert!(browser.contains("content-type: text/html") && browser.contains("<h1>Joint operations</h1>"), "{browser}");
}
