//! Every page and method of the table against everybody who has no right to it: refused, and no part of the node hears of
//! it. And with the right it is heard, with the name of who called.

use std::net::SocketAddr;
use std::sync::Arc;

use clearway_crypto::transport::Versions;
use http::Method;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::open;
use crate::admin::{Admin, Answer, Call, Entrance, Hooks, PAGES, Page, Pages, Right};
use crate::clock::Clock;
use crate::config::{AdminSection, AdminTls, OperatorRule};
use crate::net::transport::Connector;
use crate::net::transport::samples::{Authority, BEGIN_S, DAY_S, Issued};

const DOOR: &str = "door.switch.internal";

/// Remembers every call, whatever its area.
#[derive(Default)]
struct Spy(Mutex<Vec<Call>>);

impl Pages for Spy {
    fn answer(&self, call: &Call) -> Option<Answer> {
        self.0.lock().push(call.clone());
        Some(Answer::json("{}".to_owned()))
    }
}

fn hooks(spy: &Arc<Spy>) -> Hooks {
    Hooks { areas: PAGES.iter().map(|page| (page.area, Arc::clone(spy) as Arc<dyn Pages>)).collect() }
}

/// A door behind certificates.
struct Door {
    admin: Admin,
    entrance: Entrance,
    spy: Arc<Spy>,
    authority: Authority,
    clock: Clock,
    dir: tempfile::TempDir,
}

/// A door whose authority has revoked these serial numbers.
fn door(revoked: &[u64]) -> Door {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new("operators");
    let own = authority.issue(&[DOOR], 1, 300);
    let write = |name: &str, text: &str| {
        std::fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name)
    };
    let operator = |name: &str, right| OperatorRule { name: name.to_owned(), right };
    let tls = AdminTls {
        certificate: write("door.pem", &own.certificate),
        private_key: write("door.key", &own.private_key),
        ca: write("ca.pem", &authority.pem()),
        revocation_lists: vec![write("ca.crl", &authority.revoke(revoked))],
        operators: vec![operator("li.wei", Right::Change), operator("wang", Right::Read)],
        name: Some(DOOR.to_owned()),
        client: None,
    };
    let section = AdminSection { address: "127.0.0.1:0".parse().unwrap(), tls: Some(tls), ..AdminSection::default() };
    let (clock, _) = Clock::settable((BEGIN_S + 100 * DAY_S) * 1_000_000);
    let (spy, entrance) = (Arc::new(Spy::default()), Entrance::open(&section, &clock).unwrap());
    let admin = Admin::start(section.address, entrance.clone(), hooks(&spy)).unwrap();
    Door { admin, entrance, spy, authority, clock, dir }
}

/// How somebody comes to the door.
enum Way {
    /// With a certificate. Whatever he shows, he believes that this is the door.
    Shows(Connector),
    /// Over TLS without a certificate.
    ShowsNothing,
    /// Without TLS.
    Plain,
}

impl Door {
    fn shows(&self, issued: &Issued) -> Way {
        Way::Shows(Connector::tls(self.authority.tls(issued, Versions::Both, &self.clock), DOOR).unwrap())
    }

    /// A certificate of the door's own authority.
    fn own(&self, names: &[&str], serial: u64, days: u64) -> Way {
        self.shows(&self.authority.issue(names, serial, days))
    }

    /// Sends a request; the status of the answer, 0 when there is none.
    fn send(&self, way: &Way, request: &str) -> u16 {
        let address = self.admin.address();
        let sent = async {
            match way {
                Way::Plain => talk(TcpStream::connect(address).await.ok()?, request).await,
                Way::ShowsNothing => {
                    let stream = TcpStream::connect(address).await.ok()?;
                    let name = ServerName::try_from(DOOR).unwrap();
                    talk(anonymous(&self.authority).connect(name, stream).await.ok()?, request).await
                }
                Way::Shows(connector) => talk(connector.connect(&address.to_string()).await.ok()?, request).await,
            }
        };
        runtime().block_on(sent).unwrap_or(0)
    }

