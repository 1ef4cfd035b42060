//! Bad HTTP: what two readers could understand differently, what never ends, what is not for this door.

use std::io;

use clearway_codec::TrxStatus;
use clearway_loadgen::Behaviours;
use clearway_tests::http::{Connection, Response, ask, head};
use clearway_tests::institution::PATH;
use clearway_tests::site::Site;
use clearway_tests::wait;

use crate::NODE;

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// This status, and the connection is closed behind it.
    Status(u16),
    /// This status or no answer at all, and the connection is closed: the bytes cannot be read as a request.
    StatusOrClosed(u16),
    /// Some fault of the sender's or no answer at all, and the connection is closed.
    Fault,
}

use Told::{Fault, Status, StatusOrClosed};

/// Sends `bytes`, closes the sending side if `then_finish`, and reads until the node closes.
fn outcome(site: &Site, name: &str, bytes: &[u8], then_finish: bool) -> io::Result<Response> {
    let mut connection = Connection::open(site.address())?;
    connection.send(bytes)?;
    if then_finish {
        connection.finish()?;
    }
    let response = connection.receive()?;
    assert_ne!(response.status, 200, "{name}: {}", String::from_utf8_lossy(&response.body));
    assert!(connection.is_closed_by_peer(), "{name}: nothing may follow a refusal");
    Ok(response)
}

fn check(site: &Site, rows: Vec<(&str, Vec<u8>, Told)>, then_finish: bool) {
    for (name, bytes, told) in rows {
        match (outcome(site, name, &bytes, then_finish), told) {
            (Ok(response), Status(status) | StatusOrClosed(status)) => assert_eq!(response.status, status, "{name}"),
            (Ok(response), Fault) => assert!((400..500).contains(&response.status), "{name}: {}", response.status),
            (Err(_), StatusOrClosed(_) | Fault) => {}
            (Err(error), Status(_)) => panic!("{name}: {error}"),
        }
        let _ = site.institution(1).pay();
    }
}

/// A whole request with the given header lines before the blank one.
fn request(lines: &[&str], body: &[u8]) -> Vec<u8> {
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    [format!("POST /preSvr HTTP/1.1\r\nHost: switch\r\n{lines}\r\n").as_bytes(), body].concat()
}

/// A good message of the first institution.
fn message(site: &Site) -> Vec<u8> {
    let institution = site.institution(0);
    institution.payment(0, 100).seal(&institution.identity().key).to_vec()
}

