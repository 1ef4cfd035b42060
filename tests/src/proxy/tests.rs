//! The proxy before a participant that sends back what it is sent.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::wait::{LIMIT, until};

/// Sends back what it is sent, and remembers it by connection.
struct Echo {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Echo {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("bound");
        let heard: Arc<Mutex<Vec<Vec<u8>>>> = Arc::default();
        let hearing = Arc::clone(&heard);
        // Ends with the process.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let hearing = Arc::clone(&hearing);
                let place = {
                    let mut heard = hearing.lock().expect("no panic");
                    heard.push(Vec::new());
                    heard.len() - 1
                };
                std::thread::spawn(move || echo(stream, &hearing, place));
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().expect("no panic").clone()
    }
}

fn echo(mut stream: TcpStream, hearing: &Mutex<Vec<Vec<u8>>>, place: usize) {
    let mut piece = [0; 4_096];
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        hearing.lock().expect("no panic")[place].extend_from_slice(&piece[..read]);
        if stream.write_all(&piece[..read]).is_err() {
            return;
        }
    }
}

fn open(proxy: &FaultProxy) -> TcpStream {
    try_open(proxy).expect("the proxy listens")
}

fn try_open(proxy: &FaultProxy) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&proxy.address(), LIMIT)?;
    stream.set_read_timeout(Some(LIMIT))?;
    Ok(stream)
}

