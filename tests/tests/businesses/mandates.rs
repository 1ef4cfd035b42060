//! Mandates: created on the bank's page or offline (111, 113), used (221), ended by either side (115, 117, 118).

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_tests::admin;
use clearway_tests::answer::Answer;
use clearway_tests::institution::{beijing_now, time_text};
use clearway_tests::letter::Letter;
use clearway_tests::party::{Reaction, number_of};
use clearway_tests::process::NodeProcess;
use clearway_tests::scene::{Scene, keys, papers};
use clearway_tests::wait::until;
use serde_json::Value;

use crate::NODE;

const SUCCESS: Option<TrxStatus> = Some(TrxStatus::Success);
const FAILURE: Option<TrxStatus> = Some(TrxStatus::Failure);
const IN_PROCESS: Option<TrxStatus> = Some(TrxStatus::InProcess);
const DAY_S: i64 = 86_400;

fn mandate(node: &NodeProcess, number: &str) -> Value {
    admin::show(node.ready.admin, &format!("/agreements/{number}")).1["mandate"].clone()
}

/// The hour in Beijing, so many seconds from now.
fn in_seconds(seconds: i64) -> String {
    let at = beijing_now().unix_secs().saturating_add_signed(seconds);
    time_text(clearway_codec::BeijingTime::from_unix_secs(at))
}

/// 111: ten yuan at most, two payments a day, from yesterday for a year.
pub(crate) fn request(scene: &Scene, way: &str) -> Letter {
    let institution = scene.institution(0);
    scene
        .order(MessageType::Epcc111, "0204")
        .with(Field::EstblMd, way)
        .with(Field::SgnAcctIssrId, institution.bank(scene.places().1))
        .with(Field::SgnAcctTp, "00")
        .with(Field::InstgId, institution.identity().id.as_str())
        .with(Field::EntrstAmtLmt, "CNY10.00")
        .with(Field::EntrstStrDtTm, in_seconds(-DAY_S))
        .with(Field::EntrstEndDtTm, in_seconds(365 * DAY_S))
        .with(Field::EntrstDtUnt, "01")
        .with(Field::EntrstDtStp, "1")
        .with(Field::EntrstFrqcy, "2")
        .with_sealed(keys(&institution), &papers())
}

/// Creates a mandate that the bank confirms at once, and gives its number.
pub(crate) fn create(scene: &Scene, request: &Letter) -> String {
    scene.bank().on(MessageType::Epcc111, Reaction::Yes);
    let receipt = scene.institution(0).send(request);
    assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc113, SUCCESS), "{receipt}");
    number_of(request.value(Field::TrxId).expect("an id"))
}

/// 221 to the reserve account.
pub(crate) fn payment(scene: &Scene, number: &str, fen: u64) -> Letter {
    let institution = scene.institution(0);
    let payment = institution.payment(scene.places().1, fen);
    let of = |field| payment.value(field).expect("a payment has it").to_owned();
    let order = scene.order(MessageType::Epcc221, "0113").with(Field::SgnNo, number);
    [Field::PyerAcctIssrId, Field::PyeeAcctIssrId, Field::ResfdAcctIssrId, Field::TrxAmt]
        .into_iter()
        .fold(order, |order, field| order.with(field, of(field)))
        .with(Field::PyerAcctTp, "00")
        .with(Field::InstgId, institution.identity().id.as_str())
}

/// 221 straight to an account of this type at the third bank.
fn direct(scene: &Scene, number: &str, account_type: &str) -> Letter {
    let payee = 3 - scene.places().0 - scene.places().1;
    let letter = payment(scene, number, 500)
        .with(Field::PyeeAcctIssrId, scene.institution(0).bank(payee))
        .with(Field::PyeeAcctTp, account_type);
    without_reserve(letter)
}

/// Takes the block of the reserve account out.
fn without_reserve(letter: Letter) -> Letter {
    let document = letter.document();
    let (from, to) = (document.find("<ResfdInf>").expect("there"), document.find("</ResfdInf>").expect("there"));
    letter.edit(&document[from..to + "</ResfdInf>".len()], "")
}

