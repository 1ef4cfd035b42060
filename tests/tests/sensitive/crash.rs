//! A node dies with sensitive values under way: the next life opens them again, from the request in the journal.

use clearway_codec::{Field, TrxStatus};
use clearway_loadgen::bank::{Fault, Leg};
use clearway_loadgen::{Behaviour, Behaviours};
use clearway_tests::institution::id_of;
use clearway_tests::planted::Planted;
use clearway_tests::seed::Seed;
use clearway_tests::site::Site;
use clearway_tests::wait;

use crate::NODE;
use crate::customer::{Customer, keys};

#[test]
fn the_second_leg_and_the_receipt_are_sealed_after_a_crash() {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| {
        options.timing.leg1_deadline_ms = 10_000;
        options.timing.leg2_deadline_ms = 10_000;
    });
    let (mut planted, mut draws) = (Planted::default(), Seed::of_test("a crash").draws());
    let customer = Customer::plant(&mut planted, &mut draws);
    let institution = site.institution(0);
    let bank = site.parties().banks[0].identity.id;
    let behave = |behaviour| assert!(site.counterparties().set_behaviour(bank, behaviour).expect("a behaviour"));
    for letter in [customer.payout(&institution), customer.certified_payment(&institution)] {
        behave(Behaviour { executes_when_failing: 1.0, ..Behaviour::default() }.with_fault(Fault::NeverAnswers, 1.0));
        let node = site.start();
        std::thread::scope(|scope| {
            let sent = scope.spawn(|| institution.try_post(&letter.seal(&institution.identity().key)));
            wait::until("the debit", || (site.book(0, id_of(&letter), Leg::Debit).executed == 1).then_some(()));
            node.kill();
            assert!(sent.join().expect("no panic").is_err(), "no answer without a node");
        });
        behave(Behaviour::default());
        let node = site.start();
        assert_eq!(institution.await_final(&letter), TrxStatus::Success);
        assert_eq!(site.book(0, id_of(&letter), Leg::Credit).executed, 1);
        let receipt = institution.send(&letter);
        let opened = receipt.open(keys(&institution));
        let account = [Field::PyeeBkNo, Field::PyerBkNo].into_iter().find_map(|field| opened.get(field));
        assert_eq!(account, Some(customer.card.as_str()), "{receipt}");
        assert_eq!(node.terminate().code, Some(0));
    }
    assert_eq!(planted.search_files(site.dir()), []);
}
