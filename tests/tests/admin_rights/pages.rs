//! Every page and method of the door's table against those who have no right to it: refused, nothing changed, nothing
//! journaled.

use std::net::SocketAddr;
use std::sync::Arc;

use clearway::admin::{PAGES, Page, Right};
use clearway_tests::pki::{Authority, Term};
use clearway_tests::tls::Version;
use clearway_tests::{admin, wait};
use rustls::ClientConfig;
use serde_json::{Value, json};

use crate::door::{Door, ask, credulous, request};

/// Pages that answer 200 to the calls made here.
const KNOWN: &[&str] =
    &["/participants", "/limits", "/maintenance", "/keys/reload", "/links", "/history", "/metrics", "/status"];

/// A body with which the page would change something, or answer.
fn body(page: &Page, bank: &str) -> Value {
    match page.path {
        "/participants/{id}" => json!({ "drained": true }),
        "/limits" => json!({ "layer": "bank", "bank": bank, "day_count": 1 }),
        "/maintenance" => json!({ "centre": true, "from": "2030-01-01T00:00:00", "until": "2030-01-02T00:00:00" }),
        "/links" => json!({ "do": "drain", "participant": bank, "link": "main" }),
        "/routes" => json!({ "as_configured": true }),
        "/agreements/import" => json!({ "lines": [] }),
        "/agreements/needed" => json!({ "channels": [] }),
        _ => json!({}),
    }
}

fn path(page: &Page, bank: &str) -> String {
    page.path.replace("{id}", bank).replace("{key}", "7").replace("{number}", "EP1")
}

/// Every call that the table allows, with what it needs.
fn calls(bank: &str) -> Vec<(String, Right)> {
    let call = |page: &Page, method: &http::Method| {
        let body = if method == http::Method::POST { body(page, bank).to_string() } else { String::new() };
        let right = page.right(method).expect("a method of the page");
        (request(method.as_str(), &path(page, bank), &body), right)
    };
    PAGES.iter().flat_map(|page| page.methods().map(|method| call(page, &method)).collect::<Vec<_>>()).collect()
}

/// Everything that a call could change, as the operator `wang` sees it, and the records of the journal.
fn state(address: SocketAddr, wang: &Arc<ClientConfig>) -> Vec<Value> {
    let page = |path: &str| {
        let (status, text) = ask(address, wang, &request("GET", path, "")).expect("an answer");
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    let mut state: Vec<_> =
        ["/participants", "/limits", "/maintenance", "/agreements", "/cases", "/history"].map(page).into();
    state.push(page("/status")["journal"]["frames"].clone());
    state
}

#[test]
fn nobody_without_the_right_changes_anything() {
    let door = Door::new();
    let stranger = Authority::new("somebody else");
    let issue = |names: &[&str], term| door.authority.issue(names, term);
    let li = "li.wei.operator.internal";
    let revoked = issue(&[li], Term::Now);
    door.revoke(&[&revoked]);
    let node = door.site.start();
    let (address, bank) = (node.ready.admin, door.site.institution(0).bank(0));
    let papers = [
        ("no certificate", None, None),
        ("unknown authority", Some(stranger.issue(&[li], Term::Now)), None),
        ("expired", Some(issue(&[li], Term::Over)), None),
        ("not yet", Some(issue(&[li], Term::Later)), None),
        ("revoked", Some(revoked), None),
        ("participant", Some(issue(&["c1000131000017.participant.internal"], Term::Now)), Some(403)),
        ("no operator any more", Some(issue(&["zhao.operator.internal"], Term::Now)), Some(403)),
    ];
    for version in Version::ALL {
        let wang = credulous(version, Some(&door.operator("wang")));
        let before = state(address, &wang);
        for (call, right) in calls(bank) {
            for (who, paper, expected) in &papers {
                let answer = ask(address, &credulous(version, paper.as_ref()), &call);
                assert_eq!(answer.as_ref().map(|(status, _)| *status), *expected, "{who}: {call}: {answer:?}");
            }
            if right == Right::Change {
                assert_eq!(ask(address, &wang, &call).map(|(status, _)| status), Some(403), "read only: {call}");
            }
        }
        assert!(admin::try_get(address, "/limits").is_none(), "plain HTTP is not spoken here");
        assert_eq!(state(address, &wang), before, "nothing changed, nothing journaled");
    }
}

#[test]
fn with_the_right_it_is_changed_and_journaled_under_the_name_of_the_certificate() {
    let door = Door::new();
    let node = door.site.start();
    let (address, bank) = (node.ready.admin, door.site.institution(0).bank(0));
    let li = credulous(Version::Tls13, Some(&door.operator("li.wei")));
    for (call, _) in calls(bank) {
        let (status, text) = ask(address, &li, &call).expect("an answer");
        // Not every page finds what it is asked for, or takes an empty body; but it is the page that says so.
        let known = KNOWN.iter().any(|path| call.contains(&format!(" {path}")));
        assert!(if known { status == 200 } else { [200, 400, 404].contains(&status) }, "{call}: {status} {text}");
    }
    let history = ask(address, &li, &request("GET", "/history", "")).expect("an answer").1;
    let history: Vec<Value> = serde_json::from_str(&history).expect("JSON");
    assert!(history.iter().all(|entry| entry["by"] == "li.wei"), "{history:?}");
    for (area, changes) in [("admission", 3), ("links", 1), ("keys", 1)] {
        assert_eq!(history.iter().filter(|entry| entry["space"] == area).count(), changes, "{area}: {history:?}");
    }
    let contradicts = json!({ "by": "wang", "drained": false }).to_string();
    let refused = ask(address, &li, &request("POST", &format!("/participants/{bank}"), &contradicts));
    assert_eq!(refused.map(|(status, _)| status), Some(403));
}

/// A list that is reloaded keeps an operator out from his next call on; the node goes on.
#[test]
fn who_is_revoked_is_out_after_a_reload() {
    let door = Door::new();
    let node = door.site.start();
    let address = node.ready.admin;
    let (old, new) = (door.operator("li.wei"), door.operator("li.wei"));
    let (before, after) = (credulous(Version::Tls13, Some(&old)), credulous(Version::Tls13, Some(&new)));
    let read = request("GET", "/limits", "");
    assert!(ask(address, &before, &read).is_some_and(|(status, _)| status == 200));
    door.revoke(&[&old]);
    let (status, text) = ask(address, &after, &request("POST", "/keys/reload", "{}")).expect("an answer");
    assert!(status == 200 && text.contains("certificate_sha256") && text.contains(r#""by":"li.wei""#), "{text}");
    wait::until("the list at work", || ask(address, &before, &read).is_none().then_some(()));
    assert!(ask(address, &after, &read).is_some_and(|(status, _)| status == 200));
    let _ = door.site.institution(0).pay();
}

/// Without certificates the door is for programs on this machine alone, whatever allow_non_loopback says.
#[test]
fn a_door_for_other_machines_without_certificates_does_not_open() {
    let site = clearway_tests::site::Site::new(crate::NODE);
    let keys = [("address", "0.0.0.0:0".into()), ("allow_non_loopback", true.into())];
    site.configure("admin", keys);
    let ended = site.try_start().err().expect("the node does not start");
    assert!(ended.code == Some(3) && ended.log.contains("[admin.tls]"), "{ended}");
}