#[test]
fn a_mandate_is_confirmed_on_a_page_or_offline_by_news_of_its_own() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, bank) = (scene.institution(0), scene.bank());
    for (way, reaction) in [("01", Reaction::Page), ("02", Reaction::InProcess)] {
        bank.on(MessageType::Epcc111, reaction);
        let request = request(&scene, way);
        let number = number_of(request.value(Field::TrxId).expect("an id"));
        let receipt = institution.send(&request);
        assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc113, IN_PROCESS), "{receipt}");
        assert_eq!(receipt.text(Field::PgUrl).is_some(), way == "01", "{receipt}");
        assert_eq!(institution.send(&request).bytes, receipt.bytes, "the page again, byte for byte");
        assert_eq!(institution.send(&institution.query(&request)).status(), IN_PROCESS);
        assert_eq!(mandate(&node, &number), Value::Null);
        assert_eq!(institution.send(&payment(&scene, &number, 100)).code(), "PB521014");
        // The customer confirms. What leaves out the number is refused; the bank says the rest twice.
        let asked = bank.await_about(MessageType::Epcc111, &request);
        assert_eq!(scene.send_as(bank, &bank.answer(&asked, Reaction::Numberless)).code(), "ES000010");
        let news = bank.answer(&asked, Reaction::Yes);
        for _ in 0..2 {
            let taken = scene.send_as(bank, &news);
            assert_eq!((taken.message_type(), &*taken.code()), (MessageType::Epcc303, "00000000"), "{taken}");
        }
        assert_eq!(mandate(&node, &number)["standing"], "live");
        let told = scene.institutions[0].await_about(MessageType::Epcc113, &request);
        assert_eq!((told.status(), told.text(Field::SgnNo)), (SUCCESS, Some(number.clone())));
        assert_eq!(scene.institutions[0].open(&told).get(Field::SgnAcctId), Some(papers()[0].1));
        assert_eq!(institution.send(&payment(&scene, &number, 100)).status(), SUCCESS);
        assert_eq!(institution.await_final(&request), TrxStatus::Success);
    }
}

#[test]
fn a_customer_who_refuses_leaves_no_mandate() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, bank) = (scene.institution(0), scene.bank());
    bank.on(MessageType::Epcc111, Reaction::Page);
    let request = request(&scene, "01");
    assert_eq!(institution.send(&request).status(), IN_PROCESS);
    let asked = bank.await_heard(MessageType::Epcc111, 1);
    // Another bank has no word in this.
    let stranger = scene.reserve_bank();
    let mut foreign = bank.answer(&asked, Reaction::Yes);
    (foreign.header.issuer, foreign.header.sign_sn) = (stranger.identity().id, stranger.identity().serial);
    assert_eq!(scene.send_as(stranger, &foreign).code(), "PB531001");
    assert_eq!(scene.send_as(bank, &bank.answer(&asked, Reaction::No("PB511099"))).code(), "00000000");
    let told = scene.institutions[0].await_about(MessageType::Epcc113, &request);
    assert_eq!((told.status(), &*told.code()), (FAILURE, "PB511099"));
    let number = number_of(request.value(Field::TrxId).expect("an id"));
    assert_eq!(mandate(&node, &number), Value::Null);
    assert_eq!(institution.await_final(&request), TrxStatus::Failure);
}

