//! Who may send what, and how much: allowed businesses, the three layers of limits, rates, drained banks; changed at run time.

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_tests::admin;
use clearway_tests::institution::time_text;
use clearway_tests::letter::Letter;
use clearway_tests::party::Reaction;
use clearway_tests::process::NodeProcess;
use clearway_tests::scene::Scene;
use clearway_tests::wait::until;
use serde_json::{Value, json};

use crate::NODE;

const SUCCESS: &str = "00000000";

/// Makes a change that must be taken.
fn change(node: &NodeProcess, path: &str, body: &Value) {
    let (status, answer) = admin::change(node.ready.admin, path, body);
    assert_eq!(status, 200, "{path} {body}: {answer}");
}

fn change_institution(scene: &Scene, node: &NodeProcess, body: &Value) {
    change(node, &format!("/participants/{}", scene.institution(0).identity().id), body);
}

fn change_bank(scene: &Scene, node: &NodeProcess, drained: bool) {
    let path = format!("/participants/{}", scene.bank().identity().id);
    change(node, &path, &json!({ "by": "a test", "drained": drained }));
}

/// Sets a bound of a layer at the customers' bank; null lifts it.
pub(crate) fn limit(scene: &Scene, node: &NodeProcess, layer: &str, key: &str, bound: &Value) {
    let mut body = json!({ "by": "a test", "layer": layer, "bank": scene.bank().identity().id.as_str() });
    body[key] = bound.clone();
    if layer == "institution" {
        body["institution"] = scene.institution(0).identity().id.as_str().into();
    }
    change(node, "/limits", &body);
}

/// Pays, and gives the code.
fn pay(scene: &Scene, number: &str, fen: u64) -> String {
    scene.institution(0).send(&scene.payment(number, fen)).code()
}

#[test]
fn only_allowed_businesses_are_served_and_a_crash_forgets_no_change() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, number) = (scene.institution(0), scene.sign());
    let allow = |node: &NodeProcess, names: Value| {
        change_institution(&scene, node, &json!({ "by": "a test", "businesses": names }));
    };
    allow(&node, json!(["refund"]));
    let payment = scene.payment(&number, 100);
    let refused = |letter: &Letter| {
        let answer = institution.send(letter);
        assert_eq!((answer.message_type(), &*answer.code()), (MessageType::Epcc303, "PB040000"), "{answer}");
    };
    refused(&payment);
    refused(&scene.check());
    node.kill();
    let node = scene.start();
    refused(&payment);
    allow(&node, json!(["agreement-payment"]));
    assert_eq!(institution.send(&payment).code(), SUCCESS, "what was refused never happened");
    refused(&institution.refund(&payment, 1));
    allow(&node, Value::Null);
    assert_eq!(institution.send(&institution.refund(&payment, 1)).code(), SUCCESS);
    let unknown = json!({ "by": "a test", "businesses": ["barter"] });
    let path = format!("/participants/{}", institution.identity().id);
    assert_eq!(admin::change(node.ready.admin, &path, &unknown).0, 400);
}

/// Each bound of each layer: up to it, above it, given back by a failure, kept over a crash.
#[test]
fn every_layer_has_its_limits_and_gives_back_what_failed() {
    let scene = Scene::new(NODE);
    let mut node = scene.start();
    let number = scene.sign();
    // A layer that has a bound of the day counts for all of them: two payments of the bound before are counted in the last.
    let table =
        [("per_payment_fen", 100, "PB521023"), ("day_amount_fen", 100, "PB521024"), ("day_count", 4, "PB521021")];
    for layer in ["bank", "institution", "card"] {
        for (key, bound, code) in table {
            limit(&scene, &node, layer, key, &json!(bound));
            let place = format!("{layer} {key}");
            match key {
                "per_payment_fen" => {
                    assert_eq!([100, 101].map(|fen| pay(&scene, &number, fen)), [SUCCESS, code], "{place}")
                }
                _ => {
                    scene.bank().on(MessageType::Epcc201, Reaction::No("PB520011"));
                    let failing = [60, 60].map(|fen| pay(&scene, &number, fen));
                    assert_eq!(failing, ["PB520011", "PB520011"], "{place}: a failure gives back what it took");
                    scene.bank().on(MessageType::Epcc201, Reaction::Yes);
                    assert_eq!([60, 40].map(|fen| pay(&scene, &number, fen)), [SUCCESS, SUCCESS], "{place}");
                    assert_eq!(pay(&scene, &number, 1), code, "{place}");
                }
            }
            let asked = scene.bank().heard(MessageType::Epcc201).len();
            if layer == "card" {
                node.kill();
                node = scene.start();
            }
            let above = if key == "per_payment_fen" { 101 } else { 1 };
            assert_eq!(pay(&scene, &number, above), code, "{place}: still");
            assert_eq!(scene.bank().heard(MessageType::Epcc201).len(), asked, "{place}: no bank has seen it");
            limit(&scene, &node, layer, key, &Value::Null);
            assert_eq!(pay(&scene, &number, 101), SUCCESS, "{place}: lifted");
        }
    }
}

