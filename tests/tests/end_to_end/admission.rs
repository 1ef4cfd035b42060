//! Who may send what, and how much, changed while the node runs: exact under a race, and over a kill.

use std::net::SocketAddr;

use clearway_codec::{MessageType, TrxStatus};
use clearway_loadgen::Behaviour;
use clearway_tests::admin;
use clearway_tests::answer::Answer;
use clearway_tests::institution::Institution;
use clearway_tests::letter::Letter;
use clearway_tests::site::Site;

use crate::NODE;

/// Makes a change that must be accepted.
fn change(address: SocketAddr, path: &str, body: &str) {
    let response = admin::post_json(address, path, body);
    assert_eq!(response.status, 200, "{path} {body}: {}", String::from_utf8_lossy(&response.body));
}

/// Limits of the whole bank at place 0.
fn limit_bank(site: &Site, address: SocketAddr, bounds: &str) {
    let bank = site.institution(0).bank(0);
    change(address, "/limits", &format!(r#"{{"by":"tester","layer":"bank","bank":"{bank}",{bounds}}}"#));
}

fn outcome(answer: &Answer) -> (Option<TrxStatus>, String) {
    (answer.status(), answer.code())
}

fn failed(code: &str) -> (Option<TrxStatus>, String) {
    (Some(TrxStatus::Failure), code.to_owned())
}

fn succeeded() -> (Option<TrxStatus>, String) {
    (Some(TrxStatus::Success), "00000000".to_owned())
}

fn pay(institution: &Institution<'_>, fen: u64) -> (Option<TrxStatus>, String) {
    outcome(&institution.send(&institution.payment(0, fen)))
}

#[test]
fn fifty_at_once_use_a_limit_to_the_last_fen_and_it_survives_a_kill() {
    let site = Site::new(NODE);
    let node = site.start();
    limit_bank(&site, node.ready.admin, r#""day_amount_fen":2050"#);
    let institution = site.institution(0);
    let payments: Vec<Letter> = (0..50).map(|_| institution.payment(0, 100)).collect();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let sent: Vec<_> = payments.iter().map(|one| scope.spawn(|| outcome(&institution.send(one)))).collect();
        sent.into_iter().map(|sent| sent.join().expect("an answer")).collect()
    });
    assert_eq!(outcomes.iter().filter(|one| **one == succeeded()).count(), 20, "{outcomes:?}");
    assert!(outcomes.iter().all(|one| *one == succeeded() || *one == failed("PB521024")), "{outcomes:?}");

    node.kill();
    let node = site.start();
    let limits = admin::json(node.ready.admin, "/limits");
    assert_eq!((&limits[0]["day_amount_fen"], &limits[0]["changed"]["by"]), (&2050.into(), &"tester".into()));
    assert_eq!(pay(&institution, 51), failed("PB521024"));
    assert_eq!(pay(&institution, 50), succeeded());
    assert_eq!(pay(&institution, 1), failed("PB521024"));
    // A customer of another bank is nothing to it.
    assert_eq!(outcome(&institution.send(&institution.payment(1, 51))), succeeded());
}

#[test]
fn a_payment_that_fails_gives_its_share_back() {
    let site = Site::new(NODE);
    let node = site.start();
    limit_bank(&site, node.ready.admin, r#""day_count":1"#);
    let institution = site.institution(0);
    let id = site.parties().banks[0].identity.id;
    let refusing = Behaviour { refuses: 1.0, ..Behaviour::default() };
    site.counterparties().set_behaviour(id, refusing).expect("a behaviour");
    for _ in 0..3 {
        let (status, code) = pay(&institution, 5);
        assert!(status == Some(TrxStatus::Failure) && code != "PB521021", "{code}");
    }
    site.counterparties().set_behaviour(id, Behaviour::default()).expect("a behaviour");
    assert_eq!(pay(&institution, 5), succeeded());
    assert_eq!(pay(&institution, 5), failed("PB521021"));
}

#[test]
fn the_single_payment_and_one_institution_have_bounds_of_their_own() {
    let site = Site::new(NODE);
    let node = site.start();
    let (one, other) = (site.institution(0), site.institution(1));
    limit_bank(&site, node.ready.admin, r#""per_payment_fen":500"#);
    let (bank, id) = (one.bank(0), one.identity().id);
    change(
        node.ready.admin,
        "/limits",
        &format!(r#"{{"by":"tester","layer":"institution","bank":"{bank}","institution":"{id}","day_count":1}}"#),
    );
    assert_eq!(pay(&one, 501), failed("PB521023"));
    assert_eq!(pay(&one, 500), succeeded());
    assert_eq!(pay(&one, 1), failed("PB521021"));
    assert_eq!((pay(&other, 500), pay(&other, 500)), (succeeded(), succeeded()));
}

#[test]
fn a_drained_bank_gets_nothing_new_until_it_is_opened_again() {
    let site = Site::new(NODE);
    let node = site.start();
    let institution = site.institution(0);
    let page = format!("/participants/{}", institution.bank(0));
    change(node.ready.admin, &page, r#"{"by":"tester","drained":true}"#);
    assert_eq!(pay(&institution, 5), failed("PS500030"));
    assert!(admin::json(node.ready.admin, "/operations")["closed_now"][0] == institution.bank(0));
    change(node.ready.admin, &page, r#"{"by":"tester","as_configured":true}"#);
    assert_eq!(pay(&institution, 5), succeeded());
}

#[test]
fn a_business_that_is_not_allowed_is_refused() {
    let site = Site::new(NODE);
    let node = site.start();
    let institution = site.institution(0);
    let page = format!("/participants/{}", institution.identity().id);
    change(node.ready.admin, &page, r#"{"by":"tester","businesses":["refund"]}"#);
    let answer = institution.send(&institution.payment(0, 5));
    assert_eq!((answer.message_type(), answer.code().as_str()), (MessageType::Epcc303, "PB040000"), "{answer}");
    change(node.ready.admin, &page, r#"{"by":"tester","businesses":["agreement-payment"],"rate_per_s":1}"#);
    // One a second: of ten at once most are too many.
    let codes: Vec<_> = (0..10).map(|_| pay(&institution, 5).1).collect();
    assert!(codes[0] == "00000000" && codes[1..].contains(&"PS500001".to_owned()), "{codes:?}");
}

#[test]
fn changes_that_do_not_fit_are_refused_and_change_nothing() {
    let site = Site::new(NODE);
    let node = site.start();
    let bank = site.institution(0).bank(0);
    for (path, body, status) in [
        (format!("/participants/{bank}"), r#"{"drained":true}"#.to_owned(), 400),
        (format!("/participants/{bank}"), r#"{"by":"x","businesses":["lottery"]}"#.to_owned(), 400),
        ("/participants/C1999911000015".to_owned(), r#"{"by":"x","drained":true}"#.to_owned(), 404),
        ("/limits".to_owned(), r#"{"by":"x","layer":"card"}"#.to_owned(), 400),
        ("/maintenance".to_owned(), "x".repeat(20_000), 413),
    ] {
        let response = admin::post_json(node.ready.admin, &path, &body);
        assert_eq!(response.status, status, "{path}: {}", String::from_utf8_lossy(&response.body));
    }
    assert_eq!(admin::json(node.ready.admin, "/limits"), serde_json::json!([]));
    let _ = site.institution(0).pay();
}
