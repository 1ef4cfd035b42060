//! One bank, one leg, one way to answer badly. The bank is truthful when it is queried.
//!
//! ```text
//!                      the bank moved the money      it did not
//! leg 1, the debit     00 after a query              01 after a query
//! leg 2, the credit    00 after a query              03: sent once more, still unknown, presumed (or 00, see below)
//! ```
//!
//! A leg that the bank does not know is sent once more only if it is the credit. A bank that fails again leaves it unknown, and the
//! terminal notice of 03 makes the credit good.

use clearway_codec::TrxStatus;
use clearway_loadgen::bank::{Fault, Leg};
use clearway_loadgen::{Behaviour, Behaviours};
use clearway_tests::institution::id_of;
use clearway_tests::site::Site;
use clearway_tests::{admin, wait};

use crate::NODE;

/// The bank that answers badly; the reserve bank of the first institution is the first one, so this is a payer's bank.
const PAYER_BANK: usize = 1;

fn site() -> Site {
    Site::with(NODE, &Behaviours::healthy(), |options| {
        options.timing.leg1_deadline_ms = 300;
        options.timing.leg2_deadline_ms = 300;
        options.timing.query_schedule_ms = vec![50, 150, 300];
    })
}

fn behave(site: &Site, place: usize, behaviour: Behaviour) {
    let bank = site.parties().banks[place].identity.id;
    assert!(site.counterparties().set_behaviour(bank, behaviour).expect("a behaviour"));
}

fn faulty(fault: Fault, executes: bool) -> Behaviour {
    let executes_when_failing = f64::from(u8::from(executes));
    Behaviour { late_ms: 500.0, executes_when_failing, ..Behaviour::default() }.with_fault(fault, 1.0)
}

/// Whether both sides' books are as the final state says.
fn check_books(site: &Site, status: TrxStatus, payment: &clearway_tests::letter::Letter, told: &str) {
    let reserve = site.institution(0).reserve_bank();
    let expected = u16::from(matches!(status, TrxStatus::Success | TrxStatus::PresumedSuccess));
    let books = || [site.book(PAYER_BANK, id_of(payment), Leg::Debit), site.book(reserve, id_of(payment), Leg::Credit)];
    // A terminal notice may still be on its way to the bank.
    wait::until(told, || books().iter().all(|book| book.net() == expected).then_some(()));
    for book in books() {
        assert!(book.executed <= 1, "{told}: moved twice: {book:?}");
    }
}

fn check_every_fault(leg: Leg, executes: bool, expected: TrxStatus) {
    let site = site();
    let mut node = site.start();
    let (institution, innocent) = (site.institution(0), site.institution(1));
    let bad_bank = if leg == Leg::Debit { PAYER_BANK } else { institution.reserve_bank() };
    for fault in Fault::ALL {
        behave(&site, bad_bank, faulty(fault, executes));
        let payment = institution.payment(PAYER_BANK, 770);
        let told = format!("{fault:?} on the {leg:?}, executed: {executes}");
        let receipt = institution.send(&payment);
        // A late answer is a true one: the money has moved whatever `executes` says.
        let expected = if fault == Fault::Late { TrxStatus::Success } else { expected };
        assert_eq!(receipt.status(), Some(expected), "{told}: {receipt}");
        check_books(&site, expected, &payment, &told);
        assert_eq!(institution.send(&institution.query(&payment)).status(), Some(expected), "{told}");
        behave(&site, bad_bank, Behaviour::default());
        let untouched = innocent.payment(2, 100);
        assert_eq!(innocent.send(&untouched).status(), Some(TrxStatus::Success), "{told}");
    }
    assert!(node.is_running());
    let outcomes = admin::metric(
        node.ready.admin,
        "clearway_leg_outcomes_total",
        &format!("bank=\"{}\"", site.parties().banks[bad_bank].identity.id),
    );
    assert!(outcomes >= Fault::ALL.len() as f64, "{outcomes}");
}

#[test]
fn a_debit_that_happened_is_found_by_query() {
    check_every_fault(Leg::Debit, true, TrxStatus::Success);
}

#[test]
fn a_debit_that_did_not_happen_fails_the_payment() {
    check_every_fault(Leg::Debit, false, TrxStatus::Failure);
}

#[test]
fn a_credit_that_happened_is_found_by_query() {
    check_every_fault(Leg::Credit, true, TrxStatus::Success);
}

#[test]
fn a_credit_that_never_happens_is_presumed_and_made_good() {
    check_every_fault(Leg::Credit, false, TrxStatus::PresumedSuccess);
}

#[test]
fn a_bank_that_says_no_is_believed() {
    let site = site();
    let _node = site.start();
    let institution = site.institution(0);
    behave(&site, PAYER_BANK, Behaviour { refuses: 1.0, ..Behaviour::default() });
    let payment = institution.payment(PAYER_BANK, 5);
    let receipt = institution.send(&payment);
    assert_eq!((receipt.status(), receipt.code().as_str()), (Some(TrxStatus::Failure), "PB520011"));
    assert_eq!(site.book(institution.reserve_bank(), id_of(&payment), Leg::Credit).requests, 0, "leg 2 was never sent");
}

/// The bank's late answer comes when the payment is final already: listed, and nothing changes.
#[test]
fn an_answer_after_the_end_changes_nothing() {
    let site = site();
    let node = site.start();
    let institution = site.institution(0);
    // Deaf to queries and later than the last of them.
    let behaviour = Behaviour { late_ms: 1_500.0, ..Behaviour::default() }
        .with_fault(Fault::Late, 1.0)
        .with_query_fault(Fault::NonOk, 1.0);
    behave(&site, PAYER_BANK, behaviour);
    let payment = institution.payment(PAYER_BANK, 5);
    let receipt = institution.send(&payment);
    assert_eq!((receipt.status(), receipt.code().as_str()), (Some(TrxStatus::PresumedFailure), "PS500031"));
    wait::until("the late answer", || {
        (admin::metric(node.ready.admin, "clearway_late_answers_total", "") >= 1.0).then_some(())
    });
    assert_eq!(institution.send(&institution.query(&payment)).status(), Some(TrxStatus::PresumedFailure));
    behave(&site, PAYER_BANK, Behaviour::default());
    check_books(&site, TrxStatus::PresumedFailure, &payment, "the debit is undone by notice");
    assert!(
        admin::metric(node.ready.admin, "clearway_cases_total", "") >= 2.0,
        "presumption and late answer are cases"
    );
}
