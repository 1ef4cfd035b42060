//! Signing and unsigning (101, 103, 105), and payments by what they leave in the register.

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_tests::admin;
use clearway_tests::letter::Letter;
use clearway_tests::party::{Party, Reaction, number_of};
use clearway_tests::process::NodeProcess;
use clearway_tests::scene::{CARD, Scene, keys};
use clearway_tests::wait::until;
use serde_json::{Value, json};

use crate::{NODE, mandates};

const SUCCESS: Option<TrxStatus> = Some(TrxStatus::Success);
const FAILURE: Option<TrxStatus> = Some(TrxStatus::Failure);

fn agreement(node: &NodeProcess, number: &str) -> Value {
    admin::show(node.ready.admin, &format!("/agreements/{number}")).1["agreement"].clone()
}

fn disagreements(node: &NodeProcess) -> Vec<(String, Vec<String>)> {
    let (_, report) = admin::show(node.ready.admin, "/agreements");
    let listed = report["disagreements"].as_array().expect("a list").iter().map(|one| {
        let owed = one["unacknowledged"].as_array().expect("a list").iter();
        (
            one["number"].as_str().expect("a number").to_owned(),
            owed.map(|word| word.as_str().expect("a word").to_owned()).collect(),
        )
    });
    listed.collect()
}

#[test]
fn two_steps_under_one_id_bring_a_number_that_pays() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let institution = scene.institution(0);
    let check = scene.check();
    let signing = scene.signing(&check);
    assert_eq!(check.value(Field::TrxId), signing.value(Field::TrxId));
    for (letter, brings_number) in [(&check, false), (&signing, true)] {
        let receipt = institution.send(letter);
        assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc102, SUCCESS), "{receipt}");
        assert_eq!(receipt.text(Field::SgnNo).is_some(), brings_number, "{receipt}");
        assert_eq!(receipt.open(keys(&institution)).get(Field::SgnAcctId), Some(CARD));
        assert_eq!(institution.send(letter).bytes, receipt.bytes, "a repetition is the same bytes");
        assert_eq!(institution.send(&institution.query(letter)).status(), SUCCESS);
    }
    let asked = scene.bank().heard(MessageType::Epcc101);
    assert_eq!(asked.len(), 2, "a repetition never reaches the bank");
    assert_eq!(asked[1].text(Field::AuthMsg).as_deref(), Some("246810"));
    assert_eq!(scene.bank().open(&asked[1]).get(Field::IDNo), Some("110101199003070039"));
    let number = number_of(check.value(Field::TrxId).expect("an id"));
    assert_eq!(agreement(&node, &number)["standing"], "live");
    let payment = scene.payment(&number, 100);
    assert_eq!(institution.send(&payment).status(), SUCCESS);
    assert_eq!(scene.bank().heard(MessageType::Epcc201).len(), 1);
}

/// What a bank may say to a signing, and what the institution and the register then know.
#[test]
fn every_answer_to_a_signing() {
    use Reaction::{Fail, No, Numberless, Refuse, Unknown, Yes};
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, bank) = (scene.institution(0), scene.bank());
    // Answer to the signing, answer to the query, code and status, whether the bank is told.
    let table = [
        (No("PB511027"), Yes, "PB511027", TrxStatus::Failure, false),
        (Refuse("ES000025"), Yes, "ES000025", TrxStatus::Failure, false),
        (Fail, Yes, "00000000", TrxStatus::Success, false),
        (Fail, No("PB511028"), "PB511028", TrxStatus::Failure, false),
        (Numberless, Yes, "00000000", TrxStatus::Success, false),
        (Numberless, Numberless, "PS500031", TrxStatus::PresumedFailure, true),
        (Fail, Unknown, "PB531001", TrxStatus::Failure, true),
        (Fail, Fail, "PS500031", TrxStatus::PresumedFailure, true),
    ];
    for (row, (answer, finding, code, status, bank_is_told)) in table.into_iter().enumerate() {
        bank.on(MessageType::Epcc101, Yes);
        let check = scene.check();
        assert_eq!(institution.send(&check).status(), SUCCESS);
        bank.on(MessageType::Epcc101, answer);
        bank.on(MessageType::Epcc301, finding);
        let signing = scene.signing(&check);
        let receipt = institution.send(&signing);
        assert_eq!((receipt.status(), &*receipt.code()), (Some(status), code), "row {row}: {receipt}");
        let number = number_of(signing.value(Field::TrxId).expect("an id"));
        let registered = agreement(&node, &number);
        assert_eq!(registered["standing"] == "live", status == TrxStatus::Success, "row {row}: {registered}");
        // What the switch heard only by query is on the receipt as well.
        assert_eq!(receipt.text(Field::SgnNo), (status == TrxStatus::Success).then_some(number), "row {row}");
        if bank_is_told {
            let notice = bank.await_about(MessageType::Epcc207, &signing);
            assert_eq!((notice.status(), &*notice.code()), (Some(status), code), "row {row}");
        }
    }
}

