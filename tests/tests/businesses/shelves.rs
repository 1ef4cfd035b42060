//! Transactions that have left the memory: orders asked for by their number and closed, late news, look-ups, disputes.

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_tests::letter::Letter;
use clearway_tests::process::NodeProcess;
use clearway_tests::scene::Scene;
use clearway_tests::shelf::put_away;
use clearway_tests::wait::until;

use crate::NODE;
use crate::disputes::submission;
use crate::gateway::{close, paid, wait_on_page};

/// Ends the node as soon as nobody is owed anything of the last transaction, puts all on a shelf, and starts it again.
fn put_all_away(scene: &Scene, node: NodeProcess, least: u64) -> NodeProcess {
    let mut away = 0;
    let mut running = Some(node);
    until("everything on a shelf", || {
        let node = running.take().unwrap_or_else(|| scene.start());
        let _ = node.terminate();
        away += put_away(&scene.site);
        (away >= least).then_some(())
    });
    scene.start()
}

fn status_of(scene: &Scene, number: &str) -> (Option<TrxStatus>, Option<String>) {
    let institution = scene.institution(0);
    let id = institution.identity().id;
    let asked = institution.letter(MessageType::Epcc305).with(Field::InstgId, id.as_str()).with(Field::OrdrId, number);
    let answer = institution.send(&asked);
    (answer.status(), answer.text(Field::SysRtnCd))
}

#[test]
fn an_order_on_a_shelf_is_found_by_its_number_and_closes_no_more() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let order = wait_on_page(&scene, "order 9");
    let news = paid(&scene, &order);
    assert_eq!(scene.send_as(scene.bank(), &news).code(), "00000000");
    until("the order paid", || (status_of(&scene, "order 9").0 == Some(TrxStatus::Success)).then_some(()));
    let before = (status_of(&scene, "order 9"), status_of(&scene, "order 8"), close(&scene, &order));
    let _node = put_all_away(&scene, node, 1);
    let after = (status_of(&scene, "order 9"), status_of(&scene, "order 8"), close(&scene, &order));
    assert_eq!(before, after);
    assert_eq!(scene.send_as(scene.bank(), &news).code(), "00000000", "told twice is nothing new");
}

#[test]
fn a_payment_on_a_shelf_is_looked_up_and_disputed() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let number = scene.sign();
    let payment = scene.payment(&number, 1_234);
    assert_eq!(scene.institution(0).send(&payment).status(), Some(TrxStatus::Success));
    // The identity check, the signing, the payment.
    let _node = put_all_away(&scene, node, 3);
    let look_up = |payment: &Letter| {
        let of = |field| payment.value(field).expect("a payment has it");
        let letter = scene.institution(0).letter(MessageType::Epcc313);
        let letter = letter.with(Field::OriTrxCtgy, of(Field::TrxCtgy)).with(Field::OriTrxId, of(Field::TrxId));
        let answer = scene.institution(0).send(&letter.with(Field::OriTrxDtTm, of(Field::TrxDtTm)));
        (answer.status(), answer.text(Field::OriTrxAmt))
    };
    assert_eq!(look_up(&payment), (Some(TrxStatus::Success), Some("CNY12.34".to_owned())));
    assert_eq!(look_up(&scene.payment(&number, 1)), (None, None), "never sent");
    let asked = submission(scene.bank(), &payment, 1_000);
    assert_eq!(scene.send_as(scene.bank(), &asked).code(), "00000000");
    let told = scene.reserve_bank().await_about(MessageType::Epcc321, &payment);
    assert_eq!(told.text(Field::DsptAmt).as_deref(), Some("CNY10.00"));
    let unknown = submission(scene.bank(), &scene.payment(&number, 1), 1);
    assert_eq!(scene.send_as(scene.bank(), &unknown).code(), "PB531001", "of no payment");
}
