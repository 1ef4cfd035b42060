//! Gateway payments: the page (241, 243), the news (245), closing (317), expiry, the order query (305), a crash meanwhile.

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_tests::admin;
use clearway_tests::institution::{beijing_now, time_text};
use clearway_tests::letter::Letter;
use clearway_tests::party::Reaction;
use clearway_tests::scene::Scene;
use clearway_tests::wait::until;

use crate::NODE;

const SUCCESS: Option<TrxStatus> = Some(TrxStatus::Success);
const FAILURE: Option<TrxStatus> = Some(TrxStatus::Failure);
const IN_PROCESS: Option<TrxStatus> = Some(TrxStatus::InProcess);

/// 241 for 5.00 yuan.
pub(crate) fn order(scene: &Scene, number: &str) -> Letter {
    let institution = scene.institution(0);
    let payment = institution.payment(scene.places().1, 500);
    let of = |field| payment.value(field).expect("a payment has it").to_owned();
    [Field::PyerAcctIssrId, Field::PyeeAcctIssrId, Field::ResfdAcctIssrId, Field::TrxAmt]
        .into_iter()
        .fold(scene.order(MessageType::Epcc241, "0114"), |order, field| order.with(field, of(field)))
        .with(Field::OrdrId, number)
}

/// Orders, and leaves the customer on the page.
pub(crate) fn wait_on_page(scene: &Scene, number: &str) -> Letter {
    scene.bank().on(MessageType::Epcc241, Reaction::Page);
    let order = order(scene, number);
    let receipt = scene.institution(0).send(&order);
    assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc243, IN_PROCESS), "{receipt}");
    let address = format!("https://bank.example/pay/{}", order.value(Field::TrxId).expect("an id"));
    assert_eq!(receipt.text(Field::PgUrl), Some(address));
    assert_eq!(scene.institution(0).send(&order).bytes, receipt.bytes, "the page again, byte for byte");
    order
}

/// The news of an order's customer. 245.
fn news(scene: &Scene, order: &Letter, code: &str, status: &str) -> Letter {
    let of = |field| order.value(field).expect("an order has it");
    scene
        .bank()
        .letter(MessageType::Epcc245)
        .with(Field::OriTrxCtgy, "0114")
        .with(Field::OriTrxId, of(Field::TrxId))
        .with(Field::OriTrxDtTm, of(Field::TrxDtTm))
        .with(Field::PyerAcctIssrId, of(Field::PyerAcctIssrId))
        .with(Field::BizStsCd, code)
        .with(Field::TrxStatus, status)
        .with(Field::DbtrBankId, "70000000000000000001")
}

/// 245: the customer has paid.
pub(crate) fn paid(scene: &Scene, order: &Letter) -> Letter {
    news(scene, order, "00000000", "00")
}

fn tell(scene: &Scene, news: &Letter) {
    let taken = scene.send_as(scene.bank(), news);
    assert_eq!((taken.message_type(), &*taken.code()), (MessageType::Epcc303, "00000000"), "{taken}");
}

/// 317, and the code that it is answered with.
pub(crate) fn close(scene: &Scene, order: &Letter) -> String {
    let institution = scene.institution(0);
    let of = |field| order.value(field).expect("an order has it");
    let closing = institution
        .letter(MessageType::Epcc317)
        .with(Field::OriTrxCtgy, "0114")
        .with(Field::OriTrxId, of(Field::TrxId))
        .with(Field::OriTrxDtTm, of(Field::TrxDtTm));
    let answer = institution.send(&closing);
    assert_eq!(answer.message_type(), MessageType::Epcc318, "{answer}");
    assert_eq!(answer.text(Field::OriSysRtnCd).as_deref(), Some("00000000"));
    answer.code()
}

#[test]
fn a_customer_pays_on_the_page() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let institution = scene.institution(0);
    let order = wait_on_page(&scene, "order 1");
    assert_eq!(institution.send(&institution.query(&order)).status(), IN_PROCESS);
    assert!(scene.reserve_bank().heard(MessageType::Epcc241).is_empty(), "nothing is credited before it is paid");
    // The bank says so twice.
    tell(&scene, &paid(&scene, &order));
    tell(&scene, &paid(&scene, &order));
    let notice = scene.institutions[0].await_about(MessageType::Epcc207, &order);
    assert_eq!(notice.status(), SUCCESS);
    assert_eq!(notice.text(Field::DbtrBankId).as_deref(), Some("70000000000000000001"));
    let credit = scene.reserve_bank().heard(MessageType::Epcc241);
    assert_eq!(credit.len(), 1);
    assert_eq!(credit[0].text(Field::RPFlg).as_deref(), Some("2"));
    let final_receipt = institution.send(&order);
    assert_eq!((final_receipt.message_type(), final_receipt.status()), (MessageType::Epcc243, SUCCESS));
    assert_eq!(close(&scene, &order), "00000000", "too late to close");
    assert_eq!(institution.send(&institution.query(&order)).status(), SUCCESS);
    let refund = institution.refund(&order.with(Field::SgnNo, "EP1"), 500);
    assert_eq!(institution.send(&refund).status(), SUCCESS);
}

