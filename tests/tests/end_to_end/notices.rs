//! Terminal notices: who has not seen the final state is told, until it acknowledges.

use clearway_codec::TrxStatus;
use clearway_loadgen::bank::{Delay, Leg};
use clearway_loadgen::{Behaviour, Behaviours};
use clearway_tests::http::{Connection, head};
use clearway_tests::institution::{PATH, id_of};
use clearway_tests::site::Site;
use clearway_tests::wait;

use crate::NODE;

#[test]
fn an_institution_that_went_away_is_told_by_notice() {
    let slow = Behaviour { delay: Delay::Fixed { ms: 300.0 }, ..Behaviour::default() };
    let site = Site::with(NODE, &Behaviours::all(1, slow), |_| {});
    let _node = site.start();
    let institution = site.institution(1);
    let payment = institution.payment(0, 800);
    let bytes = payment.seal(&institution.identity().key);
    let mut connection = Connection::open(site.address()).expect("the node listens");
    connection.send(&[head("POST", PATH, bytes.len()).as_bytes(), &bytes].concat()).expect("sent");
    wait::until("leg 1 at the bank", || (site.book(0, id_of(&payment), Leg::Debit).requests == 1).then_some(()));
    drop(connection);
    let notice = wait::until("the notice", || site.books().notices.get(id_of(&payment)).copied());
    assert_eq!((notice.institution, notice.status), (institution.identity().id, TrxStatus::Success));
    assert_eq!(institution.await_final(&payment), TrxStatus::Success);
}

/// Leg 2 says no after leg 1 has debited: 01, and the payer's bank gives the money back on the notice.
#[test]
fn a_refused_credit_undoes_the_debit() {
    let site = Site::new(NODE);
    let _node = site.start();
    let institution = site.institution(0);
    let reserve = site.parties().banks[institution.reserve_bank()].identity.id;
    site.counterparties()
        .set_behaviour(reserve, Behaviour { refuses: 1.0, ..Behaviour::default() })
        .expect("a behaviour");
    let payment = institution.payment(1, 900);
    let receipt = institution.send(&payment);
    assert_eq!((receipt.status(), receipt.code().as_str()), (Some(TrxStatus::Failure), "RB620097"));
    let book = wait::until("the debit undone", || {
        let book = site.book(1, id_of(&payment), Leg::Debit);
        (book.reversed == 1).then_some(book)
    });
    assert_eq!((book.executed, book.net_fen(), book.told), (1, 0, Some(TrxStatus::Failure)));
}

/// A notice that is not acknowledged comes again, and stops when it is.
#[test]
fn a_notice_is_repeated_until_it_is_acknowledged() {
    let deaf = Behaviour::default().with_query_fault(clearway_loadgen::bank::Fault::NonOk, 1.0);
    let site = Site::new(NODE);
    let node = site.start();
    let institution = site.institution(0);
    let reserve = site.parties().banks[institution.reserve_bank()].identity.id;
    let payer = site.parties().banks[1].identity.id;
    site.counterparties()
        .set_behaviour(reserve, Behaviour { refuses: 1.0, ..Behaviour::default() })
        .expect("a behaviour");
    site.counterparties().set_behaviour(payer, deaf).expect("a behaviour");
    let payment = institution.payment(1, 900);
    assert_eq!(institution.send(&payment).status(), Some(TrxStatus::Failure));
    let notices = || site.book(1, id_of(&payment), Leg::Debit).notices;
    wait::until("a third notice", || (notices() >= 3).then_some(()));
    site.counterparties().set_behaviour(payer, Behaviour::default()).expect("a behaviour");
    let owed = || clearway_tests::admin::metric(node.ready.admin, "clearway_in_flight_payments", "");
    wait::until("nothing owed any more", || (owed() == 0.0).then_some(()));
    assert!(notices() >= 4, "{}", notices());
}