/// A payment that the register refuses ends before any bank sees it, and says the same when it comes again.
#[test]
fn payments_without_a_live_agreement_reach_no_bank() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, other, bank) = (scene.institution(0), scene.institution(1), scene.bank());
    let (ended, live) = (scene.sign(), scene.sign());
    let end = scene.end(MessageType::Epcc103, "0203", &ended);
    let receipt = institution.send(&end);
    assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc104, SUCCESS), "{receipt}");
    assert_eq!(agreement(&node, &ended)["standing"], "ended");
    let elsewhere = scene.places().0;
    let table = [
        ("ended", &institution, scene.payment(&ended, 100), "PB521013"),
        ("unknown", &institution, scene.payment("EP000000000000000000", 100), "PB521014"),
        ("another institution's", &other, other.payment(scene.places().1, 100).with(Field::SgnNo, &*live), "PB520097"),
        ("another bank's", &institution, institution.payment(elsewhere, 100).with(Field::SgnNo, &*live), "PB520097"),
    ];
    for (name, sender, payment, code) in table {
        let receipt = sender.send(&payment);
        assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc206, FAILURE), "{name}: {receipt}");
        assert_eq!(receipt.code(), code, "{name}");
        assert_eq!(sender.send(&payment).bytes, receipt.bytes, "{name}");
        assert_eq!(sender.send(&sender.query(&payment)).status(), FAILURE, "{name}");
    }
    assert!(scene.banks.iter().all(|bank| bank.heard(MessageType::Epcc201).is_empty()));
    assert_eq!(institution.send(&scene.payment(&live, 100)).status(), SUCCESS);
    assert_eq!(bank.heard(MessageType::Epcc201).len(), 1);
    // What has ended cannot be ended again.
    assert_eq!(institution.send(&scene.end(MessageType::Epcc103, "0203", &ended)).code(), "PB512002");
    assert_eq!(other.send(&other_end(&scene, &live)).code(), "PB512001", "another institution's");
}

fn other_end(scene: &Scene, number: &str) -> Letter {
    let other = scene.institution(1);
    let letter = scene.end(MessageType::Epcc103, "0203", number);
    let mut letter = letter.with(Field::InstgId, other.identity().id.as_str());
    (letter.header.issuer, letter.header.sign_sn) = (other.identity().id, other.identity().serial);
    letter
}

