//! One crash with every business under way: after the restart each comes to its end, and the registers say so.

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_tests::admin;
use clearway_tests::http::{Connection, head};
use clearway_tests::institution::PATH;
use clearway_tests::letter::Letter;
use clearway_tests::party::{Party, Reaction, number_of};
use clearway_tests::scene::{CARD, Scene};
use clearway_tests::wait::until;

use crate::{NODE, disputes, gateway, mandates, payouts};

/// A letter that is under way when the node dies: who sends it, and who holds its leg.
struct UnderWay<'s> {
    letter: Letter,
    sender: &'s Party,
    holder: &'s Party,
}

impl UnderWay<'_> {
    /// Sends it, and waits until its leg is out. The connection stays open.
    fn begin(&self, scene: &Scene) -> Connection {
        let message_type = self.letter.header.message_type;
        self.holder.on(message_type, Reaction::Held);
        let bytes = self.letter.seal(&self.sender.identity().key);
        let mut connection = Connection::open(scene.site.address()).expect("the node listens");
        connection.send(&[head("POST", PATH, bytes.len()).as_bytes(), &bytes].concat()).expect("sent");
        let _leg = self.holder.await_about(message_type, &self.letter);
        connection
    }
}

/// Everything that can be under way at once, with the part that holds it.
fn everything<'s>(scene: &'s Scene, contracts: &[String; 5], paid: &Letter) -> Vec<UnderWay<'s>> {
    let [pays, ends, ended_by_bank, mandate_ends, mandate_ended_by_bank] = contracts;
    let (institution, bank, reserve) = (&scene.institutions[0], scene.bank(), scene.reserve_bank());
    let by = |sender, holder, letter| UnderWay { letter, sender, holder };
    vec![
        by(institution, bank, scene.signing(&scene.check())),
        by(institution, bank, scene.end(MessageType::Epcc103, "0203", ends)),
        by(bank, institution, scene.end(MessageType::Epcc105, "0208", ended_by_bank)),
        by(institution, bank, mandates::request(scene, "01")),
        by(institution, bank, scene.end(MessageType::Epcc115, "0205", mandate_ends)),
        by(bank, institution, scene.end(MessageType::Epcc117, "0206", mandate_ended_by_bank)),
        by(institution, bank, scene.payment(pays, 700)),
        by(institution, reserve, scene.institution(0).refund(paid, 500)),
        by(institution, bank, payouts::payout(scene)),
        by(institution, bank, payouts::certified(scene)),
        by(institution, bank, gateway::order(scene, "order 1")),
        by(bank, reserve, disputes::submission(bank, paid, 100)),
    ]
}

