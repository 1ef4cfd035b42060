//! Joint operations: the messages to the byte, whom they reach, and what happens when they do not.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use clearway_codec::value::{BeijingTime, InstitutionId, SerialNumber};
use clearway_crypto::{Backends, SignJob, SigningKey, Suite, VerifyJob};

use super::reporter::Desk;
use super::*;
use crate::admission::samples::{BANK, INSTITUTION, NOON_US, OTHER_BANK, code, config, id};
use crate::admission::{Admission, NumberedWindow, Request};
use crate::clock::{Clock, ClockHand};
use crate::config::MaintenanceWindow;
use crate::domain::business::Business;
use crate::domain::statistics::{LegEnd, LegKind, MINUTE_US, NO_ACCOUNT_TYPE, Row, Sums};
use crate::net::transport::Connector;

const ACKNOWLEDGED: &str =
    r#"{"response":{"head":{},"body":{"sysRtnCd":"00000000","sysRtnDesc":"ok"}},"signature":""}"#;

fn head() -> Head {
    Head {
        from: id("G4000311000018"),
        serial: SerialNumber::parse(b"4000000001").unwrap(),
        to: id(BANK),
        to_bank: true,
        now_us: NOON_US + 7,
        sequence: 42,
    }
}

fn window(bank: Option<&str>) -> MaintenanceWindow {
    let time = |text: &str| BeijingTime::parse(text.as_bytes()).unwrap();
    MaintenanceWindow {
        bank: bank.map(id),
        from: time("2026-11-20T13:00:00"),
        until: time("2026-11-20T14:00:00"),
        text: "new <disks>".to_owned(),
    }
}