/// News that cannot be about this order, by whoever says so or by what it says, is refused, and the customer thinks on.
#[test]
fn news_that_does_not_fit_the_order_is_refused() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let institution = scene.institution(0);
    let order = wait_on_page(&scene, "order 1");
    let stranger = scene.reserve_bank();
    let mut foreign = paid(&scene, &order);
    (foreign.header.issuer, foreign.header.sign_sn) = (stranger.identity().id, stranger.identity().serial);
    assert_eq!(scene.send_as(stranger, &foreign).code(), "PB531001", "another bank's");
    for amount in ["CNY4.99", "CNY5.01"] {
        let other_amount = paid(&scene, &order).with(Field::TrxAmt, amount);
        assert_eq!(scene.send_as(scene.bank(), &other_amount).code(), "ES000031", "{amount}");
    }
    let never_sent = self::order(&scene, "order 2");
    assert_eq!(scene.send_as(scene.bank(), &paid(&scene, &never_sent)).code(), "PB531001");
    assert_eq!(institution.send(&institution.query(&order)).status(), IN_PROCESS);
    assert!(scene.reserve_bank().heard(MessageType::Epcc241).is_empty());
    tell(&scene, &paid(&scene, &order).with(Field::TrxAmt, "CNY5.00"));
    assert_eq!(institution.await_final(&order), TrxStatus::Success);
}

/// What comes while the bank has not given its page yet: the news itself, a closing, or only an answer to a query.
#[test]
fn what_comes_before_the_page() {
    let scene = Scene::with(NODE, |options| options.timing.leg1_deadline_ms = 20_000);
    let _node = scene.start();
    let (institution, bank) = (scene.institution(0), scene.bank());
    for (round, (status, code)) in [(SUCCESS, "00000000"), (FAILURE, "PB500034")].into_iter().enumerate() {
        bank.on(MessageType::Epcc241, Reaction::Held);
        let order = order(&scene, &format!("order {round}"));
        let receipt = std::thread::scope(|scope| {
            let sent = scope.spawn(|| institution.send(&order));
            let _leg = bank.await_about(MessageType::Epcc241, &order);
            match status {
                SUCCESS => tell(&scene, &paid(&scene, &order)),
                _ => assert_eq!(close(&scene, &order), "PB500034"),
            }
            sent.join().expect("an answer")
        });
        assert_eq!((receipt.status(), &*receipt.code()), (status, code), "{receipt}");
        // The page comes at last, and nobody cares.
        bank.on(MessageType::Epcc241, Reaction::Page);
        assert_eq!(institution.send(&order).bytes, receipt.bytes);
    }
    assert_eq!(scene.reserve_bank().heard(MessageType::Epcc241).len(), 1);
    // No answer at all, but the bank knows the order when it is asked: it rests without a page.
    bank.on(MessageType::Epcc241, Reaction::Fail);
    bank.on(MessageType::Epcc301, Reaction::InProcess);
    let order = order(&scene, "order 2");
    let receipt = institution.send(&order);
    assert_eq!((receipt.status(), receipt.text(Field::PgUrl)), (IN_PROCESS, None), "{receipt}");
    tell(&scene, &paid(&scene, &order));
    assert_eq!(institution.await_final(&order), TrxStatus::Success);
}

#[test]
fn a_customer_who_does_not_pay() {
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let institution = scene.institution(0);
    let order = wait_on_page(&scene, "order 1");
    // "Still busy" decides nothing.
    tell(&scene, &news(&scene, &order, "00000000", "02"));
    assert_eq!(institution.send(&institution.query(&order)).status(), IN_PROCESS);
    tell(&scene, &news(&scene, &order, "PB520011", "01"));
    let notice = scene.institutions[0].await_about(MessageType::Epcc207, &order);
    assert_eq!((notice.status(), &*notice.code()), (FAILURE, "PB520011"));
    assert_eq!(close(&scene, &order), "PB520011", "it has ended already");
    assert!(scene.reserve_bank().heard(MessageType::Epcc241).is_empty());
}

#[test]
fn an_order_is_closed_while_its_customer_thinks() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let institution = scene.institution(0);
    let order = wait_on_page(&scene, "order 1");
    assert_eq!(close(&scene, &order), "PB500034");
    assert_eq!(close(&scene, &order), "PB500034", "again");
    for party in [scene.bank(), &scene.institutions[0]] {
        let notice = party.await_about(MessageType::Epcc207, &order);
        assert_eq!((notice.status(), &*notice.code()), (FAILURE, "PB500034"));
    }
    // The customer has paid all the same: nothing moves, and people look at it.
    tell(&scene, &paid(&scene, &order));
    let key = order.value(Field::TrxId).expect("an id");
    let (status, case) = admin::show(node.ready.admin, &format!("/cases/{key}"));
    assert_eq!((status, &case["reasons"][0]), (200, &"contradiction".into()), "{case}");
    assert_eq!(institution.await_final(&order), TrxStatus::Failure);
    assert!(scene.reserve_bank().heard(MessageType::Epcc241).is_empty());
    // What is no order of the sender.
    assert_eq!(close(&scene, &self::order(&scene, "order 2")), "PB530001", "never ordered");
    let number = scene.sign();
    let payment = scene.payment(&number, 5);
    assert_eq!(institution.send(&payment).status(), SUCCESS);
    assert_eq!(close(&scene, &payment), "PB530001", "no order at all");
    let other = scene.institution(1);
    let closing = other.letter(MessageType::Epcc317).with(Field::OriTrxCtgy, "0114").with(Field::OriTrxId, key);
    assert_eq!(other.send(&closing).code(), "PB530001", "another institution's");
}