#[test]
fn a_crash_with_everything_under_way_is_settled_by_itself() {
    let scene = Scene::with(NODE, |options| {
        // Nothing is decided before the node dies.
        (options.timing.leg1_deadline_ms, options.timing.leg2_deadline_ms) = (30_000, 30_000);
    });
    let node = scene.start();
    let institution = scene.institution(0);
    let mandate = || mandates::create(&scene, &mandates::request(&scene, "01"));
    let contracts = [scene.sign(), scene.sign(), scene.sign(), mandate(), mandate()];
    let paid = scene.payment(&contracts[0], 1_234);
    assert_eq!(institution.send(&paid).status(), Some(TrxStatus::Success));
    let under_way = everything(&scene, &contracts, &paid);
    let connections: Vec<_> = under_way.iter().map(|one| one.begin(&scene)).collect();
    node.kill();
    drop(connections);
    // From now on everybody is well; the banks had done what they were asked for.
    for one in &under_way {
        one.holder.on(one.letter.header.message_type, Reaction::Yes);
    }
    let node = scene.start();
    let [signing, .., dispute] = &under_way[..] else { panic!("there are many") };
    for one in under_way.iter().filter(|one| std::ptr::eq(one.sender, &scene.institutions[0])) {
        assert_eq!(institution.await_final(&one.letter), TrxStatus::Success, "{:?}", one.letter.header.message_type);
        let notice = match one.letter.header.message_type {
            MessageType::Epcc111 => MessageType::Epcc113,
            _ => MessageType::Epcc207,
        };
        assert_eq!(one.sender.await_about(notice, &one.letter).status(), Some(TrxStatus::Success));
    }
    let show = |number: &str| admin::show(node.ready.admin, &format!("/agreements/{number}")).1;
    let signed = number_of(signing.letter.value(Field::TrxId).expect("an id"));
    assert_eq!(show(&signed)["agreement"]["standing"], "live");
    assert_eq!(show(&contracts[1])["agreement"]["standing"], "ended");
    assert_eq!(show(&contracts[2])["agreement"]["ended_by"], "bank");
    assert_eq!(show(&contracts[3])["mandate"]["ended_by"], "institution");
    until("the mandate that the bank ends", || (show(&contracts[4])["mandate"]["ended_by"] == "bank").then_some(()));
    let path = format!("/cases/{}", dispute.letter.value(Field::OriTrxId).expect("an id"));
    until("the dispute to arrive", || (admin::show(node.ready.admin, &path).1["state"] == "submitted").then_some(()));
    until("nobody to owe his word", || {
        (admin::show(node.ready.admin, "/agreements").1["disagreeing"] == 0).then_some(())
    });
    // What moves money was asked for once.
    for one in &under_way {
        let message_type = one.letter.header.message_type;
        let is_money = [201, 205, 211, 216, 241].iter().any(|number| message_type.code().contains(&number.to_string()));
        let id = one.letter.value(Field::TrxId);
        let legs = |party: &Party| {
            party.heard(message_type).iter().filter(|leg| leg.text(Field::TrxId).as_deref() == id).count()
        };
        if is_money {
            assert_eq!([scene.bank(), scene.reserve_bank()].map(legs), [1, 1], "{message_type:?}");
        }
    }
}

/// What rests with a person, or is still to be acknowledged, outlives a crash: the news of it is taken as if nothing had been.
#[test]
fn what_rests_with_a_person_outlives_a_crash() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, told, bank) = (scene.institution(0), &scene.institutions[0], scene.bank());
    let (agreement, mandate) = (scene.sign(), mandates::create(&scene, &mandates::request(&scene, "01")));
    bank.on(MessageType::Epcc111, Reaction::Page);
    told.on(MessageType::Epcc117, Reaction::InProcess);
    told.on(MessageType::Epcc105, Reaction::Fail);
    let wished = mandates::request(&scene, "01");
    let page = institution.send(&wished);
    assert_eq!(page.status(), Some(TrxStatus::InProcess));
    let end = scene.end(MessageType::Epcc117, "0206", &mandate);
    assert_eq!(scene.send_as(bank, &end).status(), Some(TrxStatus::InProcess));
    let forced = scene.end(MessageType::Epcc105, "0208", &agreement);
    assert_eq!(scene.send_as(bank, &forced).code(), "00000000");
    node.kill();
    let node = scene.start();
    assert_eq!(institution.send(&wished).bytes, page.bytes, "the page again, byte for byte");
    let show = |number: &str| admin::show(node.ready.admin, &format!("/agreements/{number}")).1;
    assert_eq!(show(&mandate)["mandate"]["bank_asks_for_its_end"], true);
    assert_eq!(show(&agreement)["agreement"]["ended_by"], "bank");
    let news = bank.answer(&bank.await_about(MessageType::Epcc111, &wished), Reaction::Yes);
    assert_eq!(scene.send_as(bank, &news).code(), "00000000");
    let confirmed = told.await_about(MessageType::Epcc113, &wished);
    assert_eq!(told.open(&confirmed).get(Field::SgnAcctId), Some(CARD), "sealed anew for the institution");
    let consent = told.answer(&told.await_about(MessageType::Epcc117, &end), Reaction::Yes);
    assert_eq!(scene.send_as(told, &consent).code(), "00000000");
    assert_eq!(bank.await_about(MessageType::Epcc207, &end).status(), Some(TrxStatus::Success));
    assert_eq!(show(&mandate)["mandate"]["ended_by"], "bank");
    told.on(MessageType::Epcc105, Reaction::Yes);
    until("nobody to owe his word", || {
        (admin::show(node.ready.admin, "/agreements").1["disagreeing"] == 0).then_some(())
    });
}
