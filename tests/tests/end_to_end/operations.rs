//! Joint operations: announcements reach the participants, and the page shows who does not take them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use clearway_codec::BeijingTime;
use clearway_tests::institution::beijing_now;
use clearway_tests::site::Site;
use clearway_tests::{admin, wait};

use crate::NODE;

fn text(time: BeijingTime) -> String {
    String::from_utf8_lossy(&time.to_text()).into_owned()
}

/// A participant's operations desk: takes one message, acknowledges it, and gives it.
fn desk(listener: TcpListener) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("the node connects");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
        let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
        while !bytes.ends_with(b"}") {
            let read = stream.read(&mut piece).expect("the node writes");
            bytes.extend_from_slice(&piece[..read]);
        }
        let body = r#"{"response":{"head":{},"body":{"sysRtnCd":"00000000"}},"signature":""}"#;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).expect("the node reads");
        String::from_utf8(bytes).expect("JSON is UTF-8")
    })
}

/// The bank of place 0 gets a desk of its own in the configuration; the institution at place 0 is told where nobody takes it.
#[test]
fn maintenance_is_announced_at_once_and_who_does_not_take_it_is_shown() {
    let site = Site::new(NODE);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let (bank, institution) = (site.institution(0).bank(0), site.institution(0).identity().id);
    let desk_url = format!("http://{}/epcc", listener.local_addr().expect("bound"));
    let participants = site.dir().join("participants.toml");
    let file = std::fs::read_to_string(&participants).expect("init wrote it");
    let told = file.split("\n[[participant]]").enumerate().map(|(at, entry)| {
        let is_one = |id: &str| entry.contains(&format!("id = \"{id}\""));
        if at == 0 {
            return entry.to_owned();
        }
        let mut entry = entry.to_owned();
        if is_one(bank) {
            let url = entry.lines().find(|line| line.starts_with("url = ")).expect("a url").to_owned();
            entry = entry.replace(&url, &format!("url = \"{desk_url}\""));
        }
        if is_one(bank) || is_one(institution.as_str()) {
            entry.push_str("operations_path = \"/uopsSvr\"\n");
        }
        format!("\n[[participant]]{entry}")
    });
    let told: String = told.collect();
    std::fs::write(&participants, told).expect("written");

    let node = site.start();
    let message = desk(listener);
    let now = beijing_now();
    let [from, until] = [3_600, 7_200].map(|later| text(BeijingTime::from_unix_secs(now.unix_secs() + later)));
    let body = format!(r#"{{"by":"tester","bank":"{bank}","from":"{from}","until":"{until}","text":"disks"}}"#);
    assert_eq!(admin::post_json(node.ready.admin, "/maintenance", &body).status, 200);
    let message = message.join().expect("an announcement");
    assert!(message.starts_with("POST /uopsSvr HTTP/1.1\r\n"), "{message}");
    assert!(message.contains("uops.020.000.01") && message.contains(&format!("\"reIssrId\":\"{bank}\"")), "{message}");

    let failing = wait::until("the institution on the list", || {
        let page = admin::json(node.ready.admin, "/operations");
        page["failing"].as_array().filter(|list| !list.is_empty()).cloned()
    });
    assert_eq!(failing[0]["participant"], institution.as_str());
    wait::until("the announcement in the metrics", || {
        (admin::metric(node.ready.admin, "clearway_operations_sent_total", "") >= 1.0).then_some(())
    });
    // It has not begun: the bank is told of, not closed.
    assert_eq!(admin::json(node.ready.admin, "/operations")["closed_now"], serde_json::json!([]));
}
