//! The listening side over mutual TLS: who is let in, for whom it speaks, and what ends a connection.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use bytes::Bytes;
use clearway_codec::catalogue::MessageType;
use clearway_crypto::transport::{Material, Versions};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::{LocalSet, spawn_local};

use super::{Entrance, Limits, PATH, serve};
use crate::clock::{Clock, ClockHand};
use crate::domain::link::LinkNumber;
use crate::metrics::{Metrics, Spent};
use crate::net::transport::samples::{Authority, BEGIN_S, DAY_S, Issued};
use crate::net::transport::{Acceptor, Connector, Door, DoorOptions, Identity, Names, Tls};
use crate::net::{Answer, Delivery, Exchange, Gate, Reply, Sent};

const NODE: &str = "g4000311000018.switch.internal";
const BANK: &str = "c1030844001362.participant.internal";
const OTHER: &str = "c1010211000012.participant.internal";

/// Answers with the identity of the sender, at once or when it is told to.
#[derive(Clone, Default)]
struct Echo {
    held: Rc<RefCell<Vec<Exchange>>>,
    holds: Rc<Cell<bool>>,
    came: Rc<Notify>,
}

impl Echo {
    fn answer(exchange: Exchange) {
        let text = format!("{:?}", exchange.identity);
        let _ = exchange.answer(Reply::message(MessageType::Epcc303, Bytes::from(text)));
    }
}

impl Gate for Echo {
    type Ticket = ();

    fn refuse_early(&self) -> Option<Reply> {
        None
    }

    fn requested(&self, _: Bytes, exchange: Exchange) {
        if self.holds.get() {
            self.held.borrow_mut().push(exchange);
        } else {
            Self::answer(exchange);
        }
        self.came.notify_one();
    }

    fn settled(&self, _: u128, _: Option<Delivery>) {}

    fn answered(&self, (): (), _: Answer, _: Sent, _: LinkNumber) {}
}

/// A listener over TLS, with two participants known to it: 3 is the bank, 5 the other.
struct House {
    ca: Authority,
    node: Issued,
    tls: Arc<Tls>,
    hand: ClockHand,
    clock: Clock,
    gate: Echo,
    metrics: Arc<Metrics>,
    address: SocketAddr,
}

impl House {
    fn open(versions: Versions, connections_max: usize) -> Self {
        let ca = Authority::new("test CA");
        let (clock, hand) = Clock::settable((BEGIN_S + DAY_S) * 1_000_000);
        let node = ca.issue(&[NODE], 1, 90);
        let tls = ca.tls(&node, versions, &clock);
        let options = DoorOptions { handshakes_max: 16, handshake_timeout: Duration::from_secs(60) };
        let metrics = Metrics::new(1, Vec::new(), clock.clone());
        let gate = Echo::default();
        let entrance = Entrance {
            gate: gate.clone(),
            limits: Limits {
                connections_max,
                body_bytes_max: 1_000,
                head_bytes_max: 8_192,
                headers_max: 32,
                receive_timeout: Duration::from_secs(60),
                sweep_interval: Duration::from_millis(5),
            },
            acceptor: Acceptor::behind(Arc::clone(&tls), Door::open(options).unwrap()),
            names: Arc::new(Names::new([(BANK, 3), (OTHER, 5)])),
            open: Arc::new(AtomicUsize::new(0)),
            issuer: HeaderValue::from_static("G4000311000018"),
            metrics: metrics.worker(0),
            spent: Spent::default(),
        };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        spawn_local(async move { serve(listener, entrance, &Notify::new()).await.unwrap() });
        Self { ca, node, tls, hand, clock, gate, metrics, address }
    }

    fn connector(&self, issued: &Issued) -> Connector {
        Connector::tls(self.ca.tls(issued, Versions::Both, &self.clock), NODE).unwrap()
    }

    /// A connection of who shows this certificate, ready for requests.
    async fn visit(&self, issued: &Issued) -> Visitor {
        let stream = self.connector(issued).connect(&self.address.to_string()).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        let ended = Rc::new(Notify::new());
        let end = Rc::clone(&ended);
        spawn_local(async move {
            let _ = connection.await;
            end.notify_one();
        });
        Visitor { sender, ended }
    }

    fn reload(&self, revoked: &[u64]) {
        let material =
            Material { credentials: self.node.credentials(), trust: self.ca.trust(revoked), versions: Versions::Both };
        self.tls.install(self.tls.prepare(material).unwrap());
    }

    /// How often connections were refused for this reason.
    fn refused(&self, kind: &str) -> u64 {
        let line = format!("clearway_tls_refused_total{{kind=\"{kind}\"}} ");
        let page = self.metrics.render();
        let count = page.lines().find_map(|text| text.strip_prefix(&line)).expect("the metric is there");
        count.parse().unwrap()
    }
}

