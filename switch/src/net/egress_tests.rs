//! Egress over several links, against listeners that misbehave on purpose.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use clearway_codec::catalogue::MessageType;
use clearway_codec::value::InstitutionId;
use http::HeaderValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{LocalSet, spawn_local};

use super::egress::{LineConfig, Lines, Outbound};
use super::link::{Board, Request};
use super::transport::Connector;
use super::{Answer, Delivery, Exchange, Gate, Reply, Sent, Trouble};
use crate::clock::Clock;
use crate::config::{LinkConfig, LinkRole, LinksSection, Participant, ParticipantKind, Participants};
use crate::domain::link::{LinkNumber, Observation};
use crate::metrics::Spent;

const BANK: &[u8] = b"C1000111000015";

/// What a listener does with every connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Answers every request with this status.
    Answer(u16),
    /// Reads a whole request, then closes.
    Cut,
    /// Reads a whole request and says nothing until it is told to.
    Hold,
}

/// One listener, and what it was sent.
#[derive(Clone)]
struct Far {
    address: SocketAddr,
    manner: Rc<RefCell<Manner>>,
    heard: Rc<RefCell<Vec<String>>>,
    came: Rc<Notify>,
    go: Rc<Notify>,
}

impl Far {
    async fn listen(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let far = Self {
            address: listener.local_addr().unwrap(),
            manner: Rc::new(RefCell::new(manner)),
            heard: Rc::default(),
            came: Rc::default(),
            go: Rc::default(),
        };
        let serving = far.clone();
        spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let far = serving.clone();
                spawn_local(async move { far.serve(stream).await });
            }
        });
        far
    }

    /// An address where nobody listens.
    fn nobody() -> SocketAddr {
        std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut read = Vec::new();
        loop {
            let Ok(more) = stream.read_buf(&mut read).await else { return };
            if more == 0 {
                return;
            }
            let text = String::from_utf8_lossy(&read).into_owned();
            let Some((_, body)) = text.split_once("\r\n\r\n").filter(|(_, body)| body.ends_with('.')) else { continue };
            self.heard.borrow_mut().push(body.to_owned());
            self.came.notify_one();
            read.clear();
            let manner = *self.manner.borrow();
            let status = match manner {
                Manner::Cut => return,
                Manner::Hold => {
                    self.go.notified().await;
                    200
                }
                Manner::Answer(status) => status,
            };
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 3\r\n\r\nyes");
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.borrow().clone()
    }
}

type Outcome = (u32, Answer, LinkNumber);

#[derive(Clone, Default)]
struct Ears {
    outcomes: Rc<RefCell<Vec<Outcome>>>,
    came: Rc<Notify>,
}

impl Gate for Ears {
    type Ticket = u32;

    fn refuse_early(&self) -> Option<Reply> {
        None
    }

    fn requested(&self, _: Bytes, _: Exchange) {}

    fn settled(&self, _: u128, _: Option<Delivery>) {}

    fn answered(&self, ticket: u32, answer: Answer, _: Sent, link: LinkNumber) {
        self.outcomes.borrow_mut().push((ticket, answer, link));
        self.came.notify_one();
    }
}

/// One worker with the links of one bank.
struct Bench {
    ears: Ears,
    lines: Lines<Ears>,
    board: Arc<Board>,
}

impl Bench {
    fn new(links: &[(SocketAddr, LinkRole)]) -> Self {
        Self::with(links, |_| {}, &LinksSection::default())
    }

