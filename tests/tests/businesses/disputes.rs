//! Look-up (313), submission (321), decision (322), adjustment (324), and the cases that open by themselves; control numbers (401).

use clearway_codec::{Direction, Field, MessageType, TrxStatus};
use clearway_tests::admin;
use clearway_tests::answer::Answer;
use clearway_tests::institution::amount_text;
use clearway_tests::letter::Letter;
use clearway_tests::party::{Party, Reaction};
use clearway_tests::process::NodeProcess;
use clearway_tests::scene::Scene;
use clearway_tests::wait::until;
use serde_json::{Value, json};

use crate::NODE;

const SUCCESS: Option<TrxStatus> = Some(TrxStatus::Success);

fn case(node: &NodeProcess, of: &Letter) -> Value {
    admin::show(node.ready.admin, &format!("/cases/{}", of.value(Field::TrxId).expect("an id"))).1
}

/// `OriTrxInf` of a message about a payment.
fn about(letter: Letter, payment: &Letter) -> Letter {
    let of = |field| payment.value(field).expect("a payment has it");
    letter
        .with(Field::OriTrxCtgy, of(Field::TrxCtgy))
        .with(Field::OriTrxId, of(Field::TrxId))
        .with(Field::OriTrxDtTm, of(Field::TrxDtTm))
}

fn dispute(letter: Letter, payment: &Letter, direction: &str, fen: u64) -> Letter {
    about(letter, payment).with(Field::DsptTp, direction).with(Field::DsptAmt, amount_text(fen))
}

/// A message of a bank about a payment, as payer's bank.
fn by_bank(party: &Party, message_type: MessageType, payment: &Letter, direction: &str, fen: u64) -> Letter {
    dispute(party.letter(message_type), payment, direction, fen)
}

fn code(answer: &Answer) -> String {
    assert_eq!(answer.message_type(), MessageType::Epcc303, "{answer}");
    answer.code()
}

/// 321: a bank asks for so many fen back.
pub(crate) fn submission(party: &Party, payment: &Letter, fen: u64) -> Letter {
    by_bank(party, MessageType::Epcc321, payment, "01", fen)
}

/// A payment of 12.34 that has succeeded.
fn paid(scene: &Scene, number: &str) -> Letter {
    let payment = scene.payment(number, 1_234);
    assert_eq!(scene.institution(0).send(&payment).status(), SUCCESS);
    payment
}

#[test]
fn only_parties_learn_details() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let institution = scene.institution(0);
    let payment = paid(&scene, &scene.sign());
    let ask = |letter: Letter, party: &Party| scene.send_as(party, &about(letter, &payment));
    let stranger = &scene.banks[3 - scene.places().0 - scene.places().1];
    let own = about(institution.letter(MessageType::Epcc313), &payment);
    for answer in [institution.send(&own), ask(scene.bank().letter(MessageType::Epcc313), scene.bank())] {
        assert_eq!((answer.message_type(), answer.status()), (MessageType::Epcc314, SUCCESS), "{answer}");
        assert_eq!(answer.text(Field::OriTrxAmt).as_deref(), Some("CNY12.34"));
        assert_eq!(answer.text(Field::InstgId).as_deref(), Some(institution.identity().id.as_str()));
        assert_eq!(answer.text(Field::PyerAcctIssrId).as_deref(), Some(institution.bank(scene.places().1)));
    }
    let other = scene.institution(1);
    let foreign = about(other.letter(MessageType::Epcc313), &payment);
    for answer in [other.send(&foreign), ask(stranger.letter(MessageType::Epcc313), stranger)] {
        assert_eq!((answer.message_type(), answer.status()), (MessageType::Epcc314, None), "{answer}");
        assert_eq!(answer.text(Field::SysRtnCd).as_deref(), Some("PB531001"));
        assert_eq!((answer.text(Field::OriTrxAmt), answer.text(Field::InstgId)), (None, None));
    }
}