/// What a bank may say to the end of an agreement. It has ended all the same, unless the bank clearly refuses.
#[test]
fn every_answer_to_an_end() {
    use Reaction::{Fail, No, Yes};
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, bank) = (scene.institution(0), scene.bank());
    let table = [
        (Yes, Yes, "00000000", TrxStatus::Success, "ended", false),
        (No("PB512001"), Yes, "00000000", TrxStatus::Success, "ended", false),
        (No("PB512002"), Yes, "00000000", TrxStatus::Success, "ended", false),
        (Fail, Yes, "00000000", TrxStatus::Success, "ended", false),
        (Fail, Fail, "PS500031", TrxStatus::PresumedSuccess, "ended", true),
        (No("PB500099"), Yes, "PB500099", TrxStatus::Failure, "live", false),
    ];
    for (row, (answer, finding, code, status, standing, owes)) in table.into_iter().enumerate() {
        let number = scene.sign();
        bank.on(MessageType::Epcc103, answer);
        bank.on(MessageType::Epcc301, finding);
        // A bank that is silent does not acknowledge either, for now.
        bank.on(MessageType::Epcc207, if owes { Fail } else { Yes });
        let receipt = institution.send(&scene.end(MessageType::Epcc103, "0203", &number));
        assert_eq!((receipt.status(), &*receipt.code()), (Some(status), code), "row {row}: {receipt}");
        assert_eq!(agreement(&node, &number)["standing"], standing, "row {row}");
        // That the receipt has reached the institution is noted a moment later.
        let expected = owes.then(|| vec!["bank".to_owned()]);
        until(&format!("the report to be right about row {row}"), || {
            let listed = disagreements(&node).into_iter().find(|(listed, _)| *listed == number);
            (listed.map(|(_, owed)| owed) == expected).then_some(())
        });
        if standing == "ended" {
            assert_eq!(institution.send(&scene.payment(&number, 1)).code(), "PB521013", "row {row}");
        } else {
            assert_eq!(institution.send(&scene.payment(&number, 1)).status(), SUCCESS, "row {row}");
        }
    }
    // The bank comes back and acknowledges the notice: the two ends agree.
    bank.on(MessageType::Epcc207, Yes);
    until("no disagreement", || disagreements(&node).is_empty().then_some(()));
}

/// The bank ends an agreement: at once, and the institution is told until it knows.
#[test]
fn a_bank_ends_an_agreement_and_the_institution_is_told_until_it_knows() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, told) = (scene.institution(0), &scene.institutions[0]);
    let number = scene.sign();
    told.on(MessageType::Epcc105, Reaction::Fail);
    let end = scene.end(MessageType::Epcc105, "0208", &number).with(Field::RescindRsn, "\u{6302}\u{5931}");
    let answer = scene.send_as(scene.bank(), &end);
    assert_eq!((answer.message_type(), &*answer.code()), (MessageType::Epcc303, "00000000"), "{answer}");
    assert_eq!(scene.send_as(scene.bank(), &end).code(), "00000000", "a repetition");
    assert_eq!(institution.send(&scene.payment(&number, 1)).code(), "PB521013");
    let listed = || disagreements(&node);
    let owed = [(number.clone(), vec!["institution".to_owned()])];
    until("the institution alone on the report", || (listed() == owed).then_some(()));
    let first = told.await_heard(MessageType::Epcc105, 1);
    assert_eq!(first.text(Field::SgnNo).as_deref(), Some(&*number));
    assert_eq!(first.text(Field::RescindRsn).as_deref(), Some("\u{6302}\u{5931}"));
    let _again = told.await_heard(MessageType::Epcc105, 2);
    assert_eq!(agreement(&node, &number)["ended_by"], "bank");
    told.on(MessageType::Epcc105, Reaction::Yes);
    until("no disagreement", || listed().is_empty().then_some(()));
    assert!(scene.banks.iter().all(|bank| bank.heard(MessageType::Epcc201).is_empty()));
    // Of an agreement that is not there, a bank learns so.
    let unknown = scene.end(MessageType::Epcc105, "0208", "EP0");
    assert_eq!(scene.send_as(scene.bank(), &unknown).code(), "PB512001");
}

