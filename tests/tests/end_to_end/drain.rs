//! SIGTERM: what runs is answered, nothing new is begun, nothing is left to be cut at the next start.

use clearway_codec::TrxStatus;
use clearway_loadgen::bank::{Delay, Leg};
use clearway_loadgen::{Behaviour, Behaviours};
use clearway_tests::institution::id_of;
use clearway_tests::site::Site;
use clearway_tests::{admin, wait};
use rustix::process::Signal;

use crate::NODE;

#[test]
fn a_payment_under_way_gets_its_receipt_and_a_new_one_does_not_begin() {
    let slow = Behaviour { delay: Delay::Fixed { ms: 400.0 }, ..Behaviour::default() };
    let site = Site::with(NODE, &Behaviours::all(1, slow), |_| {});
    let mut node = site.start();
    let institution = site.institution(0);
    let (first, second) = (institution.payment(0, 300), institution.payment(0, 400));
    std::thread::scope(|scope| {
        let running = scope.spawn(|| institution.send(&first));
        wait::until("leg 1 at the bank", || (site.book(0, id_of(&first), Leg::Debit).requests == 1).then_some(()));
        node.signal(Signal::TERM);
        wait::until("the node draining", || (admin::get(node.ready.admin, "/readyz").status == 503).then_some(()));
        let begun = institution
            .try_post(&second.seal(&institution.identity().key))
            .is_ok_and(|response| response.status == 200);
        assert!(!begun, "a new payment is not begun");
        assert_eq!(running.join().expect("an answer").status(), Some(TrxStatus::Success));
    });
    let ended = node.wait();
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_eq!(site.book(0, id_of(&second), Leg::Debit).requests, 0);
    let node = site.start();
    assert!(node.log().contains("cut=None"), "{}", node.log());
    assert_eq!(institution.await_final(&first), TrxStatus::Success);
}

#[test]
fn an_idle_node_ends_at_once_and_starts_again() {
    let site = Site::new(NODE);
    for _ in 0..3 {
        let node = site.start();
        let _ = site.institution(0).pay();
        let ended = node.terminate();
        assert_eq!(ended.code, Some(0), "{ended}");
    }
}