/// The order says until when. The bank is asked once more; what it does not know then has failed.
#[test]
fn an_order_expires_after_a_last_query() {
    use Reaction::{InProcess, No, Unknown, Yes};
    let scene = Scene::new(NODE);
    let _node = scene.start();
    let (institution, bank) = (scene.institution(0), scene.bank());
    let table = [
        (InProcess, "PB500034", TrxStatus::Failure),
        (Unknown, "PB531001", TrxStatus::Failure),
        (No("PB520011"), "PB520011", TrxStatus::Failure),
        (Yes, "00000000", TrxStatus::Success),
    ];
    for (round, (finding, code, status)) in table.into_iter().enumerate() {
        bank.on(MessageType::Epcc241, Reaction::Page);
        bank.on(MessageType::Epcc301, finding);
        let until_s = beijing_now().unix_secs() + 1;
        let until = time_text(clearway_codec::BeijingTime::from_unix_secs(until_s));
        let order = order(&scene, &format!("order {round}")).with(Field::OrdrExp, until);
        assert_eq!(institution.send(&order).status(), IN_PROCESS);
        let notice = scene.institutions[0].await_about(MessageType::Epcc207, &order);
        assert_eq!((notice.status(), &*notice.code()), (Some(status), code), "round {round}");
        let asked = bank.await_about(MessageType::Epcc301, &order);
        assert_eq!(asked.text(Field::OriTrxCtgy).as_deref(), Some("0114"));
    }
}

#[test]
fn an_order_is_found_by_its_number() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, other) = (scene.institution(0), scene.institution(1));
    let order = wait_on_page(&scene, "order 77");
    let ask = |who: &clearway_tests::institution::Institution<'_>, number: &str| {
        let id = who.identity().id;
        let asked = who.letter(MessageType::Epcc305).with(Field::InstgId, id.as_str()).with(Field::OrdrId, number);
        let answer = who.send(&asked);
        assert_eq!(answer.message_type(), MessageType::Epcc306, "{answer}");
        assert_eq!(answer.text(Field::OrdrId).as_deref(), Some(number));
        (answer.text(Field::OriTrxId), answer.status(), answer.text(Field::SysRtnCd).unwrap_or_default())
    };
    let id = order.value(Field::TrxId).map(str::to_owned);
    let found = |status| (id.clone(), status, "00000000".to_owned());
    assert_eq!(ask(&institution, "order 77"), found(IN_PROCESS));
    for (who, number) in [(&institution, "order 78"), (&other, "order 77")] {
        assert_eq!(ask(who, number), (None, None, "PB530001".to_owned()), "{number}");
    }
    // For another institution nobody asks.
    let foreign = institution
        .letter(MessageType::Epcc305)
        .with(Field::InstgId, other.identity().id.as_str())
        .with(Field::OrdrId, "order 77");
    assert_eq!(institution.send(&foreign).code(), "ES000024");
    node.kill();
    let _node = scene.start();
    tell(&scene, &paid(&scene, &order));
    until("the order paid", || (ask(&institution, "order 77") == found(SUCCESS)).then_some(()));
}

/// The node dies while the customer thinks; what comes after the restart goes on as if nothing had been.
#[test]
fn a_crash_while_the_customer_thinks_loses_nothing() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let institution = scene.institution(0);
    let [paying, refusing, closing] = ["a", "b", "c"].map(|number| wait_on_page(&scene, number));
    node.kill();
    let node = scene.start();
    for order in [&paying, &refusing, &closing] {
        assert_eq!(institution.send(&institution.query(order)).status(), IN_PROCESS);
    }
    node.kill();
    let _node = scene.start();
    tell(&scene, &paid(&scene, &paying));
    tell(&scene, &news(&scene, &refusing, "PB520011", "01"));
    assert_eq!(close(&scene, &closing), "PB500034");
    for (order, status) in
        [(&paying, TrxStatus::Success), (&refusing, TrxStatus::Failure), (&closing, TrxStatus::Failure)]
    {
        assert_eq!(institution.await_final(order), status);
        assert_eq!(scene.institutions[0].await_about(MessageType::Epcc207, order).status(), Some(status));
    }
    assert_eq!(scene.reserve_bank().heard(MessageType::Epcc241).len(), 1);
}