    fn with(links: &[(SocketAddr, LinkRole)], change: impl Fn(&mut LinkConfig), section: &LinksSection) -> Self {
        let link = |(place, (address, role)): (usize, &(SocketAddr, LinkRole))| {
            let mut link = LinkConfig::main(format!("http://{address}/epcc").parse().unwrap());
            (link.name, link.role) = (format!("link-{}", place + 1), *role);
            change(&mut link);
            link
        };
        let links: Vec<_> = links.iter().enumerate().map(link).collect();
        let endpoint = links[0].endpoint.clone();
        let mut bank = Participant::new(0, InstitutionId::parse(BANK).unwrap(), ParticipantKind::Bank, endpoint);
        bank.links = links;
        let configs = bank.links.iter().map(|link| config(link, bank.connections_max)).collect();
        let participants = Participants::new(vec![bank]).unwrap();
        let board = Board::new(&participants, section, 1, &Clock::real(), |_, _| Connector::plain());
        let ears = Ears::default();
        let mut lines = Lines::new(ears.clone(), Arc::clone(&board), 0, Spent::default());
        lines.set(0, configs);
        Self { ears, lines, board }
    }

    fn post(&self, ticket: u32) {
        self.post_before(ticket, Instant::now() + Duration::from_secs(30));
    }

    fn post_before(&self, ticket: u32, send_before: Instant) {
        let message = Outbound {
            message_type: MessageType::Epcc201,
            originator: HeaderValue::from_static("Z2000133000017"),
            body: Bytes::from(format!("message {ticket}.")),
            send_before,
        };
        self.lines.send(0, ticket, message);
    }

    /// An outcome, as soon as there is one.
    async fn outcome(&self) -> Outcome {
        loop {
            if let Some(first) = self.ears.outcomes.borrow_mut().pop() {
                return first;
            }
            self.ears.came.notified().await;
        }
    }

    fn see(&self, link: u8, seen: Observation) {
        self.board.bundle(0).unwrap().probe_ended(number(link), seen, u64::MAX);
    }

    fn order(&self, text: &str) {
        let request = Request::read(text.as_bytes()).unwrap();
        self.board.change(&request, 1, &|_| Ok(())).unwrap();
    }

    fn state(&self, link: usize) -> &'static str {
        self.board.view()[link - 1].state
    }
}

fn config(link: &LinkConfig, connections_max: u16) -> LineConfig {
    LineConfig {
        authority: link.endpoint.authority().to_owned(),
        path: link.endpoint.path().to_owned(),
        connections_max: usize::from(link.connections_max.unwrap_or(connections_max)),
        connect_timeout: Duration::from_secs(5),
        answer_timeout: Duration::from_secs(20),
        body_bytes_max: 1_000,
    }
}

fn number(link: u8) -> LinkNumber {
    LinkNumber::new(link).unwrap()
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, async { tokio::time::timeout(Duration::from_secs(60), test).await.unwrap() });
}

#[test]
fn a_message_of_which_nothing_left_takes_the_standby() {
    run(async {
        let standby = Far::listen(Manner::Answer(200)).await;
        let bench = Bench::new(&[(Far::nobody(), LinkRole::Active), (standby.address, LinkRole::Standby)]);
        bench.post(1);
        let (ticket, answer, link) = bench.outcome().await;
        assert!(matches!(answer, Answer::Message(_)) && (ticket, link) == (1, number(2)), "{answer:?} over {link}");
        assert_eq!((standby.heard(), bench.state(1)), (vec!["message 1.".to_owned()], "down"));
        bench.post(2);
        assert_eq!(bench.outcome().await.2, number(2));
        assert_eq!(standby.heard().len(), 2);
    });
}

#[test]
fn a_message_that_may_have_left_is_never_sent_again() {
    run(async {
        let (active, standby) = (Far::listen(Manner::Cut).await, Far::listen(Manner::Answer(200)).await);
        for role in [LinkRole::Standby, LinkRole::Active] {
            let bench = Bench::new(&[(active.address, LinkRole::Active), (standby.address, role)]);
            bench.post(1);
            let (_, answer, link) = bench.outcome().await;
            assert!(matches!(answer, Answer::Unknown(Trouble::Broken)), "{answer:?}");
            assert_eq!((link, bench.state(1)), (number(1), "suspect"));
        }
        assert_eq!((active.heard().len(), standby.heard().len()), (2, 0));
    });
}

