//! Several links before one ledger, each with a fate of its own.

mod mini_switch;

use clearway_codec::{Decoder, Field, InstitutionId, MessageType};
use clearway_crypto::Suite;
use clearway_loadgen::bank::Behaviours;
use clearway_loadgen::config::{Config, LinkAddress};
use clearway_loadgen::link::{Link, LinkBehaviour};
use clearway_loadgen::page::LedgerPage;
use clearway_loadgen::{Counterparties, Mix, Oracle, Plan, Run, Target};
use mini_switch::messages::Scribe;
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longest wait for what must come; no test waits for it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Banks with the links `main` and `standby`, institutions with one.
fn two_links(banks: usize) -> (Config, clearway_crypto::SigningKey) {
    let (mut config, key) = config(1, banks, Suite::Ed25519);
    let listen = "127.0.0.1:0".parse().unwrap();
    for bank in &mut config.banks {
        bank.links = ["main", "standby"].map(|name| LinkAddress { name: name.to_owned(), listen }).to_vec();
    }
    (config, key)
}

/// One connection to a link, and probes on it.
struct Caller<'a> {
    scribe: &'a Scribe,
    stream: BufReader<TcpStream>,
}

impl<'a> Caller<'a> {
    fn connect(scribe: &'a Scribe, link: &Link) -> Self {
        let stream = TcpStream::connect(link.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { scribe, stream: BufReader::new(stream) }
    }

    fn ask(&mut self) -> io::Result<()> {
        let body = self.scribe.probe(b"0123456789ABCDEF");
        let head = format!(
            "POST /epcc HTTP/1.1\r\nhost: x\r\nmsgtp: epcc.991.001.01\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.get_mut().write_all(&[head.as_bytes(), &body].concat())
    }

    /// The sender of a 992 with the nonce.
    fn hear(&mut self) -> io::Result<InstitutionId> {
        let (mut line, mut length) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        let mut decoder = Decoder::new();
        let message = decoder.decode(&body).unwrap().check().unwrap();
        assert_eq!(message.message_type(), MessageType::Epcc992);
        assert_eq!(message.field(Field::Nonce), Some(&b"0123456789ABCDEF"[..]));
        Ok(message.header().issuer)
    }

    fn is_closed(&mut self) -> bool {
        // With an unread request the system resets it.
        matches!(self.stream.read(&mut [0]), Ok(0) | Err(_))
    }
}

/// Waits until the link has seen so many probes.
fn await_probes(link: &Link, probes: u64) {
    let until = Instant::now() + PATIENCE;
    while link.counts().probes < probes {
        assert!(Instant::now() < until, "{:?}", link.counts());
        std::thread::yield_now();
    }
}

struct World {
    parties: Counterparties,
    scribe: Scribe,
    bank: InstitutionId,
}

impl World {
    fn start() -> Self {
        let (config, key) = two_links(1);
        let parties = Counterparties::start(&config, &Behaviours::healthy()).unwrap();
        Self { parties, scribe: Scribe::new(config.node.clone(), key), bank: config.banks[0].identity.id }
    }

    fn link(&self, name: &str) -> &Link {
        self.parties.link(self.bank, name).unwrap()
    }

    fn call(&self, name: &str) -> Caller<'_> {
        Caller::connect(&self.scribe, self.link(name))
    }

    fn check_answers(&self, name: &str) {
        let mut caller = self.call(name);
        caller.ask().unwrap();
        assert_eq!(caller.hear().unwrap(), self.bank, "{name}");
    }
}

#[test]
fn every_link_answers_its_own_probes_and_counts_them() {
    let world = World::start();
    for name in ["main", "standby", "standby"] {
        world.check_answers(name);
    }
    let probes = |name| (world.link(name).counts().probes, world.link(name).counts().answers);
    assert_eq!((probes("main"), probes("standby")), ((1, 1), (2, 2)));
    assert!(world.parties.link(world.bank, "third").is_none());
}

#[test]
fn a_link_that_refuses_or_closes_ends_its_connections_and_the_other_one_does_not() {
    for behaviour in [LinkBehaviour::Refuses, LinkBehaviour::Closes] {
        let world = World::start();
        let (mut open, mut other) = (world.call("main"), world.call("standby"));
        open.ask().unwrap();
        open.hear().unwrap();
        assert!(world.link("main").set(behaviour));
        assert!(open.is_closed(), "{behaviour:?}");
        match (behaviour, TcpStream::connect(world.link("main").address())) {
            (LinkBehaviour::Refuses, refused) => assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused),
            (_, taken) => assert!(matches!(taken.unwrap().read(&mut [0]), Ok(0) | Err(_))),
        }
        other.ask().unwrap();
        other.hear().unwrap();
        assert!(world.link("main").set(LinkBehaviour::Open));
        world.check_answers("main");
    }
}

