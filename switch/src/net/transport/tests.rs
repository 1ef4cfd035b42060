//! Handshakes over real sockets: who gets a connection and who does not, in both directions and both versions, at the
//! first handshake, after a resumption and after a reload.

use std::sync::Arc;
use std::time::Duration;

use clearway_crypto::transport::Versions;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::HandshakeKind;

use super::samples::{Authority, BEGIN_S, DAY_S, Issued};
use super::*;
use crate::clock::{Clock, ClockHand};

const NODE: &str = "g4000311000018.switch.internal";
const BANK: &str = "c1030844001362.participant.internal";
const OTHER: &str = "c1010211000012.participant.internal";
const VERSIONS: [Versions; 2] = [Versions::Tls12, Versions::Tls13];
const OPTIONS: DoorOptions = DoorOptions { handshakes_max: 8, handshake_timeout: Duration::from_secs(60) };

fn clock(days: u64) -> (Clock, ClockHand) {
    Clock::settable((BEGIN_S + days * DAY_S) * 1_000_000)
}

/// What came of one connection: the acceptor's and the connector's side.
struct Met {
    accepted: Result<Accepted, Refusal>,
    connected: Result<Transport, ConnectFault>,
}

impl Met {
    fn verdicts(&self) -> (Option<Refusal>, Option<ConnectFault>) {
        (self.accepted.as_ref().err().copied(), self.connected.as_ref().err().copied())
    }

    fn kind(&self) -> Option<HandshakeKind> {
        match &self.connected {
            Ok(Transport::Tls(pipe)) => pipe.session().handshake_kind(),
            _ => None,
        }
    }
}

/// One connection and, if there is one, a word each way over it.
async fn meet(acceptor: &Acceptor, connector: &Connector) -> Met {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let accept = async { acceptor.accept(listener.accept().await.unwrap().0).await };
    let (mut accepted, mut connected) = tokio::join!(accept, connector.connect(&authority));
    if let (Ok(Accepted { transport: server, .. }), Ok(client)) = (&mut accepted, &mut connected) {
        let mut word = [0; 4];
        client.write_all(b"ping").await.unwrap();
        client.flush().await.unwrap();
        server.read_exact(&mut word).await.unwrap();
        server.write_all(&word).await.unwrap();
        server.flush().await.unwrap();
        client.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"ping");
    }
    Met { accepted, connected }
}

fn acceptor(tls: &Arc<Tls>) -> Acceptor {
    Acceptor::behind(Arc::clone(tls), Door::open(OPTIONS).unwrap())
}

fn connector(tls: &Arc<Tls>, name: &str) -> Connector {
    Connector::tls(Arc::clone(tls), name).unwrap()
}

#[tokio::test]
async fn words_pass_over_plain_tcp_and_over_tls_and_tls_tells_who_is_there() {
    let met = meet(&Acceptor::plain(), &Connector::plain()).await;
    assert!(met.connected.is_ok() && met.accepted.unwrap().peer.is_none());
    let (ca, (clock, _)) = (Authority::new("test CA"), clock(1));
    for versions in VERSIONS {
        let node = ca.tls(&ca.issue(&[NODE], 1, 90), versions, &clock);
        let bank = ca.tls(&ca.issue(&[BANK], 2, 60), versions, &clock);
        for acceptor in [acceptor(&node), Acceptor::here(Arc::clone(&node), OPTIONS.handshake_timeout)] {
            let met = meet(&acceptor, &connector(&bank, NODE)).await;
            let peer = met.accepted.unwrap().peer.unwrap();
            assert_eq!((peer.names(), peer.until_s()), (&[BANK.to_owned()][..], BEGIN_S + 60 * DAY_S));
        }
    }
}

struct Case {
    what: &'static str,
    shown: fn(&Authority, &Authority) -> Issued,
    revoked: &'static [u64],
    refusal: Refusal,
}

/// Certificates that nobody believes ten days in.
const CASES: [Case; 4] = [
    Case {
        what: "unknown CA",
        shown: |_, stranger| stranger.issue(&[BANK], 7, 90),
        revoked: &[],
        refusal: Refusal::UnknownAuthority,
    },
    Case { what: "expired", shown: |ca, _| ca.issue(&[BANK], 7, 9), revoked: &[], refusal: Refusal::Expired },
    Case { what: "revoked", shown: |ca, _| ca.issue(&[BANK], 7, 90), revoked: &[7], refusal: Refusal::Revoked },
    Case {
        what: "unknown CA beside a list",
        shown: |_, stranger| stranger.issue(&[BANK], 7, 90),
        revoked: &[8],
        refusal: Refusal::UnknownAuthority,
    },
];