/// Agreements of the direct lines: imported while the node runs, and named by either number.
#[test]
fn imported_agreements_pay_by_their_old_numbers_too() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let institution = scene.institution(0);
    let old = "88".repeat(20);
    let ids = (institution.identity().id, institution.bank(scene.places().1));
    let good = format!("EPOLD1,{old},{},{},{CARD},,,,", ids.0, ids.1);
    let bad = format!("EPOLD2,,{},{},{CARD},,,,", ids.0, "C9999999999999");
    let import = |lines: &[&str]| {
        admin::change(node.ready.admin, "/agreements/import", &json!({ "by": "a test", "lines": lines }))
    };
    let (status, report) = import(&[&good, &bad]);
    assert_eq!((status, &report["imported"], &report["known"]), (200, &json!(1), &json!(0)), "{report}");
    assert_eq!(report["rejected"][0]["line"], 1);
    assert_eq!(import(&[&good]).1["known"], 1, "twice is once");
    assert_eq!(agreement(&node, &old)["number"], "EPOLD1");
    for number in ["EPOLD1", &old] {
        let payment = scene.payment(number, 300);
        let receipt = institution.send(&payment);
        assert_eq!((receipt.status(), receipt.text(Field::SgnNo).as_deref()), (SUCCESS, Some(number)), "{receipt}");
        let leg = scene.bank().await_about(MessageType::Epcc201, &payment);
        assert_eq!(leg.text(Field::SgnNo).as_deref(), Some("EPOLD1"), "the bank knows the new one");
        assert_eq!(institution.send(&institution.refund(&payment, 300)).status(), SUCCESS);
    }
    node.kill();
    let node = scene.start();
    assert_eq!(agreement(&node, &old)["number"], "EPOLD1");
    let ended = institution.send(&scene.end(MessageType::Epcc103, "0203", &old));
    assert_eq!((ended.status(), ended.text(Field::SgnNo).as_deref()), (SUCCESS, Some(&*old)), "{ended}");
    for number in ["EPOLD1", &old] {
        assert_eq!(institution.send(&scene.payment(number, 1)).code(), "PB521013");
    }
}

/// A bank that says yes to a signing when it is presumed lost: people look at it, and nothing is registered behind their backs.
#[test]
fn a_late_yes_to_a_signing_registers_nothing() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, bank) = (scene.institution(0), scene.bank());
    let check = scene.check();
    assert_eq!(institution.send(&check).status(), SUCCESS);
    bank.on(MessageType::Epcc101, Reaction::Held);
    bank.on(MessageType::Epcc301, Reaction::Fail);
    let signing = scene.signing(&check);
    assert_eq!(institution.send(&signing).status(), Some(TrxStatus::PresumedFailure));
    bank.on(MessageType::Epcc101, Reaction::Yes);
    let id = signing.value(Field::TrxId).expect("an id");
    until("the late answer in the case", || {
        let (_, case) = admin::show(node.ready.admin, &format!("/cases/{id}"));
        (case["reasons"] == json!(["presumed failure", "contradiction"])).then_some(())
    });
    assert_eq!(agreement(&node, &number_of(id)), Value::Null);
    assert_eq!(institution.send(&scene.payment(&number_of(id), 1)).code(), "PB521014");
    assert_eq!(bank.await_about(MessageType::Epcc207, &signing).status(), Some(TrxStatus::PresumedFailure));
}

/// The same identity with other content is refused, in each step of a signing by itself.
#[test]
fn one_id_is_one_content() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let institution = scene.institution(0);
    let check = scene.check();
    let signing = scene.signing(&check);
    for letter in [&check, &signing] {
        assert_eq!(institution.send(letter).status(), SUCCESS);
        let other = letter.clone().with(Field::SgnAcctTp, "01");
        let refused = institution.send(&other);
        assert_eq!((refused.message_type(), &*refused.code()), (MessageType::Epcc303, "ES000031"), "{refused}");
    }
    assert_eq!(scene.bank().heard(MessageType::Epcc101).len(), 2);
}

/// While an end is under way nothing is debited; if the bank refuses it, the agreement lives on; what was paid can be refunded
/// after the end.
#[test]
fn an_end_under_way_stops_payments_and_no_end_stops_refunds() {
    let scene = Scene::with(NODE, |options| options.timing.leg1_deadline_ms = 20_000);
    let _node = scene.start();
    let (institution, bank, number) = (scene.institution(0), scene.bank(), scene.sign());
    let payment = scene.payment(&number, 500);
    assert_eq!(institution.send(&payment).status(), SUCCESS);
    for (answer, status, code) in
        [(Reaction::No("PB500099"), FAILURE, "00000000"), (Reaction::Yes, SUCCESS, "PB521013")]
    {
        bank.on(MessageType::Epcc103, Reaction::Held);
        let end = scene.end(MessageType::Epcc103, "0203", &number);
        let receipt = std::thread::scope(|threads| {
            let sent = threads.spawn(|| institution.send(&end));
            let _leg = bank.await_about(MessageType::Epcc103, &end);
            assert_eq!(institution.send(&scene.payment(&number, 1)).code(), "PB521013", "an end is under way");
            bank.on(MessageType::Epcc103, answer);
            sent.join().expect("an answer")
        });
        assert_eq!(receipt.status(), status, "{receipt}");
        assert_eq!(institution.send(&scene.payment(&number, 1)).code(), code);
    }
    assert_eq!(institution.send(&institution.refund(&payment, 500)).status(), SUCCESS);
}