/// The story: a front end and the switch that disagree on where a request ends let a stranger's bytes pass as somebody
/// else's request (RUSTSEC-2026-0033, -0034). Whoever sends two lengths, or a coding, is not answered with a message.
#[test]
fn two_ways_to_tell_the_end_of_a_request() {
    let site = Site::new(NODE);
    let _node = site.start();
    let body = message(&site);
    let length = format!("Content-Length: {}", body.len());
    let chunked = [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    let smuggled = [b"0\r\n\r\n".as_slice(), head("POST", PATH, body.len()).as_bytes(), &body].concat();
    let http_1_0 = String::from_utf8_lossy(&request(&["Transfer-Encoding: chunked", &length], b""))
        .replace("HTTP/1.1", "HTTP/1.0");
    let rows = vec![
        ("length, then coding", request(&[&length, "Transfer-Encoding: chunked"], &chunked), Status(400)),
        ("coding, then length", request(&["Transfer-Encoding: chunked", &length], &chunked), Status(400)),
        ("a coding alone", request(&["Transfer-Encoding: chunked"], &chunked), Status(400)),
        (
            "a request behind a coded one",
            request(&["Content-Length: 4", "Transfer-Encoding: chunked"], &smuggled),
            Status(400),
        ),
        ("a coding that nobody knows", request(&[&length, "Transfer-Encoding: xchunked"], &body), Status(400)),
        (
            "a coding with a space before the colon",
            request(&[&length, "Transfer-Encoding : chunked"], &chunked),
            Status(400),
        ),
        (
            "a coding on a folded line",
            request(&[&length, "X: a", " Transfer-Encoding: chunked"], &chunked),
            Status(400),
        ),
        ("a coding in HTTP/1.0", [http_1_0.as_bytes(), &chunked].concat(), Status(400)),
        (
            "a chunk size that overflows",
            request(&["Transfer-Encoding: chunked"], b"fffffffffffffffff\r\n"),
            Status(400),
        ),
        ("two lengths", request(&[&length, "Content-Length: 1"], &body), Status(400)),
        ("a list of lengths", request(&["Content-Length: 5, 5"], &body), Status(400)),
        ("a signed length", request(&["Content-Length: +5"], &body), Status(400)),
        ("a negative length", request(&["Content-Length: -5"], &body), Status(400)),
        ("a length in hexadecimal", request(&["Content-Length: 0x10"], &body), Status(400)),
        ("a length that overflows", request(&["Content-Length: 99999999999999999999999"], &body), Status(400)),
        ("a length over the limit", request(&["Content-Length: 65537"], b""), Status(413)),
        ("the largest length there is", request(&["Content-Length: 18446744073709551615"], b""), Fault),
    ];
    check(&site, rows, false);
    // The same number twice is one length to every reader (RFC 9110, 8.6): nothing can hide behind it.
    let mut connection = Connection::open(site.address()).expect("the node listens");
    connection.send(&request(&[&length, &length], &body)).expect("sent");
    let response = connection.receive().expect("an answer");
    assert!(response.status == 400 || site.believe(&response).status() == Some(TrxStatus::Success));
}

#[test]
fn a_length_that_is_not_the_bodys() {
    let site = Site::new(NODE);
    let _node = site.start();
    let body = message(&site);
    let with_length = |length: usize| [head("POST", PATH, length).as_bytes(), &body].concat();
    let rows =
        vec![("too short", with_length(body.len() - 300), Status(400)), ("nothing", with_length(0), Status(400))];
    check(&site, rows, false);
    // Too short by one brace leaves a message without a signature: its sender is told so, and the brace is no request.
    let mut connection = Connection::open(site.address()).expect("the node listens");
    connection.send(&with_length(body.len() - 1)).expect("sent");
    let refusal = connection.receive().expect("an answer");
    assert_eq!(site.believe(&refusal).code(), "ES000022");
    connection.finish().expect("finished");
    assert!(connection.receive().map_or(true, |response| response.status == 400));
    let rows = vec![
        ("too long, then the end", with_length(body.len() + 100), StatusOrClosed(400)),
        ("cut off in the middle of the body", with_length(body.len())[..1_000].to_vec(), StatusOrClosed(400)),
        (
            "cut off in the middle of the head",
            head("POST", PATH, body.len()).as_bytes()[..40].to_vec(),
            StatusOrClosed(400),
        ),
    ];
    check(&site, rows, true);
}

#[test]
fn not_for_this_door() {
    let site = Site::new(NODE);
    let _node = site.start();
    let body = message(&site);
    let length = format!("Content-Length: {}", body.len());
    let many: Vec<String> = (0..100).map(|number| format!("X-{number}: 1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).chain([length.as_str()]).collect();
    let long = format!("X: {}", "a".repeat(20_000));
    let rows = vec![
        ("no length", request(&[], b""), Status(411)),
        ("another content type", request(&["Content-Type: application/json", &length], &body), Status(415)),
        ("a header line that never ends", request(&[&long, &length], &body), Status(431)),
        ("a hundred header lines", request(&many, &body), Status(431)),
        ("a header that is none", request(&["no colon here", &length], &body), Status(400)),
        (
            "a TLS hello",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n".to_vec(),
            StatusOrClosed(400),
        ),
        ("HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), StatusOrClosed(400)),
        ("no HTTP", b"<root></root>\r\n\r\n".to_vec(), StatusOrClosed(400)),
    ];
    check(&site, rows, false);
    for (method, path, status) in [
        ("GET", PATH, 405),
        ("PUT", PATH, 405),
        ("POST", "/", 404),
        ("POST", "/presvr", 404),
        ("POST", "/preSvr/", 404),
    ] {
        let response = ask(site.address(), method, path, &body).expect("an answer");
        assert_eq!(response.status, status, "{method} {path}");
        assert_eq!(response.header("allow"), (status == 405).then_some("POST"));
    }
}

/// Whoever sends a byte now and then holds a connection for no longer than the limit; an idle one is free.
#[test]
fn a_slow_sender_is_given_up() {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.limits.receive_timeout_ms = 200);
    let _node = site.start();
    let body = message(&site);
    let whole = [head("POST", PATH, body.len()).as_bytes(), &body].concat();
    let mut idle = Connection::open(site.address()).expect("the node listens");
    let first = idle.post(PATH, &message(&site)).expect("an answer");
    assert_eq!(site.believe(&first).status(), Some(TrxStatus::Success));
    for upto in [10, 100, whole.len() - body.len() + 10, whole.len() - 1] {
        let mut slow = Connection::open(site.address()).expect("the node listens");
        slow.send(&whole[..upto]).expect("sent");
        wait::until("the node closing the connection", || slow.is_closed_by_peer().then_some(()));
        let _ = site.institution(1).pay();
    }
    let again = idle.post(PATH, &message(&site)).expect("the idle connection is still there");
    assert_eq!(site.believe(&again).status(), Some(TrxStatus::Success));
}

#[test]
fn connections_over_the_limit_are_closed_and_the_others_work_on() {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.limits.connections_max = 3);
    let _node = site.start();
    let mut held: Vec<Connection> =
        (0..3).map(|_| Connection::open(site.address()).expect("the node listens")).collect();
    for connection in &mut held {
        let response = connection.post(PATH, &message(&site)).expect("an answer");
        assert_eq!(response.status, 200);
    }
    let mut fourth = Connection::open(site.address()).expect("the kernel takes it");
    assert!(fourth.is_closed_by_peer());
    let response = held[0].post(PATH, &message(&site)).expect("an answer");
    assert_eq!(site.believe(&response).status(), Some(TrxStatus::Success));
    drop(held);
    wait::until("room again", || {
        let mut connection = Connection::open(site.address()).ok()?;
        connection.post(PATH, &message(&site)).ok().filter(|response| response.status == 200)
    });
}

/// Two requests in one packet are two requests, answered in order; one in many packets is one.
#[test]
fn packets_do_not_matter() {
    let site = Site::new(NODE);
    let _node = site.start();
    let requests =
        [message(&site), message(&site)].map(|body| [head("POST", PATH, body.len()).as_bytes(), &body].concat());
    let mut connection = Connection::open(site.address()).expect("the node listens");
    connection.send(&requests.concat()).expect("sent");
    for _ in 0..2 {
        let response = connection.receive().expect("an answer");
        assert_eq!(site.believe(&response).status(), Some(TrxStatus::Success));
    }
    let body = message(&site);
    let whole = [head("POST", PATH, body.len()).as_bytes(), &body].concat();
    for piece in whole.chunks(97) {
        connection.send(piece).expect("sent");
    }
    let response = connection.receive().expect("an answer");
    assert_eq!(site.believe(&response).status(), Some(TrxStatus::Success));
}