#[test]
fn an_answer_with_another_status_is_unknown_and_stays_where_it_was() {
    run(async {
        let (one, two) = (Far::listen(Manner::Answer(503)).await, Far::listen(Manner::Answer(200)).await);
        let bench = Bench::new(&[(one.address, LinkRole::Active), (two.address, LinkRole::Standby)]);
        bench.post(1);
        let (_, answer, link) = bench.outcome().await;
        assert!(matches!(answer, Answer::Unknown(Trouble::Status(503))) && link == number(1), "{answer:?}");
        let view = bench.board.view();
        assert_eq!((view[0].state, view[0].errors.get("http_error"), two.heard().len()), ("up", Some(&1), 0));
    });
}

#[test]
fn when_every_link_is_down_nothing_is_tried() {
    run(async {
        let bench = Bench::new(&[(Far::nobody(), LinkRole::Active), (Far::nobody(), LinkRole::Standby)]);
        bench.post(1);
        assert!(matches!(bench.outcome().await.1, Answer::NotSent(Trouble::Connect)));
        assert!(!bench.board.is_reachable(0));
        bench.post(2);
        let at_once = bench.ears.outcomes.borrow_mut().pop();
        assert!(matches!(at_once, Some((2, Answer::NotSent(Trouble::NoLink), LinkNumber::NONE))), "{at_once:?}");
    });
}

#[test]
fn nothing_begins_to_leave_after_its_deadline() {
    run(async {
        let far = Far::listen(Manner::Answer(200)).await;
        let bench = Bench::new(&[(far.address, LinkRole::Active)]);
        bench.post(1);
        assert!(matches!(bench.outcome().await.1, Answer::Message(_)));
        bench.post_before(2, Instant::now());
        let (_, answer, _) = bench.outcome().await;
        assert!(matches!(answer, Answer::NotSent(Trouble::Late)), "{answer:?}, with an idle connection at hand");
        assert_eq!(far.heard(), ["message 1."]);
        assert_eq!(bench.state(1), "up", "that is not the link's fault");
    });
}