/// The whole way of a dispute, with everything out of order that can be.
#[test]
fn a_dispute_is_submitted_agreed_and_adjusted_in_this_order_alone() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (bank, reserve) = (scene.bank(), scene.reserve_bank());
    let number = scene.sign();
    let payment = paid(&scene, &number);
    let from_bank = |kind, fen, direction| code(&scene.send_as(bank, &by_bank(bank, kind, &payment, direction, fen)));
    let decision = |party: &Party, result: &str| {
        let letter = by_bank(party, MessageType::Epcc322, &payment, "01", 1_000).with(Field::DsptRslt, result);
        code(&scene.send_as(party, &letter))
    };
    // Nothing is asked for yet.
    assert_eq!(case(&node, &payment)["status"], Value::Null);
    let unasked = scene.payment(&number, 1);
    let nothing = by_bank(bank, MessageType::Epcc321, &unasked, "01", 1);
    assert_eq!(code(&scene.send_as(bank, &nothing)), "PB531001", "of no payment");
    let institution = scene.institution(0);
    let stranger = scene.institution(1);
    let foreign = dispute(stranger.letter(MessageType::Epcc321), &payment, "01", 1);
    assert_eq!(code(&stranger.send(&foreign)), "PB531001", "another's payment");
    // 321: the other bank takes note.
    assert_eq!(from_bank(MessageType::Epcc321, 1_000, "01"), "00000000");
    let told = reserve.await_about(MessageType::Epcc321, &payment);
    assert_eq!(told.text(Field::DsptAmt).as_deref(), Some("CNY10.00"));
    assert_eq!(
        (&case(&node, &payment)["state"], &case(&node, &payment)["asked"]["amount"]),
        (&json!("submitted"), &json!("CNY10.00"))
    );
    // The same words again are the same message; other words under the same id are not.
    assert_eq!(from_bank(MessageType::Epcc321, 1_000, "01"), "00000000");
    assert_eq!(reserve.heard(MessageType::Epcc321).len(), 1);
    assert_eq!(from_bank(MessageType::Epcc321, 1_001, "01"), "ES000031");
    // 322 by the bank that was asked; 324 by one of the two, never above what was agreed.
    assert_eq!(decision(reserve, "00"), "00000000");
    assert_eq!(bank.await_about(MessageType::Epcc322, &payment).text(Field::DsptRslt).as_deref(), Some("00"));
    assert_eq!(case(&node, &payment)["state"], "agreed");
    assert_eq!(from_bank(MessageType::Epcc324, 1_000, "01"), "00000000");
    let _adjusted = reserve.await_about(MessageType::Epcc324, &payment);
    let seen = case(&node, &payment);
    assert_eq!((&seen["state"], &seen["moved"]), (&json!("adjusted"), &json!("CNY2.34")), "{seen}");
    assert!(seen["adjustments"][0]["batch"].as_str().is_some_and(|batch| batch.starts_with('D')), "{seen}");
    // What has gone back by adjustment is in the journal.
    node.kill();
    let node = scene.start();
    assert_eq!(case(&node, &payment)["moved"], "CNY2.34");
    assert_eq!(institution.await_final(&payment), TrxStatus::Success, "a correction is no change of state");
}