    fn heard(&self) -> Vec<Call> {
        std::mem::take(&mut *self.spy.0.lock())
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn anonymous(authority: &Authority) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> Option<u16> {
    // A server that has refused already may not read it to its end.
    let _ = stream.write_all(request.as_bytes()).await;
    let _ = stream.flush().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let head = String::from_utf8_lossy(&answer).into_owned();
    head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

fn path(page: &Page) -> String {
    page.path.replace("{id}", "X").replace("{key}", "7").replace("{number}", "EP1")
}

/// A request with these header lines, each with its line end, and this body.
fn request(page: &Page, method: &Method, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("{method} {} HTTP/1.1\r\n{headers}Content-Length: {length}\r\n\r\n{body}", path(page))
}

const JSON: &str = "Content-Type: application/json\r\n";

/// A request that is good but for its author.
fn good(page: &Page, method: &Method, host: &str) -> String {
    let body = if *method == Method::POST { "{}" } else { "" };
    request(page, method, &format!("Host: {host}\r\n{JSON}"), body)
}

/// Every page with every method that it has, and what that needs.
fn calls() -> impl Iterator<Item = (&'static Page, Method, Right)> {
    let of_page = |page: &'static Page| {
        page.methods().map(move |method| (page, method.clone(), page.right(&method).expect("a right")))
    };
    PAGES.iter().flat_map(of_page)
}

#[test]
fn nobody_without_the_right_is_heard() {
    let door = door(&[90]);
    let stranger = Authority::new("somebody else");
    let own = |names: &[&str], serial, days| door.own(names, serial, days);
    let foreign = door.shows(&stranger.issue(&["li.wei.operator.internal"], 2, 300));
    let read_only = own(&["wang.operator.internal"], 3, 300);
    let not_let_in = [
        ("no certificate", Way::ShowsNothing),
        ("plain HTTP", Way::Plain),
        ("unknown authority", foreign),
        ("expired", own(&["li.wei.operator.internal"], 4, 99)),
        ("revoked", own(&["li.wei.operator.internal"], 90, 300)),
    ];
    let nobody = [
        ("participant", own(&["c1000111000015.participant.internal"], 5, 300)),
        ("switch", own(&["g4000311000018.switch.internal"], 6, 300)),
        ("no operator any more", own(&["zhao.operator.internal"], 7, 300)),
        ("two operators", own(&["li.wei.operator.internal", "wang.operator.internal"], 8, 300)),
        ("no name", own(&[], 9, 300)),
    ];
    for (page, method, right) in calls() {
        let request = good(page, &method, DOOR);
        for (who, way) in &not_let_in {
            assert_eq!(door.send(way, &request), 0, "{who}: {method} {}", page.path);
        }
        for (who, way) in &nobody {
            assert_eq!(door.send(way, &request), 403, "{who}: {method} {}", page.path);
        }
        if right == Right::Change {
            assert_eq!(door.send(&read_only, &request), 403, "read only: {method} {}", page.path);
        }
        assert_eq!(door.heard().len(), 0, "{method} {}", page.path);
    }
}

#[test]
fn who_has_the_right_is_heard_and_named() {
    let door = door(&[90]);
    let li = door.own(&["li.wei.operator.internal"], 10, 300);
    let wang = door.own(&["wang.operator.internal"], 11, 300);
    for (page, method, right) in calls() {
        for (name, way) in [("li.wei", &li), ("wang", &wang)] {
            if name == "wang" && right == Right::Change {
                continue;
            }
            assert_eq!(door.send(way, &good(page, &method, DOOR)), 200, "{name}: {method} {}", page.path);
            let heard = door.heard();
            assert_eq!((heard.len(), &heard[0].path, &heard[0].method), (1, &path(page), &method));
            if right == Right::Change {
                assert_eq!(heard[0].by, name);
                assert_eq!(String::from_utf8_lossy(&heard[0].body), format!(r#"{{"by":"{name}"}}"#), "{}", page.path);
            }
        }
    }
}

/// What is wrong with a request, whoever sends it; the same at a plain door.
fn malformed(page: &Page, method: &Method, right: Right, host: &str, scheme: &str) -> Vec<(&'static str, u16, String)> {
    let (is_post, own) = (*method == Method::POST, format!("Host: {host}\r\n{JSON}"));
    let body = if is_post { r#"{"by":"li.wei"}"# } else { "" };
    let site = |lines: &str| request(page, method, &format!("{lines}{JSON}"), body);
    let mut wrong = vec![
        ("foreign origin", 403, site(&format!("Host: {host}\r\nOrigin: https://evil.example\r\n"))),
        ("no origin at all", 403, site(&format!("Host: {host}\r\nOrigin: null\r\n"))),
        ("another port of the host", 403, site(&format!("Host: {host}:1\r\nOrigin: {scheme}://{host}:2\r\n"))),
        ("foreign host", 421, site("Host: evil.example\r\n")),
        ("rebound name", 421, site("Host: evil.example\r\nOrigin: https://evil.example\r\n")),
        ("two hosts", 400, site(&format!("Host: {host}\r\nHost: evil.example\r\n"))),
        ("another method", 405, request(page, &Method::PUT, &own, body)),
        ("another method", 405, request(page, &Method::DELETE, &own, "")),
        ("another method", 405, request(page, &Method::OPTIONS, &own, "")),
    ];
    if is_post {
        let large = format!(r#"{{"by":"li.wei","x":"{}"}}"#, "x".repeat(page.body_bytes_max));
        let chunked = format!(
            "POST {} HTTP/1.1\r\n{own}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
            path(page),
            large.len()
        );
        let host = format!("Host: {host}\r\n");
        wrong.extend([
            ("form", 415, request(page, method, &format!("{host}Content-Type: text/plain\r\n"), body)),
            ("no type", 415, request(page, method, &host, body)),
            ("too large", 413, request(page, method, &own, &large)),
            ("too large, length unsaid", 413, chunked),
        ]);
    }
    if right == Right::Change {
        for (what, body) in [("no JSON", "x"), ("nothing", ""), ("no object", "[]"), ("two objects", "{}{}")] {
            wrong.push((what, 400, request(page, method, &own, body)));
        }
    }
    wrong
}

#[test]
fn a_wrong_request_is_not_heard_whoever_sends_it() {
    let door = door(&[90]);
    let li = door.own(&["li.wei.operator.internal"], 12, 300);
    for (page, method, right) in calls() {
        for (what, status, request) in malformed(page, &method, right, DOOR, "https") {
            assert_eq!(door.send(&li, &request), status, "{what}: {method} {}", page.path);
        }
        if right == Right::Change {
            let host = format!("Host: {DOOR}\r\n{JSON}");
            for by in [r#""wang""#, r#""LI.WEI""#, r#""""#, "null", "7", r#"["li.wei"]"#, r#""li.wei","by":"wang""#] {
                let request = request(page, &method, &host, &format!(r#"{{"by":{by}}}"#));
                assert_eq!(door.send(&li, &request), 403, "by {by}: {method} {}", page.path);
            }
        }
        assert_eq!(door.heard().len(), 0, "{method} {}", page.path);
    }
}

#[test]
fn a_plain_door_takes_calls_for_itself_alone_and_changes_with_a_name() {
    let spy = Arc::new(Spy::default());
    let section = AdminSection { address: "127.0.0.1:0".parse().unwrap(), ..AdminSection::default() };
    let admin = open(&section, hooks(&spy)).unwrap();
    let send = |request: &str| send_plain(admin.address(), request);
    for (page, method, right) in calls() {
        for (what, status, request) in malformed(page, &method, right, "localhost", "http") {
            assert_eq!(send(&request), status, "{what}: {method} {}", page.path);
        }
        let host = format!("Host: localhost\r\n{JSON}");
        if right == Right::Change {
            for by in ["", r#""by":"""#, r#""by":null"#, r#""by":7"#, r#""by":" li""#, r#""by":"a\nb""#] {
                let request = request(page, &method, &host, &format!("{{{by}}}"));
                assert_eq!(send(&request), 400, "{by}: {method} {}", page.path);
            }
        }
        assert_eq!(spy.0.lock().len(), 0, "{method} {}", page.path);
        let body = if method == Method::POST { r#"{"by":"li"}"# } else { "" };
        assert_eq!(send(&request(page, &method, &host, body)), 200, "{method} {}", page.path);
        assert_eq!(spy.0.lock().drain(..).count(), 1);
    }
}

fn send_plain(address: SocketAddr, request: &str) -> u16 {
    let sent = async { talk(TcpStream::connect(address).await.ok()?, request).await };
    runtime().block_on(sent).unwrap_or(0)
}

/// Story: a revocation list is put in place and reloaded; the operator's next call is refused, though his program would go on
/// with the session of before.
#[test]
fn a_reload_keeps_out_whom_the_new_list_revokes() {
    let door = door(&[90]);
    let (li, wang) = (door.own(&["li.wei.operator.internal"], 13, 300), door.own(&["wang.operator.internal"], 14, 300));
    let request = good(Page::at("/limits").unwrap(), &Method::GET, DOOR);
    assert_eq!([door.send(&li, &request), door.send(&wang, &request)], [200, 200]);
    let load = door.entrance.load().unwrap();
    std::fs::write(door.dir.path().join("ca.crl"), door.authority.revoke(&[13])).unwrap();
    assert_eq!(door.send(&li, &request), 200, "a file alone changes nothing");
    let loaded = load().unwrap();
    assert_eq!(loaded.note["revocation_lists"], 1);
    assert_eq!(door.send(&li, &request), 200, "loading alone changes nothing");
    (loaded.install)();
    assert_eq!([door.send(&li, &request), door.send(&wang, &request)], [0, 200]);
    std::fs::write(door.dir.path().join("ca.crl"), "no list").unwrap();
    assert!(load().is_err());
    assert_eq!([door.send(&li, &request), door.send(&wang, &request)], [0, 200], "the old list stays");
}
