//! Many at once, over two workers: what is bounded stays bounded, and what is decided is decided once.

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_tests::admin;
use clearway_tests::letter::Letter;
use clearway_tests::scene::Scene;
use serde_json::json;

use crate::{NODE, admission, gateway, mandates};

fn scene() -> Scene {
    Scene::with(NODE, |options| options.workers = 2)
}

/// Sends all of them at once; the codes.
fn send_at_once(scene: &Scene, letters: &[Letter]) -> Vec<String> {
    std::thread::scope(|scope| {
        let send = |letter| scene.institution(0).send(letter).code();
        let sent: Vec<_> = letters.iter().map(|letter| scope.spawn(move || send(letter))).collect();
        sent.into_iter().map(|sent| sent.join().expect("an answer")).collect()
    })
}

fn count(codes: &[String], code: &str) -> usize {
    codes.iter().filter(|one| *one == code).count()
}

#[test]
fn a_mandate_is_used_as_often_as_it_allows_and_no_more() {
    let scene = scene();
    let _node = scene.start();
    let number = mandates::create(&scene, &mandates::request(&scene, "01").with(Field::EntrstFrqcy, "3"));
    let payments: Vec<_> = (0..30).map(|_| mandates::payment(&scene, &number, 1_000)).collect();
    let codes = send_at_once(&scene, &payments);
    assert_eq!([count(&codes, "00000000"), count(&codes, "PB521021")], [3, 27], "{codes:?}");
    assert_eq!(scene.bank().heard(MessageType::Epcc221).len(), 3);
}

#[test]
fn a_limit_takes_what_it_allows_and_no_more() {
    let scene = scene();
    let node = scene.start();
    let number = scene.sign();
    for (layer, key, bound, code) in
        [("bank", "day_count", 5, "PB521021"), ("card", "day_amount_fen", 5_499, "PB521024")]
    {
        admission::limit(&scene, &node, layer, key, &json!(bound));
        let asked = scene.bank().heard(MessageType::Epcc201).len();
        let payments: Vec<_> = (0..30).map(|_| scene.payment(&number, 1_000)).collect();
        let codes = send_at_once(&scene, &payments);
        assert_eq!([count(&codes, "00000000"), count(&codes, code)], [5, 25], "{layer} {codes:?}");
        assert_eq!(scene.bank().heard(MessageType::Epcc201).len(), asked + 5);
        admission::limit(&scene, &node, layer, key, &serde_json::Value::Null);
    }
}

/// The customer pays in the moment in which the institution closes the order: one of the two is first, and all are told the same.
#[test]
fn paying_and_closing_at_once_come_to_one_end() {
    let scene = scene();
    let _node = scene.start();
    let orders: Vec<_> = (0..12).map(|number| gateway::wait_on_page(&scene, &format!("order {number}"))).collect();
    let closings: Vec<String> = std::thread::scope(|scope| {
        let scene = &scene;
        let races = orders.iter().map(|order| {
            scope.spawn(move || drop(scene.send_as(scene.bank(), &gateway::paid(scene, order))));
            scope.spawn(move || gateway::close(scene, order))
        });
        let races: Vec<_> = races.collect();
        races.into_iter().map(|closing| closing.join().expect("an answer")).collect()
    });
    let mut credited = 0;
    for (order, code) in orders.iter().zip(&closings) {
        let status = scene.institution(0).await_final(order);
        let expected = if code == "PB500034" { TrxStatus::Failure } else { TrxStatus::Success };
        assert_eq!(status, expected, "{code}");
        credited += usize::from(status == TrxStatus::Success);
        assert_eq!(scene.institutions[0].await_about(MessageType::Epcc207, order).status(), Some(status));
    }
    assert_eq!(scene.reserve_bank().heard(MessageType::Epcc241).len(), credited);
}

/// The same signing twice at once is one signing; the same end by both sides at once is one end.
#[test]
fn the_same_thing_twice_at_once_is_one() {
    let scene = scene();
    let node = scene.start();
    let check = scene.check();
    assert_eq!(scene.institution(0).send(&check).code(), "00000000");
    let signing = scene.signing(&check);
    let codes = send_at_once(&scene, &vec![signing.clone(); 8]);
    assert!(codes.iter().all(|code| code == "00000000" || code == "ES000033"), "{codes:?}");
    assert_eq!(scene.bank().heard(MessageType::Epcc101).len(), 2, "the check and one signing");
    let number = clearway_tests::party::number_of(signing.value(Field::TrxId).expect("an id"));
    let own = scene.end(MessageType::Epcc103, "0203", &number);
    let forced = scene.end(MessageType::Epcc105, "0208", &number);
    std::thread::scope(|scope| {
        let by_bank = scope.spawn(|| scene.send_as(scene.bank(), &forced).code());
        let ended = scene.institution(0).send(&own).code();
        assert!(["00000000", "PB512002"].contains(&&*ended), "{ended}");
        assert_eq!(by_bank.join().expect("an answer"), "00000000");
    });
    assert_eq!(scene.institution(0).send(&scene.payment(&number, 1)).code(), "PB521013");
    clearway_tests::wait::until("nobody to owe his word", || {
        (admin::show(node.ready.admin, "/agreements").1["disagreeing"] == 0).then_some(())
    });
}