#[test]
fn payments_keep_to_the_terms() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let institution = scene.institution(0);
    let number = create(&scene, &request(&scene, "01"));
    let over = create(&scene, &request(&scene, "01").with(Field::EntrstEndDtTm, in_seconds(3)));
    let future = create(&scene, &request(&scene, "01").with(Field::EntrstStrDtTm, in_seconds(DAY_S)));
    let refused = |letter: &Letter, code: &str| {
        let receipt = institution.send(letter);
        assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc223, FAILURE), "{receipt}");
        assert_eq!(receipt.code(), code);
        assert_eq!(institution.send(letter).bytes, receipt.bytes);
    };
    refused(&payment(&scene, &number, 1_001), "PB521023");
    refused(&payment(&scene, &future, 1_000), "PB521015");
    refused(&direct(&scene, &number, "00"), "PB521096");
    until("the end of a term", || (mandate(&node, &over)["standing"] == "expired").then_some(()));
    refused(&payment(&scene, &over, 1_000), "PB521015");
    // Two a day; one that fails gives its place back.
    let first = institution.send(&payment(&scene, &number, 1_000));
    assert_eq!((first.message_type(), first.status()), (MessageType::Epcc223, SUCCESS), "{first}");
    scene.bank().on(MessageType::Epcc221, Reaction::No("PB520011"));
    assert_eq!(institution.send(&payment(&scene, &number, 1_000)).code(), "PB520011");
    scene.bank().on(MessageType::Epcc221, Reaction::Yes);
    assert_eq!(institution.send(&payment(&scene, &number, 1_000)).status(), SUCCESS);
    let asked = scene.bank().heard(MessageType::Epcc221).len();
    refused(&payment(&scene, &number, 1), "PB521021");
    assert_eq!(scene.bank().heard(MessageType::Epcc221).len(), asked, "no bank has seen it");
    assert_eq!(scene.reserve_bank().heard(MessageType::Epcc221).len(), 2);
    // Uses are in the journal.
    node.kill();
    let node = scene.start();
    refused(&payment(&scene, &number, 1), "PB521021");
    assert_eq!(mandate(&node, &number)["used"], 2);
}

/// Terms that cannot be never reach the bank.
#[test]
fn terms_that_cannot_be_are_refused() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let table = [
        ("over before it begins", Field::EntrstEndDtTm, in_seconds(-2 * DAY_S)),
        ("over already", Field::EntrstEndDtTm, in_seconds(-60)),
        ("a unit that nobody knows", Field::EntrstDtUnt, "09".to_owned()),
    ];
    for (name, field, value) in table {
        let receipt = scene.institution(0).send(&request(&scene, "01").with(field, value));
        assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc113, FAILURE), "{name}: {receipt}");
        assert_eq!(receipt.code(), "PB511099", "{name}");
    }
    assert!(scene.bank().heard(MessageType::Epcc111).is_empty());
}

/// Who may end a mandate, and which.
#[test]
fn only_its_own_ends_end_a_mandate_and_only_once() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let (institution, bank, stranger) = (scene.institution(0), scene.bank(), scene.reserve_bank());
    let number = create(&scene, &request(&scene, "01"));
    let by_bank = |number: &str| scene.end(MessageType::Epcc117, "0206", number);
    let mut foreign = by_bank(&number).with(Field::SgnAcctIssrId, stranger.identity().id.as_str());
    (foreign.header.issuer, foreign.header.sign_sn) = (stranger.identity().id, stranger.identity().serial);
    assert_eq!(scene.send_as(stranger, &foreign).code(), "PB512001", "another bank's");
    assert_eq!(scene.send_as(bank, &by_bank("EP0")).code(), "PB512001", "of none");
    assert_eq!(institution.send(&scene.end(MessageType::Epcc115, "0205", "EP0")).code(), "PB512001");
    assert_eq!(institution.send(&scene.end(MessageType::Epcc115, "0205", &number)).status(), SUCCESS);
    assert_eq!(institution.send(&scene.end(MessageType::Epcc115, "0205", &number)).code(), "PB512002");
    assert_eq!(scene.send_as(bank, &by_bank(&number)).code(), "PB512002", "ended already");
    assert!(scene.institutions[0].heard(MessageType::Epcc117).is_empty());
}