struct Visitor {
    sender: SendRequest<Full<Bytes>>,
    ended: Rc<Notify>,
}

impl Visitor {
    fn send(&mut self) -> impl Future<Output = hyper::Result<Response<Incoming>>> + use<> {
        let request = Request::post(PATH).header("content-length", 1).body(Full::new(Bytes::from_static(b"x")));
        self.sender.send_request(request.unwrap())
    }

    async fn ask(&mut self) -> (StatusCode, String) {
        read(self.send().await.unwrap()).await
    }
}

async fn read(response: Response<Incoming>) -> (StatusCode, String) {
    let status = response.status();
    (status, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

async fn locally<T>(test: impl Future<Output = T>) -> T {
    LocalSet::new().run_until(test).await
}

#[tokio::test]
async fn a_connection_speaks_for_those_whom_its_certificate_names() {
    locally(async {
        for versions in [Versions::Tls12, Versions::Tls13] {
            let house = House::open(versions, 8);
            for (names, speaks) in [
                (&[BANK][..], Identity::One(3)),
                (&[OTHER, "watch.operator.internal"], Identity::One(5)),
                (&[BANK, OTHER], Identity::Several([3, 5].into())),
            ] {
                let mut visitor = house.visit(&house.ca.issue(names, 7, 90)).await;
                for _ in 0..2 {
                    assert_eq!(visitor.ask().await, (StatusCode::OK, format!("{speaks:?}")), "{names:?} {versions:?}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_is_no_participant_is_not_let_in() {
    locally(async {
        let house = House::open(Versions::Both, 8);
        let stranger = house.ca.issue(&["watch.operator.internal", NODE], 7, 90);
        let mut visitor = house.visit(&stranger).await;
        assert!(visitor.send().await.is_err());
        assert_eq!(house.refused("wrong_name"), 1);
        let elsewhere = Authority::new("strange CA").issue(&[BANK], 7, 90);
        let mut visitor = house.visit(&elsewhere).await;
        assert!(visitor.send().await.is_err());
        assert_eq!(house.refused("unknown_authority"), 1);
        assert_eq!(house.refused("revoked"), 0);
    })
    .await;
}

#[tokio::test]
async fn a_handshake_counts_as_a_connection() {
    locally(async {
        let house = House::open(Versions::Both, 1);
        let silent = TcpStream::connect(house.address).await.unwrap();
        let mut second = TcpStream::connect(house.address).await.unwrap();
        assert_eq!(second.read(&mut [0; 1]).await.unwrap_or(0), 0, "closed unread");
        drop(silent);
        // Its place is free once its end has been noticed.
        let bank = house.ca.issue(&[BANK], 7, 90);
        let connector = house.connector(&bank);
        while connector.connect(&house.address.to_string()).await.is_err() {}
    })
    .await;
}

#[tokio::test]
async fn who_is_revoked_gets_the_answer_that_is_due_and_nothing_more() {
    locally(async {
        let house = House::open(Versions::Both, 8);
        let (bank, other) = (house.ca.issue(&[BANK], 7, 90), house.ca.issue(&[OTHER], 8, 90));
        let (mut idle, mut busy, mut good) =
            (house.visit(&bank).await, house.visit(&bank).await, house.visit(&other).await);
        for visitor in [&mut idle, &mut busy, &mut good] {
            assert_eq!(visitor.ask().await.0, StatusCode::OK);
        }
        house.gate.holds.set(true);
        let due = spawn_local(busy.send());
        // The three questions before have left one notification.
        while house.gate.held.borrow().is_empty() {
            house.gate.came.notified().await;
        }
        house.reload(&[7]);
        idle.ended.notified().await;
        let held = house.gate.held.borrow_mut().pop().unwrap();
        Echo::answer(held);
        let (status, text) = read(due.await.unwrap().unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{text}");
        busy.ended.notified().await;
        house.gate.holds.set(false);
        assert_eq!(good.ask().await.0, StatusCode::OK);
        assert!(house.refused("revoked") >= 2);
        let mut again = house.visit(&bank).await;
        assert!(again.send().await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_connection_ends_with_its_certificate() {
    locally(async {
        let house = House::open(Versions::Both, 8);
        let mut brief = house.visit(&house.ca.issue(&[BANK], 7, 2)).await;
        let mut long = house.visit(&house.ca.issue(&[BANK], 8, 90)).await;
        assert_eq!((brief.ask().await.0, long.ask().await.0), (StatusCode::OK, StatusCode::OK));
        house.hand.advance((DAY_S + 1) * 1_000_000);
        brief.ended.notified().await;
        assert_eq!(long.ask().await.0, StatusCode::OK);
    })
    .await;
}