#[test]
fn a_drained_link_finishes_what_it_has_and_gets_nothing_new() {
    run(async {
        let (one, two) = (Far::listen(Manner::Hold).await, Far::listen(Manner::Answer(200)).await);
        let bench = Bench::new(&[(one.address, LinkRole::Active), (two.address, LinkRole::Standby)]);
        bench.post(1);
        one.came.notified().await;
        bench.order(r#"{"by":"li","do":"drain","participant":"C1000111000015","link":"link-1"}"#);
        bench.post(2);
        assert_eq!(bench.outcome().await.2, number(2));
        one.go.notify_one();
        let (ticket, answer, link) = bench.outcome().await;
        assert!(matches!(answer, Answer::Message(_)) && (ticket, link) == (1, number(1)));
        bench.order(r#"{"by":"li","do":"drain","participant":"C1000111000015","link":"link-2"}"#);
        bench.post(3);
        assert!(matches!(bench.outcome().await.1, Answer::NotSent(Trouble::NoLink)));
        assert_eq!((one.heard().len(), two.heard().len()), (1, 1));
    });
}

#[test]
fn a_full_shared_link_gives_way_and_a_full_active_one_does_not() {
    for (role, link) in [(LinkRole::Shared, Some(number(2))), (LinkRole::Active, None)] {
        run(async move {
            let (one, two) = (Far::listen(Manner::Hold).await, Far::listen(Manner::Answer(200)).await);
            let limit = |link: &mut LinkConfig| {
                link.in_flight_max = Some(1);
                link.weight = if link.name == "link-1" { 1_000 } else { 1 };
            };
            let bench = Bench::with(&[(one.address, role), (two.address, role)], limit, &LinksSection::default());
            bench.post(1);
            one.came.notified().await;
            bench.post(2);
            let (ticket, answer, over) = bench.outcome().await;
            assert_eq!(ticket, 2);
            match link {
                Some(link) => assert!(matches!(answer, Answer::Message(_)) && over == link, "{answer:?} over {over}"),
                None => assert!(matches!(answer, Answer::NotSent(Trouble::Full)), "{answer:?} over {over}"),
            }
            one.go.notify_one();
            assert_eq!((bench.outcome().await.0, bench.state(1)), (1, "up"));
        });
    }
}

#[test]
fn a_trial_takes_a_few_and_the_others_wait_for_its_verdict() {
    run(async {
        let far = Far::listen(Manner::Hold).await;
        let section =
            LinksSection { hold_down_ms: 1, hold_down_max_ms: 1, trial_messages: 2, ..LinksSection::default() };
        let bench = Bench::with(&[(far.address, LinkRole::Active)], |_| {}, &section);
        (0..2).for_each(|_| bench.see(1, Observation::ProbeRefused));
        assert_eq!(bench.state(1), "down");
        tokio::time::sleep(Duration::from_millis(5)).await;
        (0..3).for_each(|_| bench.see(1, Observation::ProbeGood));
        assert_eq!(bench.state(1), "trial");
        (1..=5).for_each(|ticket| bench.post(ticket));
        while far.heard().len() < 2 {
            far.came.notified().await;
        }
        tokio::task::yield_now().await;
        assert_eq!((far.heard().len(), bench.board.view()[0].in_flight), (2, 2), "the others wait");
        *far.manner.borrow_mut() = Manner::Answer(200);
        far.go.notify_waiters();
        for _ in 0..5 {
            assert!(matches!(bench.outcome().await.1, Answer::Message(_)));
        }
        assert_eq!((bench.state(1), far.heard().len()), ("up", 5));
    });
}

#[test]
fn a_failed_trial_sends_those_who_waited_to_the_standby() {
    run(async {
        let (one, two) = (Far::listen(Manner::Hold).await, Far::listen(Manner::Answer(200)).await);
        let section = LinksSection {
            hold_down_ms: 1,
            hold_down_max_ms: 1,
            trial_messages: 1,
            switch_back_after_ms: 0,
            ..LinksSection::default()
        };
        let links = [(one.address, LinkRole::Active), (two.address, LinkRole::Standby)];
        let bench = Bench::with(&links, |_| {}, &section);
        (0..2).for_each(|_| bench.see(1, Observation::ProbeRefused));
        tokio::time::sleep(Duration::from_millis(5)).await;
        (0..3).for_each(|_| bench.see(1, Observation::ProbeGood));
        assert!(bench.board.view()[0].in_use, "switched back, on trial");
        (1..=4).for_each(|ticket| bench.post(ticket));
        one.came.notified().await;
        bench.see(1, Observation::ProbeTimedOut);
        for _ in 0..3 {
            assert_eq!(bench.outcome().await.2, number(2));
        }
        assert_eq!((one.heard().len(), two.heard().len(), bench.state(1)), (1, 3, "down"));
    });
}

#[test]
fn idle_connections_of_a_link_that_takes_nothing_are_closed() {
    run(async {
        let (one, two) = (Far::listen(Manner::Answer(200)).await, Far::listen(Manner::Answer(200)).await);
        let bench = Bench::new(&[(one.address, LinkRole::Active), (two.address, LinkRole::Standby)]);
        bench.post(1);
        assert_eq!(bench.outcome().await.2, number(1));
        spawn_local(bench.lines.tidy());
        assert_eq!(bench.board.view()[0].connections, 1);
        bench.order(r#"{"by":"li","do":"switch","participant":"C1000111000015","link":"link-2"}"#);
        while bench.board.view()[0].connections > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bench.post(2);
        assert_eq!(bench.outcome().await.2, number(2));
    });
}