/// Each step of a signing, and a bank's own word, is found by its own category, by its parties.
#[test]
fn queries_tell_the_steps_apart() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let (institution, bank) = (scene.institution(0), scene.bank());
    let check = scene.check();
    assert_eq!(institution.send(&check).status(), SUCCESS);
    let signing = scene.signing(&check);
    assert_eq!(institution.send(&institution.query(&signing)).code(), "PB531001", "not asked for yet");
    bank.on(MessageType::Epcc101, Reaction::No("PB511027"));
    assert_eq!(institution.send(&signing).status(), FAILURE);
    assert_eq!([&check, &signing].map(|one| institution.send(&institution.query(one)).status()), [SUCCESS, FAILURE]);
    bank.on(MessageType::Epcc101, Reaction::Yes);
    let number = scene.sign();
    let end = scene.end(MessageType::Epcc105, "0208", &number);
    assert_eq!(scene.send_as(bank, &end).code(), "00000000");
    let ask = |party: &Party| {
        let mut query = institution.query(&end);
        query.header = party.letter(MessageType::Epcc301).header;
        scene.send_as(party, &query)
    };
    assert_eq!(ask(bank).status(), SUCCESS);
    assert_eq!(ask(scene.reserve_bank()).code(), "PB531001", "another bank's");
    assert_eq!(institution.send(&institution.query(&end)).status(), SUCCESS, "the other end of it");
}

/// Agreements whose term has not begun, or is over, and numbers of the wrong kind.
#[test]
fn terms_and_kinds_of_numbers_are_kept() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let institution = scene.institution(0);
    let line = |number: &str, starts: &str, ends: &str| {
        format!("{number},,{},{},{CARD},,,{starts},{ends}", institution.identity().id, scene.bank().identity().id)
    };
    let lines = [
        line("EPFUTURE", "20990101", ""),
        line("EPPAST", "20200101", "20201231"),
        line("EPNOW", "20200101", "20991231"),
    ];
    let (_, report) = admin::change(node.ready.admin, "/agreements/import", &json!({ "by": "a test", "lines": lines }));
    assert_eq!((&report["imported"], &report["rejected"][0]["line"]), (&json!(2), &json!(1)), "{report}");
    let mandate = mandates::create(&scene, &mandates::request(&scene, "01"));
    for (number, code) in
        [("EPFUTURE", "PB521015"), ("EPPAST", "PB521014"), ("EPNOW", "00000000"), (&mandate, "PB521014")]
    {
        assert_eq!(institution.send(&scene.payment(number, 1)).code(), code, "{number}");
    }
    assert_eq!(
        institution.send(&mandates::payment(&scene, "EPNOW", 1)).code(),
        "PB521014",
        "an agreement is no mandate"
    );
    assert_eq!(institution.send(&mandates::payment(&scene, &mandate, 1)).code(), "00000000");
}

/// Whether signing is needed, by customer and by card.
#[test]
fn signing_is_needed_where_no_agreement_lives() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let channel = |place: usize| json!({ "institution": scene.institution(0).identity().id.as_str(), "bank": scene.institution(0).bank(place) });
    let (reserve, customers) = scene.places();
    let needed = || {
        let question = json!({
            "customer": "110101199003070039", "account": CARD, "channels": [channel(reserve), channel(customers)],
        });
        let (status, answer) = admin::change(node.ready.admin, "/agreements/needed", &question);
        assert_eq!(status, 200, "{answer}");
        [0, 1].map(|place| answer["channels"][place]["needed"].as_bool().expect("a word"))
    };
    assert_eq!(needed(), [true, true]);
    let number = scene.sign();
    assert_eq!(needed(), [true, false]);
    assert_eq!(scene.institution(0).send(&scene.end(MessageType::Epcc103, "0203", &number)).status(), SUCCESS);
    assert_eq!(needed(), [true, true]);
}
