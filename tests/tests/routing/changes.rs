//! Tables: loaded while the node runs, checked at the start, never against what payments say.

use std::fs;

use clearway_tests::admin;
use serde_json::json;

use crate::rig::{AGENT, BANK, Rig};

const PREFERRED: &str = "
[[channel]]
bank = \"{BANK}\"
number = 1
name = \"agent\"
via = \"{AGENT}\"
[[prefer]]
bank = \"{BANK}\"
institution = \"{INSTITUTION}\"
channel = 1
";

#[test]
fn a_table_is_loaded_while_payments_run_and_stands_over_restarts() {
    let rig = Rig::new("");
    let node = rig.site.start();
    assert_eq!(rig.pays_over(), [BANK]);
    let table = rig.write("other.toml", PREFERRED).display().to_string();
    let (code, _, complaint) = rig.run(Some(&node), &["routes", "load", &table, "--by", "li.wei"]);
    assert_eq!(code, Some(0), "{complaint}");
    assert_eq!(rig.pays_over(), [AGENT]);
    let channel = format!("{}:1", rig.institution().bank(BANK));
    let (code, _, complaint) = rig.run(Some(&node), &["routes", "load", "--disable", &channel, "--by", "li.wei"]);
    assert_eq!(code, Some(0), "{complaint}");
    assert_eq!(rig.pays_over(), [BANK]);
    let (code, _, complaint) = rig.run(Some(&node), &["routes", "load", "--enable", &channel, "--by", "li.wei"]);
    assert_eq!(code, Some(0), "{complaint}");
    node.kill();
    let node = rig.site.start();
    assert_eq!(rig.pays_over(), [AGENT]);
    let (code, shown, _) = rig.run(Some(&node), &["routes", "show"]);
    assert!(code == Some(0) && shown.contains("table 3, changed") && shown.contains("agent"), "{shown}");
    let refused = admin::change(
        node.ready.admin,
        "/routes",
        &json!({ "by": "li.wei", "table": { "channel": [{ "bank": "C1" }] } }),
    );
    assert_eq!(refused.0, 400, "{refused:?}");
    assert_eq!(rig.pays_over(), [AGENT], "what is refused changes nothing");
}

#[test]
fn a_number_never_means_another_participant() {
    let rig = Rig::new(PREFERRED);
    let node = rig.site.start();
    assert_eq!(rig.pays_over(), [AGENT]);
    node.kill();
    rig.write("routes.toml", &PREFERRED.replace("{AGENT}", "{ADAPTER}"));
    let ended = rig.site.try_start().err().expect("payments went over channel 1 to somebody else");
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.log.contains("via") && ended.log.contains("never used"), "{ended}");
}

#[test]
fn a_file_that_says_what_cannot_be_stops_the_start_and_names_the_place() {
    let rig = Rig::new("[[channel]]\nbank = \"{BANK}\"\nnumber = 1\nvia = \"{AGENT}\"\nshare = 10001\n");
    let check = |words: &[&str]| {
        let (code, _, complaint) = rig.run(None, &["check"]);
        assert_eq!(code, Some(3), "{complaint}");
        assert!(words.iter().all(|word| complaint.contains(word)), "{complaint}");
    };
    check(&["routes.toml", "share"]);
    fs::write(rig.site.dir().join("routes.toml"), "[[channel]]\nvias = 1\n").expect("written");
    check(&["routes.toml", "vias"]);
    assert_eq!(rig.site.try_start().err().expect("it cannot start").code, Some(3));
}