#[test]
fn a_silent_link_answers_no_probe_and_closes_when_it_speaks_again() {
    for hears in [true, false] {
        let world = World::start();
        let mut caller = world.call("main");
        assert!(world.link("main").set(LinkBehaviour::Silent { hears }));
        caller.ask().unwrap();
        await_probes(world.link("main"), 1);
        world.check_answers("standby");
        assert!(world.link("main").set(LinkBehaviour::Open));
        assert!(caller.is_closed());
        assert_eq!(world.link("main").counts().answers, 0);
        world.check_answers("main");
    }
}

#[test]
fn what_lay_unread_in_a_half_open_link_is_read_when_the_line_is_back() {
    for behaviour in [LinkBehaviour::HalfOpen, LinkBehaviour::BlackHole] {
        let world = World::start();
        let mut open = world.call("main");
        open.ask().unwrap();
        open.hear().unwrap();
        assert!(world.link("main").set(behaviour));
        open.ask().unwrap();
        if behaviour == LinkBehaviour::BlackHole {
            let address = world.link("main").address();
            let gone = TcpStream::connect_timeout(&address, Duration::from_millis(150)).unwrap_err();
            assert_eq!(gone.kind(), ErrorKind::TimedOut);
        }
        assert_eq!(world.link("main").counts().answers, 1);
        world.check_answers("standby");
        assert!(world.link("main").set(LinkBehaviour::Open));
        open.hear().unwrap();
        world.check_answers("main");
    }
}

#[test]
fn a_slow_link_answers_later_and_nothing_else() {
    let world = World::start();
    assert!(world.link("standby").set(LinkBehaviour::Slow { ms: 40 }));
    let asked = Instant::now();
    world.check_answers("standby");
    assert!(asked.elapsed() >= Duration::from_millis(40));
}

/// Payments over the one link, then over the other: the same books.
#[test]
fn all_links_of_a_bank_lead_to_one_ledger() {
    let (config, key) = two_links(2);
    let parties = Counterparties::start(&config, &Behaviours::healthy()).unwrap();
    let mut trackers = Vec::new();
    for name in ["main", "standby"] {
        let link = |bank: &clearway_loadgen::config::Bank| parties.link(bank.identity.id, name).unwrap().address();
        let banks = config.banks.iter().map(link).collect();
        let addresses = Addresses { banks, ..Addresses::of(&parties) };
        let key = clearway_crypto::SigningKey::from_pkcs8_pem(&key.to_pkcs8_pem()).unwrap();
        let switch = MiniSwitch::start(&config, &key, &addresses, Manners::default(), Memory::default(), None);
        let target = Target::new(switch.address, "/preSvr");
        let plan = Plan { duration: Duration::from_millis(300), mix: Mix::payments_only(), ..Plan::default() };
        trackers.push(Run::start(&plan, &config, &target).unwrap().wait().unwrap().tracker);
    }
    for tracker in &trackers {
        let verdict = Oracle::await_agreement(|| Ok(parties.ledgers()), tracker, PATIENCE).unwrap();
        assert!(verdict.ok && verdict.finals == 30, "{verdict}");
    }
    for bank in &config.banks {
        for name in ["main", "standby"] {
            let link = parties.link(bank.identity.id, name).unwrap();
            assert!(link.counts().legs > 0 && link.first_leg_us().is_some(), "{name} {:?}", link.counts());
        }
    }
    assert_eq!(parties.links().map(|link| link.counts().legs).sum::<u64>(), 2 * 30 * 2);
}

#[test]
fn links_are_seen_and_changed_from_outside() {
    let (config, _) = two_links(1);
    let parties = Arc::new(Counterparties::start(&config, &Behaviours::healthy()).unwrap());
    let page = LedgerPage::start(Arc::clone(&parties), "127.0.0.1:0".parse().unwrap()).unwrap();
    let http = |request: String| {
        let mut stream = TcpStream::connect(page.address()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let put = |path: &str, body: &str| {
        let length = body.len();
        http(format!("PUT {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"))
    };
    let bank = config.banks[0].identity.id;
    let silent = r#"{"kind":"silent","hears":false}"#;
    let table = [
        (format!("/link/{bank}/standby"), silent, "204"),
        (format!("/link/{bank}/third"), silent, "404"),
        (format!("/link/{bank}"), r#"{"kind":"open"}"#, "204"),
        ("/link/nobody/main".to_owned(), silent, "404"),
        (format!("/link/{bank}/standby"), r#"{"kind":"dead"}"#, "400"),
    ];
    for (path, body, status) in table {
        let answer = put(&path, body);
        assert_eq!(answer.get(9..12), Some(status), "{path} {body}: {answer}");
    }
    assert_eq!(parties.link(bank, "standby").unwrap().behaviour(), LinkBehaviour::Silent { hears: false });
    let seen = http("GET /links HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_owned());
    assert!(seen.contains(r#""name":"standby""#) && seen.contains(r#""kind":"silent""#), "{seen}");
}
