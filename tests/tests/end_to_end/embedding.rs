//! The switch as a library: somebody else's gateway submits bytes.

use bytes::Bytes;
use clearway::domain::clearing::BatchName;
use clearway::error::Fault;
use clearway::{Config, Node};
use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_loadgen::Behaviours;
use clearway_tests::answer::Answer;
use clearway_tests::site::Site;

use crate::NODE;

fn embedded(site: &Site) -> Node {
    Node::start(Config::load(site.config()).expect("a configuration")).expect("a node")
}

#[test]
fn submit_gives_the_signed_answers_of_the_wire() {
    let site = Site::new(NODE);
    let node = embedded(&site);
    let handle = node.handle();
    let institution = site.institution(0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let submit = |bytes: Bytes| runtime.block_on(handle.submit(bytes));
    let payment = institution.payment(0, 600);
    let sealed = payment.seal(&institution.identity().key);
    let receipt = Answer { bytes: submit(sealed.clone()).expect("a receipt").to_vec() };
    assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc206, Some(TrxStatus::Success)));
    assert_eq!(submit(sealed.clone()).expect("the receipt again"), receipt.bytes);
    assert_eq!(institution.post(&sealed), receipt, "the same node over the wire");
    let unsigned = Bytes::from(payment.document());
    let refusal = Answer { bytes: submit(unsigned).expect("a signed refusal").to_vec() };
    assert_eq!(refusal.code(), "ES000022");
    let error = submit(Bytes::from_static(b"GET / HTTP/1.1")).expect_err("no message at all");
    assert_eq!(error.fault(), Fault::Caller);
    node.drain();
    let error = submit(sealed).expect_err("the node is gone");
    assert_eq!(error.fault(), Fault::Stopped);
}

/// Batches are closed while payments are on their way into them: whoever comes too late for one is in the next, once, and gets its
/// receipt.
#[test]
fn payments_that_race_with_the_end_of_their_batch_are_in_the_next_one() {
    const PAYERS: usize = 4;
    const PAYMENTS: usize = 40;
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.workers = 2);
    let node = embedded(&site);
    let live = node.positions();
    let pay = |payer: usize| {
        let (institution, handle) = (site.institution(payer % 2), node.handle());
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let paid = (0..PAYMENTS).map(|_| {
                let sealed = institution.payment(payer % 3, 700).seal(&institution.identity().key);
                let receipt = Answer { bytes: runtime.block_on(handle.submit(sealed)).expect("a receipt").to_vec() };
                assert_eq!(receipt.status(), Some(TrxStatus::Success), "{receipt}");
                receipt.text(Field::BatchId).expect("a batch").parse().expect("its name")
            });
            paid.collect::<Vec<BatchName>>()
        }
    };
    let told: Vec<BatchName> = std::thread::scope(|scope| {
        let payers: Vec<_> = (0..PAYERS).map(|payer| scope.spawn(pay(payer))).collect();
        while !payers.iter().all(|payer| payer.is_finished()) {
            // As if an hour ended after every few payments.
            let newest = live.batches().into_iter().rfind(|view| !view.batch.is_of_disputes() && !view.is_closed);
            match newest.filter(|view| view.booked > 3) {
                Some(view) => drop(live.close(view.batch)),
                None => std::thread::yield_now(),
            }
        }
        payers.into_iter().flat_map(|payer| payer.join().expect("a payer")).collect()
    });
    assert_eq!(told.len(), PAYERS * PAYMENTS);
    let views: Vec<_> = live.batches().into_iter().filter(|view| !view.batch.is_of_disputes()).collect();
    println!("{} batches", views.len());
    assert!(views.len() > 4, "the batches were closed");
    for view in views {
        let told = told.iter().filter(|batch| **batch == view.batch).count();
        assert_eq!((view.booked, view.open, view.sum_fen), (told as u64, 0, 0), "{}", view.batch);
    }
    node.drain();
}

#[test]
fn an_embedded_node_takes_up_what_another_left() {
    let site = Site::new(NODE);
    let institution = site.institution(0);
    let child = site.start();
    let payment = institution.pay();
    child.kill();
    let node = embedded(&site);
    assert_eq!(institution.await_final(&payment), TrxStatus::Success);
    node.drain();
}