/// A card's limit is its own: another card of the same bank pays on, whatever agreement names it.
#[test]
fn a_limit_of_a_card_is_no_limit_of_its_neighbours() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let institution = scene.institution(0);
    let (one, same_card) = (scene.sign(), scene.sign());
    let line =
        format!("EPNEIGHBOUR,,{},{},6226000000000000099,,,,", institution.identity().id, scene.bank().identity().id);
    change(&node, "/agreements/import", &json!({ "by": "a test", "lines": [line] }));
    limit(&scene, &node, "card", "day_count", &json!(1));
    assert_eq!(pay(&scene, &one, 5), SUCCESS);
    assert_eq!(pay(&scene, &same_card, 5), "PB521021");
    assert_eq!(pay(&scene, "EPNEIGHBOUR", 5), SUCCESS);
}

/// A drained bank takes nothing new; what is under way goes on to its end.
#[test]
fn a_drained_bank_finishes_what_it_has() {
    let scene = Scene::with(NODE, |options| options.timing.leg1_deadline_ms = 20_000);
    let node = scene.start();
    let (institution, bank, number) = (scene.institution(0), scene.bank(), scene.sign());
    bank.on(MessageType::Epcc201, Reaction::Held);
    let running = scene.payment(&number, 100);
    let receipt = std::thread::scope(|scope| {
        let sent = scope.spawn(|| institution.send(&running));
        let _leg = bank.await_about(MessageType::Epcc201, &running);
        change_bank(&scene, &node, true);
        let refused = institution.send(&scene.payment(&number, 100));
        assert_eq!((refused.status(), &*refused.code()), (Some(TrxStatus::Failure), "PS500030"), "{refused}");
        assert_eq!(institution.send(&scene.check()).code(), "PS500030");
        bank.on(MessageType::Epcc201, Reaction::Yes);
        sent.join().expect("an answer")
    });
    assert_eq!(receipt.status(), Some(TrxStatus::Success));
    assert_eq!(bank.heard(MessageType::Epcc201).len(), 1);
    node.kill();
    let node = scene.start();
    assert_eq!(pay(&scene, &number, 1), "PS500030", "a crash fills no bank");
    change_bank(&scene, &node, false);
    assert_eq!(pay(&scene, &number, 1), SUCCESS);
}

/// Announced maintenance of a bank: nothing new while it lasts, and from its cancellation everything.
#[test]
fn a_bank_in_maintenance_takes_nothing_new() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let number = scene.sign();
    let now_s = clearway_tests::institution::beijing_now().unix_secs();
    let at = |second| time_text(clearway_codec::BeijingTime::from_unix_secs(second));
    let window = json!({
        "by": "a test", "bank": scene.bank().identity().id.as_str(), "from": at(now_s - 60), "until": at(now_s + 3_600),
        "text": "new hall",
    });
    change(&node, "/maintenance", &window);
    assert_eq!(pay(&scene, &number, 1), "PS500030");
    let (_, listed) = admin::show(node.ready.admin, "/maintenance");
    let window = &listed[0];
    assert!(window.to_string().contains("new hall"), "{listed}");
    change(&node, "/maintenance", &json!({ "by": "a test", "cancel": window["number"] }));
    assert_eq!(pay(&scene, &number, 1), SUCCESS);
}

#[test]
fn who_sends_too_fast_is_refused_at_once_and_disturbs_nobody() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, other, number) = (scene.institution(0), scene.institution(1), scene.sign());
    change_institution(&scene, &node, &json!({ "by": "a test", "rate_per_s": 1, "rate_burst": 2 }));
    let probe = institution.letter(MessageType::Epcc991);
    until("a refusal", || (institution.send(&probe).code() == "PS500001").then_some(()));
    let seen = scene.bank().heard(MessageType::Epcc201).len();
    let payment = scene.payment(&number, 1);
    let answers =
        || until("another refusal", || Some(institution.send(&payment)).filter(|one| one.code() == "PS500001"));
    assert_eq!(answers().message_type(), MessageType::Epcc303);
    assert_eq!(other.send(&other.letter(MessageType::Epcc991)).message_type(), MessageType::Epcc992);
    assert!(scene.bank().heard(MessageType::Epcc201).len() <= seen + 1);
    change_institution(&scene, &node, &json!({ "by": "a test", "rate_per_s": null }));
    assert_eq!(institution.send(&payment).code(), SUCCESS);
    assert_eq!(scene.bank().await_about(MessageType::Epcc201, &payment).text(Field::RPFlg).as_deref(), Some("1"));
}
