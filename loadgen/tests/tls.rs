//! The whole world over mutual TLS, and everybody whom a participant does not let in.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::bank::Behaviours;
use clearway_loadgen::link::{Link, LinkCounts};
use clearway_loadgen::{Config, Counterparties, Oracle, Plan, Profile, Run, Settlement, Target, settle};
use mini_switch::pki::{Authority, NODE, Side, name_of};
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config, write_config};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PATIENCE: Duration = Duration::from_secs(20);

fn total(parties: &Counterparties, of: fn(&LinkCounts) -> u64) -> u64 {
    parties.links().map(|link| of(&link.counts())).sum()
}

/// The mini switch holds every message against the certificate of its connection.
#[test]
fn a_run_over_tls_is_clean_and_everybody_speaks_for_itself() {
    let (mut config, key) = config(3, 2, Suite::Ed25519);
    let authority = Authority::new();
    authority.equip(&mut config);
    let node = Side::new(&authority.credentials(NODE), &authority.trust());
    let parties = Counterparties::start(&config, &Behaviours::healthy()).unwrap();
    let manners = Manners { tls: Some(node), ..Manners::default() };
    let switch = MiniSwitch::start(&config, &key, &Addresses::of(&parties), manners, Memory::default(), None);
    parties.target().set(switch.address);
    let target = Target::new(switch.address, "/preSvr");
    for (connections_max, mix) in
        [(1_024, "payments=60,refunds=20,queries=20,gateway=5"), (2, "payments=90,queries=10")]
    {
        let plan = Plan {
            profile: Profile::constant(100.0),
            duration: Duration::from_secs(1),
            mix: mix.parse().unwrap(),
            connections_max,
            ..Plan::default()
        };
        let mut finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
        let report = &finished.report;
        assert_eq!((report.sent, report.refused, report.unknown), (100, 0, 0), "{report}");
        assert!(report.connections <= connections_max);
        let settlement = Settlement { closes_after: Duration::ZERO, ..Settlement::default() };
        settle(&settlement, &config, &target, &mut finished.tracker).unwrap();
        let verdict = Oracle::await_agreement(|| Ok(parties.ledgers()), &finished.tracker, PATIENCE).unwrap();
        assert!(verdict.ok, "{verdict}");
    }
    assert!(total(&parties, |counts| counts.full_handshakes) > 0);
    assert_eq!(total(&parties, |counts| counts.failed_handshakes), 0);
}

/// What a stranger gets from a link: the bytes of an answer, if any.
async fn ask(link: &Link, side: &Side, name: &str) -> std::io::Result<Vec<u8>> {
    let stream = tokio::net::TcpStream::connect(link.address()).await?;
    let mut stream = side.connect(stream, name).await?;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

fn await_failures(link: &Link, failures: u64) {
    let until = Instant::now() + PATIENCE;
    while link.counts().failed_handshakes < failures {
        assert!(Instant::now() < until, "{:?}", link.counts());
        std::thread::yield_now();
    }
}

#[test]
fn a_link_lets_nobody_in_but_the_node_and_resumes_its_sessions() {
    let (mut config, _) = config(1, 1, Suite::Ed25519);
    let (authority, other) = (Authority::new(), Authority::new());
    authority.equip(&mut config);
    let parties = Counterparties::start(&config, &Behaviours::healthy()).unwrap();
    let bank = &config.banks[0].identity;
    let (link, name) = (parties.link(bank.id, "main").unwrap(), name_of(bank));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let node = Side::new(&authority.credentials(NODE), &authority.trust());
    for _ in 0..3 {
        let answer = runtime.block_on(ask(link, &node, &name)).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 405"), "{}", String::from_utf8_lossy(&answer));
    }
    let counts = link.counts();
    assert_eq!((counts.full_handshakes, counts.resumed_handshakes, counts.failed_handshakes), (1, 2, 0));
    let strangers = [
        ("another participant", Side::new(&authority.credentials(&name), &authority.trust())),
        ("another authority", Side::new(&other.credentials(NODE), &authority.trust())),
    ];
    for (failures, (who, side)) in strangers.iter().enumerate() {
        let answer = runtime.block_on(ask(link, side, &name));
        assert!(answer.as_ref().is_ok_and(Vec::is_empty) || answer.is_err(), "{who}: {answer:?}");
        await_failures(link, failures as u64 + 1);
    }
    let mut plain = TcpStream::connect(link.address()).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    await_failures(link, 3);
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"));
    assert_eq!(link.counts().others + link.counts().legs, 3, "only the node's requests were heard");
}

/// Writes a configuration with certificates for everybody.
fn write_with_tls(config: &Config, folder: &Path) -> (std::path::PathBuf, String) {
    let authority = Authority::new();
    let path = write_config(config, folder);
    let put = |file: String, text: String| std::fs::write(folder.join(file), text).unwrap();
    put("ca.pem".into(), authority.pem());
    put("other.pem".into(), Authority::new().issue("other")[1].clone());
    let mut text = std::fs::read_to_string(&path).unwrap().replace("http://", "https://");
    text = text.replacen("[node]", &format!("[tls]\nca = \"ca.pem\"\nnode_name = \"{NODE}\"\n[node]"), 1);
    let banks = config.banks.iter().map(|bank| &bank.identity);
    for identity in banks.chain(config.institutions.iter().map(|institution| &institution.identity)) {
        let [certificate, key] = authority.issue(&name_of(identity));
        let id = identity.id;
        put(format!("{id}.pem"), certificate);
        put(format!("{id}.key.pem"), key);
        let keys = format!("id = \"{id}\"\ntls_certificate = \"{id}.pem\"\ntls_key = \"{id}.key.pem\"");
        text = text.replacen(&format!("id = \"{id}\""), &keys, 1);
    }
    std::fs::write(&path, &text).unwrap();
    (path, text)
}

#[test]
fn a_configuration_with_tls_is_read_and_every_slip_is_named() {
    let (written, _) = config(1, 1, Suite::Ed25519);
    let folder = tempfile::tempdir().unwrap();
    let (path, good) = write_with_tls(&written, folder.path());
    let read = Config::load(&path).unwrap();
    assert!(read.is_tls() && read.banks[0].identity.tls.is_some() && read.institutions[0].identity.tls.is_some());
    let bank_key = "tls_key = \"C1000000000000.key.pem\"";
    for (from, to, named) in [
        (bank_key, "", "C1000000000000: tls_certificate and tls_key are needed with [tls]"),
        (bank_key, "tls_key = \"other.pem\"", "does not belong to the certificate"),
        ("[tls]\nca = \"ca.pem\"\nnode_name = \"g4000311000018.switch.internal\"\n", "", "need [tls]"),
        ("ca = \"ca.pem\"", "ca = \"other.pem\"", "tls.ca other.pem"),
        ("ca = \"ca.pem\"", "ca = \"ca.pem\"\nrevocation_lists = [\"ca.pem\"]", "tls.ca"),
        (NODE, "not a name", "tls.node_name"),
        ("https://", "http://", "with [tls] it begins with https://"),
        ("tls_certificate = \"C1000000000000.pem\"", "tls_certificate = \"none.pem\"", "none.pem"),
    ] {
        let broken = good.replacen(from, to, 1);
        assert_ne!(broken, good, "{from} does not occur");
        std::fs::write(&path, broken).unwrap();
        let error = Config::load(&path).unwrap_err().to_string();
        assert!(error.contains(named), "{to}: {error}");
    }
}