fn unsigned(_: &[u8]) -> Result<Vec<u8>, clearway_crypto::Error> {
    Ok(b"signed".to_vec())
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn statistics_are_composed_to_the_byte() {
    let sums = Sums { count: 3, took_us: 9_600, business_ok: 2, system_ok: 3 };
    let row = Row { business: Business::AgreementPayment.code(), other: 0, account_type: 1, leg: 2 };
    let subject = Subject::Statistics { end_us: NOON_US, rows: vec![(row, id(INSTITUTION), sums)] };
    assert_eq!(
        text(compose(&head(), &subject, &unsigned, None).unwrap()),
        concat!(
            r#"{"request":{"head":{"msgTp":"uops.010.000.01","msgSndTm":"20261120120000","#,
            r#""msgId":"2026112012000040000000010000179514720000000700000000000000000042","#,
            r#""issrId":"G4000311000018","reIssrId":"C1000111000015","drctn":"01","signSN":"4000000001"},"#,
            r#""body":{"cntStep":"60","cntTm":"20261120120000","tList":[{"tType":"0110","instId":"Z2000133000017","#,
            r#""accType":"01","RPFlg":"2","tSumNo":"3","tTime":"3","tTrxSR":"66.66","tSysSR":"100.00"}]}},"#,
            r#""signature":"c2lnbmVk"}"#
        )
    );
}

#[test]
fn maintenance_is_composed_to_the_byte() {
    let body = |window: &MaintenanceWindow, cancelled| {
        let subject = Subject::Maintenance { number: 1001, window, cancelled };
        let whole = text(compose(&head(), &subject, &unsigned, None).unwrap());
        whole[whole.find(r#""body""#).unwrap()..].to_owned()
    };
    let times =
        r#""mtStrTm":"20261120130000","mtEndTm":"20261120140000","mtDesc":"new <disks>"}},"signature":"c2lnbmVk"}"#;
    let announced = format!(r#""body":{{"mtId":"1001","mtObj":"{OTHER_BANK}","mtSts":"00",{times}"#);
    assert_eq!(body(&window(Some(OTHER_BANK)), false), announced);
    let centre = format!(r#""body":{{"mtId":"1001","mtObj":"G4000311000018","mtSts":"01",{times}"#);
    assert_eq!(body(&window(None), true), centre);
}

#[test]
fn the_signature_is_over_the_head_in_every_suite() {
    for suite in Suite::ALL {
        let (key, backends) = (SigningKey::generate(suite).unwrap(), Backends::default());
        let sign =
            |bytes: &[u8]| backends.sign(&SignJob { key: &key, message: bytes }).map(|one| one.as_bytes().to_vec());
        let subject = Subject::Statistics { end_us: NOON_US, rows: Vec::new() };
        let value: serde_json::Value =
            serde_json::from_slice(&compose(&head(), &subject, &sign, None).unwrap()).unwrap();
        let head = &value["request"]["head"];
        let names = ["msgTp", "msgSndTm", "msgId", "issrId", "reIssrId", "drctn", "signSN"];
        let pairs: Vec<_> = names.iter().map(|name| format!("{name}={}", head[name].as_str().unwrap())).collect();
        assert_eq!(head["msgId"].as_str().unwrap().len(), 64);
        use base64::Engine as _;
        let signature = base64::engine::general_purpose::STANDARD.decode(value["signature"].as_str().unwrap()).unwrap();
        let message = pairs.join("&");
        let job = VerifyJob { key: key.verifying_key(), message: message.as_bytes(), signature: &signature };
        assert!(backends.verify(&job), "{suite}");
    }
}

#[test]
fn a_body_is_sealed_for_a_receiver_that_can_open_it() {
    let subject = Subject::Maintenance { number: 1, window: &window(None), cancelled: false };
    let seal = |body: &[u8]| Some(format!("sealed:{}", body.len()));
    let sealed = text(compose(&head(), &subject, &unsigned, Some(&seal)).unwrap());
    assert!(sealed.contains(r#""body":"sealed:"#) && !sealed.contains("disks"), "{sealed}");
    let open = text(compose(&head(), &subject, &unsigned, Some(&|_| None)).unwrap());
    assert!(open.contains("disks"), "{open}");
}

#[test]
fn only_a_clear_yes_is_an_acknowledgement() {
    for (answer, expected) in [
        (ACKNOWLEDGED, Ok(())),
        (r#"{"response":{"body":{"sysRtnCd":"ES000025"}}}"#, Err(Some("ES000025".to_owned()))),
        (r#"{"response":{"body":{"sysRtnCd":"a\nb cdefg"}}}"#, Err(None)),
        (r#"{"response":{"body":{"sysRtnCd":0}}}"#, Err(None)),
        (r#"{"response":{}}"#, Err(None)),
        ("ok", Err(None)),
        ("", Err(None)),
    ] {
        assert_eq!(is_acknowledged(answer.as_bytes()), expected, "{answer}");
    }
}

#[test]
fn a_window_is_announced_until_it_is_heard_and_again_when_it_is_taken_back() {
    let mut announcer = Announcer::default();
    let open = [NumberedWindow { number: 1001, window: window(Some(BANK)) }];
    let until_us = window(None).until.unix_micros();
    let due = |announcer: &mut Announcer, windows: &[NumberedWindow], now_us| {
        let due = announcer.due(windows, now_us, |_| vec![0, 1]);
        due.into_iter().map(|one| ((one.to, one.cancelled), one)).unzip::<_, _, Vec<_>, Vec<_>>()
    };
    let (first, announcements) = due(&mut announcer, &open, NOON_US);
    assert_eq!(first, [(0, false), (1, false)]);
    announcer.heard(&announcements[0]);
    assert_eq!(due(&mut announcer, &open, NOON_US).0, [(1, false)]);
    let (taken_back, last) = due(&mut announcer, &[], NOON_US);
    assert_eq!(taken_back, [(0, true), (1, true)]);
    announcer.heard(&announcements[1]);
    announcer.heard(&last[0]);
    assert_eq!(due(&mut announcer, &[], NOON_US).0, [(1, true)], "an answer to the first news is none to the second");
    assert!(due(&mut announcer, &[], until_us).0.is_empty(), "over");
    assert!(due(&mut announcer, &[], NOON_US).0.is_empty(), "forgotten");
}

/// A participant that answers every message with `answer` (the bytes of an HTTP response) and keeps what it got.
struct Peer {
    url: String,
    got: JoinHandle<Vec<String>>,
}

fn peer(messages: usize, answer: &'static str) -> Peer {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/epcc", listener.local_addr().unwrap());
    let got = std::thread::spawn(move || {
        (0..messages)
            .map(|_| {
                let (mut stream, _) = listener.accept().unwrap();
                let request = read_request(&mut stream);
                let _ = stream.write_all(answer.as_bytes());
                request
            })
            .collect()
    });
    Peer { url, got }
}

/// Reads one request, head and body.
fn read_request(stream: &mut std::net::TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length:").map(|value| value.trim().parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        match stream.read(&mut chunk).unwrap() {
            0 => return text,
            read => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}

fn http(status: &str, body: &str) -> &'static str {
    let text = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    Box::leak(text.into_boxed_str())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn every_way_of_not_being_taken_is_told_apart() {
    let long = http("200 OK", &" ".repeat(20_000));
    for (answer, expected) in [
        (http("200 OK", ACKNOWLEDGED), Ok(())),
        (http("500 Oops", ACKNOWLEDGED), Err(Failure::Status(500))),
        (
            http("200 OK", r#"{"response":{"body":{"sysRtnCd":"PS500001"}}}"#),
            Err(Failure::Refused("PS500001".to_owned())),
        ),
        (http("200 OK", "<html>"), Err(Failure::Unreadable)),
        (long, Err(Failure::Unreadable)),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", Err(Failure::Unreadable)),
        ("", Err(Failure::Broken)),
        ("\u{0}\u{0}\u{0}\u{0}", Err(Failure::Broken)),
    ] {
        let Peer { url, got } = peer(1, answer);
        let found = runtime().block_on(post(&url, Duration::from_secs(10)).send(b"{}".to_vec()));
        assert_eq!(found, expected, "{answer:.60}");
        let request = got.join().unwrap();
        assert!(request[0].starts_with("POST /uopsSvr HTTP/1.1\r\n"), "{}", request[0]);
        assert!(request[0].contains("content-type: application/json;charset=utf-8"), "{}", request[0]);
    }
}

#[test]
fn nobody_listening_and_a_silent_peer_cost_no_more_than_their_deadlines() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nobody = post(&format!("http://{closed}/epcc"), Duration::from_secs(10));
    assert_eq!(runtime().block_on(nobody.send(Vec::new())), Err(Failure::Connect));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/epcc", silent.local_addr().unwrap());
    assert_eq!(runtime().block_on(post(&url, Duration::from_millis(20)).send(Vec::new())), Err(Failure::TimedOut));
}

fn post(url: &str, answer_timeout: Duration) -> Post {
    let endpoint: crate::config::Endpoint = url.parse().unwrap();
    Post {
        authority: endpoint.authority().to_owned(),
        path: "/uopsSvr".to_owned(),
        connector: Connector::plain(),
        connect_timeout: Duration::from_secs(10),
        answer_timeout,
    }
}

/// A node whose institution (0) and bank (1) take joint operations at these URLs, and whose other bank (2) does not.
fn board(urls: [&str; 2]) -> (Arc<Board>, ClockHand) {
    let config = config(|_, list| {
        for (participant, url) in list.iter_mut().zip(urls) {
            participant.links[0].endpoint = url.parse().unwrap();
            participant.operations_path = Some("/uopsSvr".to_owned());
        }
    });
    let admission = Arc::new(Admission::new(&config, code).unwrap());
    let (clock, hand) = Clock::settable(NOON_US);
    (Arc::new(Board::new(2, config.participants.clone(), admission, clock)), hand)
}

fn options() -> ReporterOptions {
    ReporterOptions {
        from: id("G4000311000018"),
        serial: SerialNumber::parse(b"4000000001").unwrap(),
        sign: Arc::new(unsigned),
        seal: Some(Arc::new(|to: &InstitutionId, _: &[u8]| (to.as_str() == BANK).then(|| "sealed".to_owned()))),
        way: Arc::new(|to| (to.endpoint().authority().to_owned(), Connector::plain())),
        connect_timeout: Duration::from_secs(10),
        answer_timeout: Duration::from_secs(10),
    }
}

fn note(board: &Board, worker: usize, target: u16, took_us: u64) {
    let kind = LegKind {
        business: Business::AgreementPayment.code(),
        leg: 1,
        account_type: NO_ACCOUNT_TYPE,
        initiator: 0,
        target,
    };
    let end = LegEnd { took_us, business_ok: true, system_ok: true };
    board.statistics().worker(worker).unwrap().note(kind, end);
}

fn announce(board: &Board, body: &str) {
    board.admission.change(&Request::maintenance(body.as_bytes()).unwrap(), NOON_US, &|_| Ok(())).unwrap();
}

#[test]
fn those_concerned_get_their_minute_and_the_announcements() {
    let good = http("200 OK", ACKNOWLEDGED);
    let (institution, bank) = (peer(2, good), peer(2, good));
    let (board, _hand) = board([&institution.url, &bank.url]);
    note(&board, 0, 1, 4_000);
    note(&board, 1, 1, 6_000);
    note(&board, 1, 2, 1_000);
    announce(
        &board,
        &format!(r#"{{"by":"li","bank":"{BANK}","from":"2026-11-20T13:00:00","until":"2026-11-20T14:00:00"}}"#),
    );
    let desk = Arc::new(Desk::new(Arc::clone(&board), options()));
    let minute = board.statistics().collect(NOON_US);
    runtime().block_on(desk.round(Some(&minute)));
    let bodies = institution.got.join().unwrap();
    assert!(bodies[0].contains(r#""drctn":"02""#) && bodies[0].contains("uops.010.000.01"), "{}", bodies[0]);
    assert!(bodies[0].contains(&format!(r#""instId":"{BANK}","accType":"","RPFlg":"1","tSumNo":"2","tTime":"5""#)));
    assert!(bodies[0].contains(&format!(r#""instId":"{OTHER_BANK}""#)), "{}", bodies[0]);
    assert!(bodies[1].contains("uops.020.000.01") && bodies[1].contains(r#""mtSts":"00""#), "{}", bodies[1]);
    let bodies = bank.got.join().unwrap();
    assert!(bodies.iter().all(|body| body.contains(r#""body":"sealed""#) && body.contains(r#""drctn":"01""#)));
    // All is told: another round has nothing for anybody, and nobody listens any more.
    runtime().block_on(desk.round(None));
    assert!(board.failing().is_empty());
    assert_eq!((board.reading().sent, board.reading().failed), (4, 0));
}

#[test]
fn a_participant_that_fails_is_counted_and_tried_again() {
    let closed = format!("http://{}/epcc", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let bank = peer(1, http("200 OK", ACKNOWLEDGED));
    let (board, _hand) = board([&closed, &bank.url]);
    announce(&board, r#"{"by":"li","centre":true,"from":"2026-11-20T13:00:00","until":"2026-11-20T14:00:00"}"#);
    let desk = Arc::new(Desk::new(Arc::clone(&board), options()));
    runtime().block_on(async {
        desk.round(None).await;
        desk.round(None).await;
    });
    assert_eq!(bank.got.join().unwrap().len(), 1);
    assert_eq!(board.failing(), [(INSTITUTION.to_owned(), "no connection".to_owned())]);
    assert_eq!((board.reading().sent, board.reading().failed), (1, 2));
}

/// The thread collects when the clock says that the minute is over, and not before.
#[test]
fn the_reporter_wakes_at_the_full_minute() {
    let good = http("200 OK", ACKNOWLEDGED);
    let (institution, bank) = (peer(1, good), peer(1, good));
    let (board, hand) = board([&institution.url, &bank.url]);
    hand.set(NOON_US + MINUTE_US - 2_000);
    note(&board, 0, 1, 4_000);
    let reporter = Reporter::start(Arc::clone(&board), options()).unwrap();
    hand.set(NOON_US + MINUTE_US + 1);
    let bodies = institution.got.join().unwrap();
    assert!(bodies[0].contains(r#""cntTm":"20261120120100""#), "{}", bodies[0]);
    bank.got.join().unwrap();
    drop(reporter);
    assert_eq!(board.statistics().last().end_us, NOON_US + MINUTE_US);
}

#[test]
fn totals_grow_over_minutes_and_count_the_running_one() {
    let (board, _hand) = board(["http://127.0.0.1:1/", "http://127.0.0.1:1/"]);
    let key = (Business::AgreementPayment.code(), 1);
    note(&board, 0, 1, 5);
    assert_eq!(board.statistics().totals()[&key].count, 1);
    board.statistics().collect(NOON_US);
    note(&board, 1, 2, 7);
    assert_eq!((board.statistics().totals()[&key].count, board.statistics().totals()[&key].took_us), (2, 12));
    assert_eq!(board.statistics().last().tally.len(), 1);
    let reading = board.reading().businesses[0];
    assert_eq!((reading.business, reading.leg, reading.count), ("agreement-payment", 1, 2));
    assert_eq!((reading.business_rate, reading.system_rate), (Some(10_000), Some(10_000)));
    assert!(board.statistics().worker(2).is_none());
}

#[test]
fn the_page_shows_the_minute_windows_and_failures_as_json_and_as_html() {
    let (board, _hand) = board(["http://127.0.0.1:1/", "http://127.0.0.1:1/"]);
    let empty: serde_json::Value = serde_json::from_str(&board.to_json()).unwrap();
    assert_eq!((empty["minute"].as_str(), empty["rows"].as_array().map(Vec::len)), (Some(""), Some(0)));
    assert!(board.to_html().contains("(none yet)"));
    note(&board, 0, 1, 4_000);
    board.statistics().collect(NOON_US);
    announce(
        &board,
        &format!(
            r#"{{"by":"li","bank":"{BANK}","from":"2026-11-20T11:00:00","until":"2026-11-20T14:00:00","text":"<script>&"}}"#
        ),
    );
    let page: serde_json::Value = serde_json::from_str(&board.to_json()).unwrap();
    assert_eq!(page["minute"], "2026-11-20T12:00:00");
    assert_eq!((&page["rows"][0]["target"], &page["rows"][0]["mean_ms"]), (&BANK.into(), &4.into()));
    assert_eq!(page["businesses"][0]["business_percent"], "100.00");
    assert_eq!((&page["maintenance"][0]["phase"], &page["closed_now"][0]), (&"running".into(), &BANK.into()));
    let html = board.to_html();
    for part in ["<td>agreement-payment", "<td>100.00", "<td>&lt;script&gt;&amp;", &format!("<td>{BANK}")] {
        assert!(html.contains(part), "no {part} in {html}");
    }
    assert!(!html.contains("<script"), "{html}");
}

#[test]
fn workers_count_while_minutes_end_and_nothing_is_lost() {
    const NOTES: u64 = 5_000;
    let statistics = Statistics::new(4);
    let kind = LegKind { business: 1, leg: 1, account_type: 0, initiator: 0, target: 1 };
    std::thread::scope(|scope| {
        for worker in 0..4 {
            let tally = statistics.worker(worker).unwrap();
            let end = LegEnd { took_us: 1, business_ok: true, system_ok: true };
            scope.spawn(move || (0..NOTES).for_each(|_| tally.note(kind, end)));
        }
        for minute in 0..50 {
            statistics.collect(minute);
            let now = statistics.totals().get(&(1, 1)).map_or(0, |sums| sums.count);
            assert!(now <= 4 * NOTES);
        }
    });
    assert_eq!(statistics.totals()[&(1, 1)].count, 4 * NOTES);
}
