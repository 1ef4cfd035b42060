//! `clearway trace` and `clearway journal`: every message of a payment, its signature verified again, from the journal alone.

use std::process::Output;

use clearway_codec::{Field, TrxStatus};
use clearway_tests::letter::Letter;
use clearway_tests::site::Site;
use serde_json::Value;

use crate::NODE;

fn json(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

fn trace(site: &Site, payment: &Letter, more: &[&str]) -> Output {
    let config = site.config().display().to_string();
    let id = payment.value(Field::TrxId).expect("an id");
    site.run(&[["trace", id, "--config", &config].as_slice(), more].concat())
}

/// `role/sent` of every message, in order.
fn messages(trace: &Value) -> Vec<Value> {
    let steps = trace["steps"].as_array().expect("steps");
    steps.iter().flat_map(|step| step["messages"].as_array().expect("messages").clone()).collect()
}

#[test]
fn a_trace_shows_every_message_with_its_signature() {
    let site = Site::new(NODE);
    let node = site.start();
    let institution = site.institution(0);
    let payment = institution.pay();
    let refund = institution.refund(&payment, 34);
    assert_eq!(institution.send(&refund).status(), Some(TrxStatus::Success));
    let while_running = json(&trace(&site, &payment, &["--json"]));
    assert_eq!(node.terminate().code, Some(0));
    for (letter, business_amount) in [(&payment, "CNY12.34"), (&refund, "CNY0.34")] {
        let output = trace(&site, letter, &["--json"]);
        assert!(output.status.success());
        let trace = json(&output);
        assert_eq!(
            (&trace["good"], &trace["status"], &trace["amount"]),
            (&true.into(), &"00".into(), &business_amount.into())
        );
        let messages = messages(&trace);
        // Request, two legs and their answers, the receipt.
        assert_eq!(messages.len(), 6, "{messages:#?}");
        assert_eq!(messages.iter().filter(|message| message["sent"] == true).count(), 3);
        assert!(messages.iter().all(|message| message["signature"] == "valid"), "{messages:#?}");
    }
    assert_eq!(while_running["good"], true);
    let text = String::from_utf8(trace(&site, &payment, &[]).stdout).expect("text");
    assert!(!text.contains("48554461999940003755"), "accounts are masked: {text}");
    let evidence = String::from_utf8(trace(&site, &payment, &["--evidence", "--json"]).stdout).expect("text");
    assert!(evidence.contains("48554461999940003755"), "evidence is whole");
    let unknown = trace(&site, &institution.payment(0, 1), &[]);
    assert_eq!(unknown.status.code(), Some(1));
}

#[test]
fn the_journal_verifies_with_all_signatures() {
    let site = Site::new(NODE);
    let node = site.start();
    let institution = site.institution(1);
    for _ in 0..5 {
        let payment = institution.pay();
        let _ = institution.send(&institution.refund(&payment, 9));
    }
    assert_eq!(node.terminate().code, Some(0));
    let (journal, config) = (site.journal().display().to_string(), site.config().display().to_string());
    for arguments in [
        vec!["journal", "verify", &journal],
        vec!["journal", "verify", &journal, "--config", &config],
        vec!["journal", "inspect", &journal],
        vec!["journal", "inspect", &journal, "--json"],
    ] {
        let output = site.run(&arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let _again = site.start();
}