#[test]
fn only_what_went_to_the_reserve_account_can_be_refunded() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let institution = scene.institution(0);
    let number = create(&scene, &request(&scene, "01"));
    let merchant = direct(&scene, &number, "05");
    let receipt = institution.send(&merchant);
    assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc223, SUCCESS), "{receipt}");
    let payee = &scene.banks[3 - scene.places().0 - scene.places().1];
    assert_eq!(payee.heard(MessageType::Epcc221)[0].text(Field::RPFlg).as_deref(), Some("2"));
    let reserve = payment(&scene, &number, 1_000);
    assert_eq!(institution.send(&reserve).status(), SUCCESS);
    let refund = |of: &Letter, fen| {
        let answer = institution.send(&institution.refund(of, fen));
        (answer.status(), answer.code())
    };
    let merchant_with_reserve = merchant.with(Field::ResfdAcctIssrId, institution.bank(scene.places().0));
    assert_eq!(refund(&merchant_with_reserve, 1), (FAILURE, "RB622021".to_owned()));
    assert_eq!(refund(&reserve, 600), (SUCCESS, "00000000".to_owned()));
    assert_eq!(refund(&reserve, 401), (FAILURE, "RB622022".to_owned()));
    assert_eq!(refund(&reserve, 400), (SUCCESS, "00000000".to_owned()));
}

#[test]
fn the_institution_ends_a_mandate_at_once() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let institution = scene.institution(0);
    for (reaction, status) in [(Reaction::Yes, TrxStatus::Success), (Reaction::Fail, TrxStatus::PresumedSuccess)] {
        let number = create(&scene, &request(&scene, "01"));
        scene.bank().on(MessageType::Epcc115, reaction);
        scene.bank().on(MessageType::Epcc301, reaction);
        let receipt = institution.send(&scene.end(MessageType::Epcc115, "0205", &number));
        assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc116, Some(status)), "{receipt}");
        assert_eq!(mandate(&node, &number)["ended_by"], "institution");
        assert_eq!(institution.send(&payment(&scene, &number, 1)).code(), "PB521013");
    }
    assert!(scene.bank().heard(MessageType::Epcc221).is_empty());
}

/// The bank wishes to end a mandate. Agreed at once, refused at once, and both by a message of its own later.
#[test]
fn the_bank_ends_a_mandate_unless_the_institution_refuses() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, bank, told) = (scene.institution(0), scene.bank(), &scene.institutions[0]);
    let refusal = Reaction::No("PB500099");
    let rows = [
        (Reaction::Yes, None, "ended"),
        (refusal, None, "live"),
        (Reaction::InProcess, Some(Reaction::Yes), "ended"),
        (Reaction::InProcess, Some(refusal), "live"),
    ];
    for (row, (answer, later, standing)) in rows.into_iter().enumerate() {
        let number = create(&scene, &request(&scene, "01"));
        told.on(MessageType::Epcc117, answer);
        let end = scene.end(MessageType::Epcc117, "0206", &number);
        let receipt = scene.send_as(bank, &end);
        assert_eq!(receipt.message_type(), MessageType::Epcc118, "row {row}: {receipt}");
        let asked = told.await_about(MessageType::Epcc117, &end);
        let decided = if standing == "ended" { SUCCESS } else { FAILURE };
        assert_eq!(receipt.status(), if later.is_some() { IN_PROCESS } else { decided }, "row {row}: {receipt}");
        if let Some(later) = later {
            assert_eq!(mandate(&node, &number)["bank_asks_for_its_end"], true, "row {row}");
            assert_eq!(
                institution.send(&payment(&scene, &number, 1)).status(),
                SUCCESS,
                "row {row}: it stays until then"
            );
            let taken: Answer = scene.send_as(told, &told.answer(&asked, later));
            assert_eq!(
                (taken.message_type(), &*taken.code()),
                (MessageType::Epcc303, "00000000"),
                "row {row}: {taken}"
            );
            let notice = bank.await_about(MessageType::Epcc207, &end);
            assert_eq!(notice.status(), decided, "row {row}");
        }
        until("the mandate's standing", || (mandate(&node, &number)["standing"] == standing).then_some(()));
        let paid = institution.send(&payment(&scene, &number, 1));
        assert_eq!(paid.code(), if standing == "ended" { "PB521013" } else { "00000000" }, "row {row}");
    }
}
