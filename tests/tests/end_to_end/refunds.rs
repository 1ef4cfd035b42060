//! Refunds: whole, in parts, too much, and many at once: never one fen more than was paid.

use clearway_codec::{Field, InstitutionId, TrxStatus};
use clearway_loadgen::bank::Leg;
use clearway_loadgen::{Behaviour, Behaviours};
use clearway_tests::institution::id_of;
use clearway_tests::letter::Letter;
use clearway_tests::site::Site;

use crate::NODE;

fn bank(site: &Site, place: usize) -> InstitutionId {
    site.parties().banks[place].identity.id
}

/// What the reserve bank was debited for these refunds.
fn debited_fen(site: &Site, reserve_bank: usize, refunds: &[Letter]) -> u64 {
    refunds.iter().map(|refund| site.book(reserve_bank, id_of(refund), Leg::Debit).net_fen()).sum()
}

#[test]
fn parts_up_to_the_whole_and_not_one_fen_more() {
    let site = Site::new(NODE);
    let _node = site.start();
    let institution = site.institution(0);
    let payment = institution.pay();
    let mut refunds = Vec::new();
    let rows = [
        (1_000, TrxStatus::Success, "00000000"),
        (235, TrxStatus::Failure, "RB622022"),
        (234, TrxStatus::Success, "00000000"),
        (1, TrxStatus::Failure, "RB622022"),
    ];
    for (fen, status, code) in rows {
        let refund = institution.refund(&payment, fen);
        let receipt = institution.send(&refund);
        assert_eq!((receipt.status(), receipt.code()), (Some(status), code.to_owned()), "{fen} fen");
        refunds.push(refund);
    }
    assert_eq!(debited_fen(&site, institution.reserve_bank(), &refunds), 1_234);
    let credited: u64 = refunds.iter().map(|refund| site.book(0, id_of(refund), Leg::Credit).net_fen()).sum();
    assert_eq!(credited, 1_234);
}

#[test]
fn fifty_at_once_take_what_there_is() {
    fifty_at_once(1);
}

#[test]
fn fifty_at_once_over_two_workers_take_what_there_is() {
    fifty_at_once(2);
}

fn fifty_at_once(workers: usize) {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.workers = workers);
    let _node = site.start();
    let institution = site.institution(0);
    let payment = institution.pay();
    let refunds: Vec<Letter> = (0..50).map(|_| institution.refund(&payment, 100)).collect();
    let codes: Vec<String> = std::thread::scope(|scope| {
        let sent: Vec<_> = refunds.iter().map(|refund| scope.spawn(|| institution.send(refund).code())).collect();
        sent.into_iter().map(|sent| sent.join().expect("an answer")).collect()
    });
    let succeeded = codes.iter().filter(|code| *code == "00000000").count();
    assert_eq!(succeeded, 12, "{codes:?}");
    assert!(codes.iter().all(|code| code == "00000000" || code == "RB622022"), "{codes:?}");
    assert_eq!(debited_fen(&site, institution.reserve_bank(), &refunds), 1_200);
    // What is left, to the fen.
    assert_eq!(institution.send(&institution.refund(&payment, 35)).code(), "RB622022");
    assert_eq!(institution.send(&institution.refund(&payment, 34)).code(), "00000000");
}

#[test]
fn a_refund_that_fails_gives_its_share_back() {
    let site = Site::new(NODE);
    let _node = site.start();
    let institution = site.institution(0);
    let payment = institution.pay();
    let reserve = bank(&site, institution.reserve_bank());
    let refusing = Behaviour { refuses: 1.0, ..Behaviour::default() };
    site.counterparties().set_behaviour(reserve, refusing).expect("a behaviour");
    let refused = institution.send(&institution.refund(&payment, 1_234));
    assert_eq!((refused.status(), refused.code().as_str()), (Some(TrxStatus::Failure), "PB520011"));
    site.counterparties().set_behaviour(reserve, Behaviour::default()).expect("a behaviour");
    assert_eq!(institution.send(&institution.refund(&payment, 1_234)).status(), Some(TrxStatus::Success));
}

#[test]
fn only_a_successful_payment_of_ones_own_can_be_refunded() {
    let site = Site::new(NODE);
    let _node = site.start();
    let (institution, other) = (site.institution(0), site.institution(1));
    let code_of = |refund: &Letter| institution.send(refund).code();
    let unknown = institution.payment(0, 500);
    assert_eq!(code_of(&institution.refund(&unknown, 1)), "RB622021", "never sent");
    assert_eq!(code_of(&institution.refund(&other.pay(), 1)), "RB622021", "another institution's");
    let refund = institution.refund(&institution.pay(), 500);
    assert_eq!(code_of(&refund), "00000000");
    let of_a_refund = institution.refund(&refund, 1).with(Field::PyeeAcctIssrId, bank(&site, 0).as_str());
    assert_eq!(code_of(&of_a_refund), "RB622021", "a refund is no payment");
    site.counterparties()
        .set_behaviour(bank(&site, 2), Behaviour { refuses: 1.0, ..Behaviour::default() })
        .expect("a behaviour");
    let failed = institution.payment(2, 500);
    assert_eq!(institution.send(&failed).status(), Some(TrxStatus::Failure));
    assert_eq!(code_of(&institution.refund(&failed, 1)), "RB622023", "it failed");
}