/// Each wrong order and each wrong amount, on a payment of its own.
#[test]
fn out_of_order_and_above_the_original_is_refused() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (bank, reserve, number) = (scene.bank(), scene.reserve_bank(), scene.sign());
    let say = |party: &Party, kind, payment: &Letter, direction: &str, fen, result: &str| {
        let letter = by_bank(party, kind, payment, direction, fen);
        let letter = if result.is_empty() { letter } else { letter.with(Field::DsptRslt, result) };
        code(&scene.send_as(party, &letter))
    };
    use MessageType::{Epcc321 as Submit, Epcc322 as Decide, Epcc324 as Adjust};
    type Row<'a> = (&'a str, Vec<(&'a Party, MessageType, &'a str, u64, &'a str, &'a str)>);
    let table: Vec<Row<'_>> = vec![
        ("above the original", vec![(bank, Submit, "01", 1_235, "", "RB622022")]),
        ("to the payee, who has all", vec![(bank, Submit, "02", 1, "", "RB622022")]),
        ("decided before it is asked", vec![(reserve, Decide, "01", 1, "00", "RB622099")]),
        ("adjusted before it is asked", vec![(bank, Adjust, "01", 1, "", "RB622099")]),
        (
            "decided by the one who asked",
            vec![(bank, Submit, "01", 5, "", "00000000"), (bank, Decide, "01", 5, "00", "RB622099")],
        ),
        (
            "adjusted before it is agreed",
            vec![(bank, Submit, "01", 5, "", "00000000"), (bank, Adjust, "01", 5, "", "RB622099")],
        ),
        (
            "adjusted although it is refused",
            vec![
                (bank, Submit, "01", 5, "", "00000000"),
                (reserve, Decide, "01", 5, "01", "00000000"),
                (bank, Adjust, "01", 5, "", "RB622099"),
            ],
        ),
        (
            "more than is agreed",
            vec![
                (bank, Submit, "01", 5, "", "00000000"),
                (reserve, Decide, "01", 5, "00", "00000000"),
                (bank, Adjust, "01", 6, "", "RB622099"),
            ],
        ),
        (
            "the other way than is agreed",
            vec![
                (bank, Submit, "01", 5, "", "00000000"),
                (reserve, Decide, "01", 5, "00", "00000000"),
                (bank, Adjust, "02", 5, "", "RB622099"),
            ],
        ),
    ];
    for (name, steps) in table {
        let payment = paid(&scene, &number);
        for (party, kind, direction, fen, result, expected) in steps {
            assert_eq!(say(party, kind, &payment, direction, fen, result), expected, "{name}: {kind:?}");
        }
        let seen = case(&node, &payment);
        assert!(seen["moved"] == "CNY12.34" || seen["moved"] == Value::Null, "{name}: {seen}");
    }
    // What a refund has taken cannot be taken again.
    let payment = paid(&scene, &number);
    let institution = scene.institution(0);
    assert_eq!(institution.send(&institution.refund(&payment, 1_000)).status(), SUCCESS);
    assert_eq!(say(bank, Submit, &payment, "01", 235, ""), "RB622022");
}

/// An institution asks for what a presumed failure took from it; the reserve bank agrees, and it goes to the payee.
#[test]
fn an_institution_asks_for_what_was_presumed_lost() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, bank, reserve) = (scene.institution(0), scene.bank(), scene.reserve_bank());
    let number = scene.sign();
    bank.on(MessageType::Epcc201, Reaction::Fail);
    bank.on(MessageType::Epcc301, Reaction::Fail);
    let payment = scene.payment(&number, 1_234);
    assert_eq!(institution.send(&payment).status(), Some(TrxStatus::PresumedFailure));
    let say = |kind, direction: &str, fen| {
        code(&institution.send(&dispute(institution.letter(kind), &payment, direction, fen)))
    };
    assert_eq!(say(MessageType::Epcc321, "01", 1), "RB622022", "nothing has moved that could go back");
    let again = "a second word under the same identity";
    assert_eq!(say(MessageType::Epcc321, "02", 1_234), "ES000031", "{again}");
    let other = scene.payment(&number, 1_234);
    assert_eq!(institution.send(&other).status(), Some(TrxStatus::PresumedFailure));
    let say = |kind, direction: &str, fen| {
        code(&institution.send(&dispute(institution.letter(kind), &other, direction, fen)))
    };
    assert_eq!(say(MessageType::Epcc321, "02", 1_234), "00000000");
    let _told = reserve.await_about(MessageType::Epcc321, &other);
    let agreed = by_bank(reserve, MessageType::Epcc322, &other, "02", 1_234).with(Field::DsptRslt, "00");
    assert_eq!(code(&scene.send_as(reserve, &agreed)), "00000000");
    let heard = scene.institutions[0].await_about(MessageType::Epcc322, &other);
    assert_eq!(heard.direction(), Direction::SWITCH_TO_PI);
    assert_eq!(say(MessageType::Epcc324, "02", 1_234), "00000000");
    let seen = case(&node, &other);
    assert_eq!((&seen["state"], &seen["moved"]), (&json!("adjusted"), &json!("CNY12.34")), "{seen}");
    assert_eq!(seen["reasons"], json!(["presumed failure", "submitted"]), "{seen}");
}