/// Sends bytes and reads to the end: what came back, and whether the end was a reset.
fn converse(proxy: &FaultProxy, bytes: &[u8]) -> (Vec<u8>, bool) {
    // A proxy that cuts at once may have done so already.
    let mut stream = match try_open(proxy) {
        Err(error) if error.kind() == ErrorKind::ConnectionReset => return (Vec::new(), true),
        opened => opened.expect("the proxy listens"),
    };
    let _ = stream.write_all(bytes);
    let mut back = Vec::new();
    let mut piece = [0; 512];
    while back.len() < bytes.len() || bytes.is_empty() {
        match stream.read(&mut piece) {
            Ok(0) => return (back, false),
            Ok(read) => back.extend_from_slice(&piece[..read]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return (back, true),
            Err(error) => panic!("{error}"),
        }
    }
    (back, false)
}

const LETTER: &[u8] = b"POST / HTTP/1.1\r\nMsgTp: epcc.201\r\nContent-Length: 12\r\n\r\n<TrxId>1</>\n";

#[test]
fn a_line_without_faults_changes_nothing_and_counts() {
    let echo = Echo::start();
    let proxy = FaultProxy::before(echo.address);
    assert_eq!(converse(&proxy, LETTER), (LETTER.to_vec(), false));
    let length = LETTER.len() as u64;
    let counts = until("the end of the connection", || Some(proxy.counts()).filter(|counts| counts.open == 0));
    assert_eq!((counts.connections, counts.cut), (1, 0));
    assert_eq!((counts.request_read, counts.request_passed), (length, length));
    assert_eq!((counts.answer_read, counts.answer_passed), (length, length));
}

#[test]
fn a_request_is_cut_after_exactly_every_byte() {
    for cut in [Cut::Close, Cut::Reset] {
        let echo = Echo::start();
        let proxy = FaultProxy::before(echo.address);
        for after in 0..=LETTER.len() {
            proxy.queue([Plan::cut_request(after as u64, cut)]);
            let (back, _) = converse(&proxy, LETTER);
            assert!(LETTER[..after].starts_with(&back), "{cut:?} after {after}");
            until("the end", || proxy.passed()[after].ended.then_some(()));
            let passed = proxy.passed()[after];
            assert_eq!((passed.request_passed, passed.cut), (after as u64, true), "{cut:?} after {after}");
            until("what was let through", || {
                let heard = echo.heard().get(after).map(Vec::len);
                (heard == Some(after)).then_some(())
            });
        }
    }
}

#[test]
fn an_answer_is_cut_after_exactly_every_byte() {
    let echo = Echo::start();
    let proxy = FaultProxy::before(echo.address);
    for after in 0..LETTER.len() {
        proxy.queue([Plan::cut_answer(after as u64, Cut::Close)]);
        assert_eq!(converse(&proxy, LETTER).0, &LETTER[..after]);
        until("all of it heard", || (echo.heard()[after] == LETTER).then_some(()));
        until("the end", || proxy.passed()[after].ended.then_some(()));
        assert_eq!(proxy.passed()[after].answer_passed, after as u64);
    }
}

#[test]
fn silence_swallows_and_stays_open_until_it_is_struck() {
    let echo = Echo::start();
    let proxy = FaultProxy::before(echo.address);
    proxy.queue([Plan::cut_request(3, Cut::Silence)]);
    let mut stream = open(&proxy);
    stream.write_all(LETTER).expect("sent");
    until("all swallowed", || (proxy.counts().request_read == LETTER.len() as u64).then_some(()));
    let mut back = [0; 3];
    stream.read_exact(&mut back).expect("three bytes come back");
    assert_eq!((proxy.counts().open, proxy.counts().request_passed), (1, 3));
    proxy.strike(Cut::Close);
    assert_eq!(stream.read(&mut back).expect("an end"), 0);
    until("what was let through", || (echo.heard()[0] == LETTER[..3]).then_some(()));
}

#[test]
fn deaf_connections_hear_nothing_and_a_strike_ends_them() {
    let echo = Echo::start();
    let proxy = FaultProxy::before(echo.address);
    proxy.set_plan(Plan::deaf());
    let mut stream = open(&proxy);
    stream.write_all(LETTER).expect("the kernel takes it");
    until("the connection", || (proxy.counts().connections == 1).then_some(()));
    proxy.strike(Cut::Reset);
    assert_eq!(stream.read(&mut [0]).expect_err("an end").kind(), ErrorKind::ConnectionReset);
    assert_eq!((echo.heard().len(), proxy.counts().request_read), (0, 0));
}

#[test]
fn a_connection_can_end_before_a_byte_is_read() {
    let echo = Echo::start();
    let proxy = FaultProxy::before(echo.address);
    proxy.queue([Plan::cut_at_once(Cut::Close), Plan::cut_at_once(Cut::Reset)]);
    assert_eq!(converse(&proxy, b""), (Vec::new(), false));
    assert_eq!(converse(&proxy, b""), (Vec::new(), true));
    assert_eq!(converse(&proxy, LETTER).0, LETTER);
    assert_eq!(echo.heard().len(), 1);
}

#[test]
fn held_connections_go_on_in_the_order_in_which_they_are_released() {
    let echo = Echo::start();
    let proxy = FaultProxy::before(echo.address);
    proxy.set_plan(Plan::held());
    let letters = [b"first", b"other", b"third"];
    let mut streams = Vec::new();
    for (place, letter) in letters.iter().enumerate() {
        let mut stream = open(&proxy);
        stream.write_all(*letter).expect("sent");
        until("it is held", || (proxy.held().len() == place + 1).then_some(()));
        streams.push(stream);
    }
    assert_eq!(proxy.held(), [0, 1, 2]);
    for (arrivals, number) in [2, 0, 1].into_iter().enumerate() {
        assert!(proxy.release(number));
        let mut back = [0; 5];
        streams[number].read_exact(&mut back).expect("it comes back");
        assert_eq!((&back, echo.heard().len()), (letters[number], arrivals + 1));
    }
    assert_eq!(echo.heard(), [letters[2], letters[0], letters[1]]);
    assert!(!proxy.release(0));
}

#[test]
fn a_door_refuses_hangs_and_opens_again() {
    let echo = Echo::start();
    let proxy = FaultProxy::before(echo.address);
    for _ in 0..2 {
        proxy.set_door(Door::Refused);
        let refused = TcpStream::connect_timeout(&proxy.address(), LIMIT).expect_err("nobody there");
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        proxy.set_door(Door::Hung);
        let hung = TcpStream::connect_timeout(&proxy.address(), Duration::from_millis(50)).expect_err("nobody there");
        assert_eq!(hung.kind(), ErrorKind::TimedOut);
        proxy.set_door(Door::Open);
        assert_eq!(converse(&proxy, LETTER).0, LETTER);
    }
    assert_eq!(proxy.counts().connections, 2);
}

#[test]
fn what_is_frozen_stands_still_and_goes_on_without_a_byte_lost() {
    let echo = Echo::start();
    let proxy = FaultProxy::before(echo.address);
    let mut stream = open(&proxy);
    let mut back = vec![0; LETTER.len()];
    for _ in 0..3 {
        proxy.freeze();
        let before = echo.heard().first().map_or(0, Vec::len);
        stream.write_all(LETTER).expect("the kernel takes it");
        assert_eq!(echo.heard().first().map_or(0, Vec::len), before);
        proxy.thaw();
        stream.read_exact(&mut back).expect("it comes back");
        assert_eq!(back, LETTER);
    }
}

#[test]
fn a_trickle_and_a_late_line_bring_everything() {
    let echo = Echo::start();
    let proxy = FaultProxy::before(echo.address);
    let late = Flow::late(Duration::from_millis(1));
    let course = Course { request: late.clone(), answer: late };
    proxy.queue([
        Plan::slow_request(7, Duration::from_millis(1)),
        Plan::slow_answer(7, Duration::from_millis(1)),
        Plan { course, ..Plan::default() },
    ]);
    for _ in 0..3 {
        assert_eq!(converse(&proxy, LETTER).0, LETTER);
    }
}

#[test]
fn a_chooser_sees_each_request_and_says_what_becomes_of_it() {
    let echo = Echo::start();
    let proxy = FaultProxy::before(echo.address);
    let seen: Arc<Mutex<Vec<Exchange>>> = Arc::default();
    let noted = Arc::clone(&seen);
    proxy.set_chooser(Arc::new(move |request| {
        let mut seen = noted.lock().expect("no panic");
        seen.push(request.clone());
        if seen.len() == 3 { Course::cut_answer(9, Cut::Close) } else { Course::default() }
    }));
    let letter = |id: &str| {
        let body = format!("<TrxId>{id}</TrxId>");
        format!("POST / HTTP/1.1\r\nMsgTp: epcc.201\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    let mut stream = open(&proxy);
    for (place, id) in ["a", "bb", "ccc"].into_iter().enumerate() {
        let letter = letter(id);
        stream.write_all(letter.as_bytes()).expect("sent");
        let mut back = vec![0; if place == 2 { 9 } else { letter.len() }];
        stream.read_exact(&mut back).expect("an answer");
        assert_eq!(back, &letter.as_bytes()[..back.len()]);
        let seen = seen.lock().expect("no panic")[place].clone();
        assert_eq!((seen.header("msgtp"), seen.element("TrxId")), (Some("epcc.201"), Some(id)));
        assert_eq!((seen.bytes(), seen.bytes()[seen.head_bytes()]), (letter.as_bytes(), b'<'));
    }
    assert_eq!(stream.read(&mut [0]).expect("an end"), 0);
}
