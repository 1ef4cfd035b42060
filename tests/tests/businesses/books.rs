//! The live books: what is final is in them, what rests with a person holds nothing up, and a crash changes nothing.

use std::collections::BTreeMap;

use clearway::domain::record::{Entry, Role};
use clearway::domain::statement::Particulars;
use clearway::domain::{Payment, rules};
use clearway::journal::{Journal, Options, Position};
use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_tests::admin;
use clearway_tests::institution::id_of;
use clearway_tests::letter::Letter;
use clearway_tests::party::Reaction;
use clearway_tests::process::NodeProcess;
use clearway_tests::scene::Scene;

use crate::NODE;
use crate::gateway::{close, paid, wait_on_page};

/// Payments booked and unfinished, and the sum of all positions, of all batches together.
fn books(node: &NodeProcess) -> [f64; 3] {
    ["clearway_batch_booked", "clearway_batch_unfinished", "clearway_batch_position_sum_fen"]
        .map(|name| admin::metric(node.ready.admin, name, ""))
}

/// What is attached to the record that makes each payment final, by transaction: BizTp, SgnNo, the banks' serials.
type Told = BTreeMap<u128, (Payment, [String; 4])>;

fn told(scene: &Scene) -> Told {
    let (journal, _) = Journal::open(Options::new(scene.site.journal())).expect("the node has ended");
    let mut told = Told::new();
    let mut read = |_: Position, record: &[u8]| {
        let Ok(Entry::Payment(view)) = Entry::decode(record) else { return Ok(()) };
        let own: Vec<_> = view.attachments().filter(|one| one.role == Role::Particulars).collect();
        if let Some(attached) = own.first() {
            let said = Particulars::decode(attached.message).expect("particulars");
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let texts = [said.biz_tp, said.sgn_no, said.serials[0], said.serials[1]].map(text);
            assert!(view.payment.is_final() && rules(view.payment.business).moves_money && own.len() == 1);
            assert!(told.insert(view.payment.trx_id, (view.payment, texts)).is_none(), "a payment becomes final once");
        }
        Ok(())
    };
    journal.replay(Position::START, &mut read).expect("a good journal");
    journal.shutdown();
    told
}

#[test]
fn what_is_final_is_booked_once_and_stays_so_after_a_crash() {
    let scene = Scene::new(NODE);
    let node = scene.start();
    let (institution, number) = (scene.institution(0), scene.sign());
    assert_eq!(books(&node), [0.0; 3], "a signing moves no money");

    let good = scene.payment(&number, 500);
    let receipt = institution.send(&good);
    assert_eq!((receipt.status(), books(&node)), (Some(TrxStatus::Success), [1.0, 0.0, 0.0]));
    let declined = scene.payment("EPNONE", 500);
    assert_eq!(institution.send(&declined).status(), Some(TrxStatus::Failure));
    scene.bank().on(MessageType::Epcc201, Reaction::No("PB520011"));
    let refused = scene.payment(&number, 500);
    assert_eq!(institution.send(&refused).status(), Some(TrxStatus::Failure));
    scene.bank().on(MessageType::Epcc201, Reaction::Yes);
    assert_eq!(books(&node), [3.0, 0.0, 0.0]);

    let (bought, given_up) = (wait_on_page(&scene, "order 1"), wait_on_page(&scene, "order 2"));
    assert_eq!(books(&node), [3.0, 0.0, 0.0], "nothing waits for a customer");
    let news = scene.send_as(scene.bank(), &paid(&scene, &bought));
    assert_eq!(&*news.code(), "00000000");
    assert_eq!(institution.await_final(&bought), TrxStatus::Success);
    assert_eq!(close(&scene, &given_up), "PB500034");
    assert_eq!(books(&node), [5.0, 0.0, 0.0]);

    node.kill();
    let node = scene.start();
    assert_eq!(books(&node), [5.0, 0.0, 0.0], "read back from the journal");
    assert_eq!(node.terminate().code, Some(0));

    let told = told(&scene);
    let of = |letter: &Letter| told.get(&id_of(letter).as_u128()).expect("its particulars");
    for letter in [&good, &declined, &refused, &bought, &given_up] {
        let (_, [business, agreement, ..]) = of(letter);
        assert_eq!(business, letter.value(Field::BizTp).unwrap_or_default());
        assert_eq!(agreement, letter.value(Field::SgnNo).unwrap_or_default());
    }
    let serials = |letter| of(letter).1[2..].to_vec();
    let receipts = [Field::DbtrBankId, Field::CdtrBankId].map(|field| receipt.text(field).expect("a serial"));
    assert_eq!(serials(&good), receipts);
    assert_eq!(serials(&declined), ["", ""], "no bank was asked");
    assert_eq!(serials(&bought)[0], "70000000000000000001", "as the news said");
    assert_eq!(told.len(), 5);
}
