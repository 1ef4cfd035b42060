//! The words of a probe, and what each kind of answer says of its link.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::{BeijingTime, Direction, InstitutionId, SerialNumber};
use clearway_codec::{Decoder, Header, Values, append_signature, encode};
use clearway_crypto::{Backends, KeyRing, SignJob, SigningKey, Suite};

use super::*;
use crate::clock::Clock;
use crate::config::{LinkRole, LinksSection, Participant, ParticipantKind, Participants};
use crate::domain::link::Observation;
use crate::net::link::Board;
use crate::net::transport::Connector;

const NODE: &[u8] = b"G4000311000018";
const BANK: &[u8] = b"C1000111000015";
const NOW_US: u64 = 1_790_000_000_000_000;

struct Keys {
    node: Arc<SigningKey>,
    bank: SigningKey,
    ring: Arc<KeyRing>,
}

fn keys() -> Keys {
    let (node, bank) = (SigningKey::generate(Suite::Ed25519).unwrap(), SigningKey::generate(Suite::Ed25519).unwrap());
    let bank_id = BANK.try_into().unwrap();
    let ring = KeyRing::builder().add(bank_id, *b"4200000001", bank.verifying_key().clone(), 0, u64::MAX);
    Keys { node: Arc::new(node), bank, ring: Arc::new(ring.build().unwrap()) }
}

fn voice(keys: &Keys) -> Voice {
    let ring = Arc::clone(&keys.ring);
    Voice {
        from: InstitutionId::parse(NODE).unwrap(),
        serial: SerialNumber::parse(b"4000000001").unwrap(),
        key: Arc::clone(&keys.node),
        backends: Backends::default(),
        ring: Box::new(move || Arc::clone(&ring)),
    }
}

fn bank(address: SocketAddr) -> Participant {
    let endpoint = format!("http://{address}/epcc").parse().unwrap();
    Participant::new(0, InstitutionId::parse(BANK).unwrap(), ParticipantKind::Bank, endpoint)
}

fn nowhere() -> Participant {
    bank("127.0.0.1:9".parse().unwrap())
}

/// A 992 of the bank.
fn answer(key: &SigningKey, issuer: &[u8], nonce: &[u8]) -> Vec<u8> {
    let header = Header {
        message_type: MessageType::Epcc992,
        issuer: InstitutionId::parse(issuer).unwrap(),
        direction: Direction::PAYER_BANK_TO_SWITCH,
        sign_sn: SerialNumber::parse(b"4200000001").unwrap(),
        sent_at: BeijingTime::from_unix_micros(NOW_US),
    };
    let mut values = Values::new();
    values.set(Field::InstgId, issuer).set(Field::Nonce, nonce);
    let mut out = BytesMut::new();
    let signed = encode(&mut out, MessageType::Epcc992, &header, &values).unwrap();
    let signature = Backends::default().sign(&SignJob { key, message: &out[signed] }).unwrap();
    append_signature(&mut out, signature.as_bytes());
    out.to_vec()
}

#[test]
fn a_probe_is_a_signed_991_with_its_nonce() {
    let keys = keys();
    let body = voice(&keys).ask(&nowhere(), 0xabc, NOW_US).unwrap();
    let mut decoder = Decoder::new();
    let message = decoder.decode(&body).unwrap().check().unwrap();
    assert_eq!(message.message_type(), MessageType::Epcc991);
    assert_eq!(message.header().issuer.as_bytes(), NODE);
    assert_eq!(message.field(Field::Nonce), Some(b"0000000000000abc".as_slice()));
    assert!(message.signature_text().is_some());
}

#[test]
fn only_what_the_participant_signed_for_this_probe_is_good() {
    let keys = keys();
    let stranger = SigningKey::generate(Suite::Ed25519).unwrap();
    let nonce = b"0000000000000007";
    let mut cut = answer(&keys.bank, BANK, nonce);
    cut.truncate(cut.len() - 3);
    for (what, body, expected) in [
        ("good", answer(&keys.bank, BANK, nonce), Observation::ProbeGood),
        ("an old one", answer(&keys.bank, BANK, b"0000000000000006"), Observation::ProbeErring),
        ("another key", answer(&stranger, BANK, nonce), Observation::ProbeErring),
        ("another participant", answer(&keys.bank, b"C1000244000024", nonce), Observation::ProbeErring),
        ("cut", cut, Observation::ProbeErring),
        ("a page", b"<html>welcome</html>".to_vec(), Observation::ProbeErring),
        ("nothing", Vec::new(), Observation::ProbeErring),
    ] {
        assert_eq!(voice(&keys).judge(&nowhere(), 7, &body, NOW_US), expected, "{what}");
    }
}

/// A bank that answers every probe with `respond(nonce)`, as a whole HTTP response.
fn listen(respond: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut read = vec![0; 8 * 1024];
            let mut length = 0;
            while !read[..length].ends_with(b"}") {
                match stream.read(&mut read[length..]) {
                    Ok(more) if more > 0 => length += more,
                    _ => break,
                }
            }
            let text = String::from_utf8_lossy(&read[..length]).into_owned();
            let nonce = text.split("<Nonce>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or("");
            let _ = stream.write_all(&respond(nonce.as_bytes()));
        }
    });
    address
}

fn http(status: u16, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Waits until the first link of the board is in `state`.
fn await_state(board: &Board, state: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    while board.view()[0].state != state {
        assert!(Instant::now() < end, "never {state}: {:?}", board.view()[0]);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Story: a bank goes away and comes back; the prober sees both by itself, without any traffic.
#[test]
fn the_thread_brings_links_down_and_up_again() {
    let keys = keys();
    let signing = Arc::new(keys.bank);
    let mute = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let (signer, silent) = (Arc::clone(&signing), Arc::clone(&mute));
    let address = listen(move |nonce| {
        if silent.load(std::sync::atomic::Ordering::Relaxed) {
            return http(503, b"");
        }
        http(200, &answer(&signer, BANK, nonce))
    });
    let section = LinksSection {
        probe_interval_ms: 20,
        probe_fast_ms: 10,
        probe_timeout_ms: 10_000,
        hold_down_ms: 20,
        errors_in_row_max: 2,
        ..LinksSection::default()
    };
    let mut participant = bank(address);
    participant.links[0].role = LinkRole::Active;
    let participants = Participants::new(vec![participant]).unwrap();
    let board = Board::new(&participants, &section, 1, &Clock::real(), |_, _| Connector::plain());
    let keys = Keys { node: keys.node, bank: SigningKey::generate(Suite::Ed25519).unwrap(), ring: keys.ring };
    let prober = Prober::start(Arc::clone(&board), voice(&keys)).unwrap();
    await_state(&board, "down");
    assert!(!board.is_reachable(0));
    mute.store(false, std::sync::atomic::Ordering::Relaxed);
    await_state(&board, "trial");
    assert!(board.is_reachable(0));
    drop(prober);
}