/// The operator adjusts from the console, to the fen.
#[test]
fn the_console_adjusts_up_to_what_is_there() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (bank, number) = (scene.bank(), scene.sign());
    bank.on(MessageType::Epcc201, Reaction::Fail);
    bank.on(MessageType::Epcc301, Reaction::Fail);
    let payment = scene.payment(&number, 1_234);
    assert_eq!(scene.institution(0).send(&payment).status(), Some(TrxStatus::PresumedFailure));
    let path = format!("/cases/{}", payment.value(Field::TrxId).expect("an id"));
    let adjust = |direction: &str, fen: u64| {
        let body = json!({ "by": "a test", "direction": direction, "amount": amount_text(fen) });
        admin::change(node.ready.admin, &path, &body).0
    };
    assert_eq!(adjust("01", 1), 409, "nothing has moved");
    assert_eq!([adjust("02", 1_235), adjust("02", 1_000), adjust("02", 235), adjust("02", 234)], [409, 200, 409, 200]);
    assert_eq!(case(&node, &payment)["moved"], "CNY12.34");
    let nowhere =
        admin::change(node.ready.admin, "/cases/1", &json!({ "by": "x", "direction": "01", "amount": "CNY0.01" }));
    assert_eq!(nowhere.0, 404);
}

#[test]
fn presumptions_and_late_answers_open_cases_by_themselves() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, bank, reserve) = (scene.institution(0), scene.bank(), scene.reserve_bank());
    let number = scene.sign();
    // Banks that fail, and what is presumed.
    let table = [
        (bank, TrxStatus::PresumedFailure, "presumed failure"),
        (reserve, TrxStatus::PresumedSuccess, "presumed success"),
    ];
    for (silent, status, reason) in table {
        silent.on(MessageType::Epcc201, Reaction::Fail);
        silent.on(MessageType::Epcc301, Reaction::Fail);
        let payment = scene.payment(&number, 1_234);
        assert_eq!(institution.send(&payment).status(), Some(status));
        silent.on(MessageType::Epcc201, Reaction::Yes);
        silent.on(MessageType::Epcc301, Reaction::Yes);
        let seen = case(&node, &payment);
        assert_eq!((&seen["reasons"], &seen["state"]), (&json!([reason]), &json!("open")), "{seen}");
    }
    // A bank that answers when everything is over: what it says is listed and changes nothing.
    bank.on(MessageType::Epcc201, Reaction::Held);
    bank.on(MessageType::Epcc301, Reaction::Unknown);
    let late = scene.payment(&number, 1_234);
    assert_eq!(institution.send(&late).status(), Some(TrxStatus::Failure));
    bank.on(MessageType::Epcc201, Reaction::Yes);
    until("the case of the late answer", || (case(&node, &late)["reasons"] == json!(["contradiction"])).then_some(()));
    assert_eq!(institution.await_final(&late), TrxStatus::Failure);
    let (_, open) = admin::show(node.ready.admin, "/cases");
    assert_eq!(open["cases"], 3, "{open}");
}

#[test]
fn control_numbers_are_told_to_who_asks_for_its_own() {
    let scene = Scene::with(NODE, |options| {
        options.business.control_numbers = vec![770_101, 760_003];
        options.business.enforce_control_numbers = true;
    });
    let _node = scene.start();
    let institution = scene.institution(0);
    let ask = |id: &str| institution.send(&institution.letter(MessageType::Epcc401).with(Field::InstgId, id));
    let answer = ask(institution.identity().id.as_str());
    assert_eq!((answer.message_type(), &*answer.code()), (MessageType::Epcc402, "00000000"), "{answer}");
    assert_eq!(answer.items(Field::CtrlNbF), ["760003", "770101"]);
    assert_eq!(ask(scene.institution(1).identity().id.as_str()).code(), "ES000024");
    let bank = scene.bank();
    let asked = bank.letter(MessageType::Epcc401).with(Field::InstgId, bank.identity().id.as_str());
    let told = scene.send_as(bank, &asked);
    assert_eq!(
        (told.message_type(), told.direction()),
        (MessageType::Epcc402, Direction::SWITCH_TO_PAYER_BANK),
        "{told}"
    );
    assert_eq!(told.items(Field::CtrlNbF).len(), 2);
    let number = scene.sign();
    let payment = scene.payment(&number, 100);
    let id = payment.value(Field::TrxId).expect("an id").to_owned();
    assert_eq!(institution.send(&payment).status(), SUCCESS);
    let foreign = payment.with(Field::TrxId, id.replace("770101", "770199"));
    let refused = institution.send(&foreign);
    assert_eq!((refused.message_type(), &*refused.code()), (MessageType::Epcc303, "ES000034"), "{refused}");
}