fn tls(issued: &Issued, trust: clearway_crypto::transport::Trust, versions: Versions, clock: &Clock) -> Arc<Tls> {
    Tls::new(Material { credentials: issued.credentials(), trust, versions }, clock.clone()).unwrap()
}

#[tokio::test]
async fn whoever_shows_a_bad_certificate_is_not_let_in() {
    let (ca, stranger, (clock, _)) = (Authority::new("test CA"), Authority::new("strange CA"), clock(10));
    for (case, versions) in CASES.iter().flat_map(|case| VERSIONS.map(|versions| (case, versions))) {
        let node = tls(&ca.issue(&[NODE], 1, 90), ca.trust(case.revoked), versions, &clock);
        let bank = tls(&(case.shown)(&ca, &stranger), ca.trust(&[]), versions, &clock);
        let met = meet(&acceptor(&node), &connector(&bank, NODE)).await;
        assert_eq!(met.verdicts().0, Some(case.refusal), "{} {versions:?}", case.what);
        match (versions, met.connected) {
            // TLS 1.3 tells a client after its handshake: with the first answer that it waits for.
            (Versions::Tls13, Ok(mut transport)) => {
                let error = transport.read(&mut [0; 1]).await.unwrap_err();
                assert!(own_certificate_refused(&error), "{} {error}", case.what);
            }
            (_, connected) => {
                let refused = ConnectFault::Certificate(Refusal::OwnRefused);
                assert_eq!(connected.unwrap_err(), refused, "{} {versions:?}", case.what);
            }
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_to_whoever_shows_a_bad_certificate() {
    let (ca, stranger, (clock, _)) = (Authority::new("test CA"), Authority::new("strange CA"), clock(10));
    for (case, versions) in CASES.iter().flat_map(|case| VERSIONS.map(|versions| (case, versions))) {
        let bank = tls(&(case.shown)(&ca, &stranger), ca.trust(&[]), versions, &clock);
        let node = tls(&ca.issue(&[NODE], 1, 90), ca.trust(case.revoked), versions, &clock);
        let met = meet(&acceptor(&bank), &connector(&node, BANK)).await;
        let faults = (Some(Refusal::OwnRefused), Some(ConnectFault::Certificate(case.refusal)));
        assert_eq!(met.verdicts(), faults, "{} {versions:?}", case.what);
    }
    for versions in VERSIONS {
        let bank = ca.tls(&ca.issue(&[OTHER], 7, 90), versions, &clock);
        let node = ca.tls(&ca.issue(&[NODE], 1, 90), versions, &clock);
        let met = meet(&acceptor(&bank), &connector(&node, BANK)).await;
        assert_eq!(met.verdicts().1, Some(ConnectFault::Certificate(Refusal::WrongName)), "{versions:?}");
    }
}

#[tokio::test]
async fn a_resumed_session_is_judged_like_a_new_one() {
    let ca = Authority::new("test CA");
    for (versions, ends) in VERSIONS.into_iter().flat_map(|versions| ["client", "server"].map(|ends| (versions, ends)))
    {
        let (clock, hand) = clock(9);
        let days = |side| if side == ends { 10 } else { 90 };
        let node = ca.tls(&ca.issue(&[NODE], 1, days("server")), versions, &clock);
        let bank = ca.tls(&ca.issue(&[BANK], 2, days("client")), versions, &clock);
        let (acceptor, connector) = (acceptor(&node), connector(&bank, NODE));
        let what = format!("{versions:?}, that of the {ends} ends");
        // Close enough to the end that the tickets outlive the certificate.
        hand.advance((DAY_S - 60) * 1_000_000);
        for kind in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let met = meet(&acceptor, &connector).await;
            assert_eq!((met.verdicts(), met.kind()), ((None, None), Some(kind)), "{what}");
        }
        hand.advance(120 * 1_000_000);
        let met = meet(&acceptor, &connector).await;
        match ends {
            "client" => assert_eq!(met.verdicts().0, Some(Refusal::Expired), "{what}"),
            _ => assert_eq!(met.verdicts().1, Some(ConnectFault::Certificate(Refusal::Expired)), "{what}"),
        }
    }
}

#[tokio::test]
async fn a_reload_makes_tickets_worthless_and_judges_by_the_new_lists() {
    let ca = Authority::new("test CA");
    for versions in VERSIONS {
        let (clock, _) = clock(1);
        let issued = ca.issue(&[NODE], 1, 90);
        let node = ca.tls(&issued, versions, &clock);
        let bank = ca.tls(&ca.issue(&[BANK], 7, 90), versions, &clock);
        let (acceptor, connector) = (acceptor(&node), connector(&bank, NODE));
        let mut peer = None;
        let reload = |revoked: &[u64]| {
            let material = Material { credentials: issued.credentials(), trust: ca.trust(revoked), versions };
            node.install(node.prepare(material).unwrap())
        };
        for (generation, kind) in [(1, HandshakeKind::Full), (1, HandshakeKind::Resumed), (2, HandshakeKind::Full)] {
            if generation != node.generation() {
                assert_eq!(reload(&[]), generation);
            }
            let met = meet(&acceptor, &connector).await;
            assert_eq!(met.kind(), Some(kind), "{versions:?} {generation}");
            peer = met.accepted.unwrap().peer;
        }
        let peer = peer.unwrap();
        assert_eq!(acceptor.check(&peer), Ok(()));
        assert_eq!((reload(&[7]), acceptor.generation()), (3, 3));
        assert_eq!(acceptor.check(&peer), Err(Refusal::Revoked));
        assert_eq!(meet(&acceptor, &connector).await.verdicts().0, Some(Refusal::Revoked), "{versions:?}");
    }
}

#[tokio::test]
async fn a_connection_to_a_certificate_that_ends_is_of_an_older_generation() {
    let (ca, (clock, hand)) = (Authority::new("test CA"), clock(1));
    let node = ca.tls(&ca.issue(&[NODE], 1, 90), Versions::Both, &clock);
    let bank = ca.tls(&ca.issue(&[BANK], 2, 2), Versions::Both, &clock);
    let (acceptor, connector) = (acceptor(&bank), connector(&node, BANK));
    assert_eq!(meet(&acceptor, &connector).await.verdicts(), (None, None));
    assert!(!node.retire_expired());
    assert_eq!(connector.generation(), 1);
    hand.advance((DAY_S + 1) * 1_000_000);
    assert!(node.retire_expired());
    assert_eq!(connector.generation(), 2);
    assert!(!node.retire_expired(), "once is enough");
}

#[tokio::test]
async fn the_door_bounds_who_waits_and_for_how_long() {
    let (ca, (clock, _)) = (Authority::new("test CA"), clock(1));
    let node = ca.tls(&ca.issue(&[NODE], 1, 90), Versions::Both, &clock);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = async || {
        let (client, accepted) = tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        (client.unwrap(), accepted.unwrap().0)
    };
    let at_once = Door::open(DoorOptions { handshakes_max: 1, handshake_timeout: Duration::ZERO }).unwrap();
    let (_client, stream) = silent().await;
    assert_eq!(Acceptor::behind(Arc::clone(&node), at_once).accept(stream).await.unwrap_err(), Refusal::TimedOut);

    let door = Door::open(DoorOptions { handshakes_max: 1, ..OPTIONS }).unwrap();
    let acceptor = Acceptor::behind(Arc::clone(&node), door);
    let ((first, held), (_second, refused)) = (silent().await, silent().await);
    let (held, refused) = tokio::join!(
        biased;
        async { acceptor.accept(held).await.unwrap_err() },
        async {
            let refused = acceptor.accept(refused).await.unwrap_err();
            // The first one goes away without a word; its place is free again.
            drop(first);
            refused
        }
    );
    assert_eq!((held, refused), (Refusal::Protocol, Refusal::Busy));
    let bank = ca.tls(&ca.issue(&[BANK], 2, 90), Versions::Both, &clock);
    assert_eq!(meet(&acceptor, &connector(&bank, NODE)).await.verdicts(), (None, None));
}

#[tokio::test]
async fn what_is_no_tls_or_no_listener_is_told_apart() {
    let (ca, (clock, _)) = (Authority::new("test CA"), clock(1));
    let node = ca.tls(&ca.issue(&[NODE], 1, 90), Versions::Both, &clock);
    let met = meet(&Acceptor::plain(), &Connector::plain()).await;
    assert!(met.connected.is_ok());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let plain = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    };
    let connector = connector(&node, BANK);
    let connecting = async { connector.connect(&authority).await.map(drop) };
    let ((), outcome) = tokio::join!(plain, connecting);
    assert_eq!(outcome, Err(ConnectFault::Handshake));
    drop(listener);
    assert_eq!(connector.connect(&authority).await.map(drop), Err(ConnectFault::Refused));
    assert!(Connector::tls(node, "no name").is_err());
}
