//! Agreements of the direct-link time are imported, used by either number, ended by their bank, and reported.

use std::fs;
use std::path::PathBuf;

use clearway::config::UnknownAgreements;
use clearway_codec::{Direction, Field, MessageType, TrxStatus};
use clearway_tests::institution::{Institution, beijing_now, fresh_id};
use clearway_tests::letter::Letter;
use clearway_tests::process::NodeProcess;
use clearway_tests::site::Site;
use clearway_tests::{admin, wait};
use serde_json::{Value, json};

use crate::NODE;

const OLD: &str = "8801-OLD-0000000000000001";

/// A copy of the configuration that knows where the admin server really is; the port was chosen when the node started.
fn operators_config(site: &Site, node: &NodeProcess) -> PathBuf {
    let text = fs::read_to_string(site.config()).expect("a configuration");
    let path = site.dir().join("operator.toml");
    fs::write(&path, text.replace("127.0.0.1:0\"", &format!("{}\"", node.ready.admin))).expect("written");
    path
}

/// Runs `clearway agreements ...`; exit code and what it printed.
fn run(site: &Site, config: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String) {
    let config = config.display().to_string();
    let all: Vec<&str> = ["agreements"].iter().chain(arguments).chain(&["--config", &config]).copied().collect();
    let output = site.run(&all);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn report(node: &NodeProcess) -> Value {
    serde_json::from_slice(&admin::get(node.ready.admin, "/agreements").body).expect("JSON")
}

/// Status and BizStsCd of a payment by an agreement.
fn pay_by(institution: &Institution<'_>, number: &str) -> (Option<TrxStatus>, Option<String>) {
    let answer = institution.send(&institution.payment(0, 100).with(Field::SgnNo, number));
    assert_eq!(answer.message_type(), MessageType::Epcc206, "{answer}");
    (answer.status(), answer.text(Field::BizStsCd))
}

fn refused(code: &str) -> (Option<TrxStatus>, Option<String>) {
    (Some(TrxStatus::Failure), Some(code.to_owned()))
}

#[test]
fn an_imported_agreement_is_used_until_its_bank_ends_it() {
    let site = Site::with(NODE, &clearway_loadgen::Behaviours::healthy(), |options| {
        options.business.unknown_agreements = UnknownAgreements::Refuse;
    });
    let mut node = site.start();
    let (institution, other) = (site.institution(0), site.institution(1));
    assert_eq!(pay_by(&institution, "EPTEN1"), refused("PB521014"));

    let (file, rejects) = (site.dir().join("existing.csv"), site.dir().join("rejects.csv"));
    let (id, bank) = (institution.identity().id.to_string(), institution.bank(0));
    let lines = format!("EPTEN1,{OLD},{id},{bank},6222020200012345678,C1,,,\nEPTEN2,,{id},nobody,6222,C2,,,\n");
    fs::write(&file, lines).expect("written");
    let (file, rejected) = (file.display().to_string(), rejects.display().to_string());
    let import = ["import", &file, "--rejects", &rejected];
    let config = operators_config(&site, &node);
    let (code, said) = run(&site, &config, &import);
    assert_eq!((code, said.as_str()), (Some(1), "2 lines: 1 imported, 0 known already, 1 rejected\n"));
    assert!(fs::read_to_string(&rejects).expect("rejects").starts_with("# line 2: the bank is no participant"));
    assert_eq!(run(&site, &config, &import).1, "2 lines: 0 imported, 1 known already, 1 rejected\n");

    for number in ["EPTEN1", OLD] {
        assert_eq!(pay_by(&institution, number).0, Some(TrxStatus::Success), "{number}");
        assert_eq!(pay_by(&other, number), refused("PB520097"), "{number}");
    }
    node.kill();
    node = site.start();
    assert_eq!(pay_by(&institution, OLD).0, Some(TrxStatus::Success), "after a crash");

    let answer = site.believe(
        &institution
            .try_post(&ended_by_bank(&site, "EPTEN1").seal(&site.parties().banks[0].identity.key))
            .expect("an answer"),
    );
    assert_eq!((answer.message_type(), answer.code().as_str()), (MessageType::Epcc303, "00000000"), "{answer}");
    assert_eq!(pay_by(&institution, OLD), refused("PB521013"));
    wait::until("the institution's word", || (report(&node)["disagreeing"] == json!(0)).then_some(()));

    assert_eq!(node.terminate().code, Some(0));
    let (code, shown) = run(&site, site.config(), &["show", OLD]);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let agreement = &shown["agreement"];
    assert_eq!((code, &agreement["standing"], &agreement["ended_by"]), (Some(0), &json!("ended"), &json!("bank")));
    assert_eq!(agreement["unacknowledged"], json!([]));
}

/// 105: the first bank has ended an agreement of the first institution.
fn ended_by_bank(site: &Site, number: &str) -> Letter {
    let (bank, now) = (&site.parties().banks[0].identity, beijing_now());
    let mut letter = Letter::new(MessageType::Epcc105, bank.id, bank.serial, now);
    letter.header.direction = Direction::PAYER_BANK_TO_SWITCH;
    letter
        .with(Field::SgnAcctIssrId, bank.id.as_str())
        .with(Field::InstgId, site.institution(0).identity().id.as_str())
        .with(Field::SgnNo, number)
        .with(Field::TrxId, fresh_id(now.date()).to_string())
        .with(Field::TrxDtTm, String::from_utf8_lossy(&now.to_text()))
        .with(Field::TrxCtgy, "0208")
}
