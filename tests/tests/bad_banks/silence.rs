//! Banks that are not there: refused connections, and silence on everything. What the institution is told, and when.

use std::fs;

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_loadgen::bank::{Fault, Leg};
use clearway_loadgen::{Behaviour, Behaviours};
use clearway_tests::institution::id_of;
use clearway_tests::port::HeldPort;
use clearway_tests::site::Site;
use clearway_tests::wait;

use crate::NODE;

fn site(change: impl FnOnce(&mut clearway::init::Options)) -> Site {
    Site::with(NODE, &Behaviours::healthy(), |options| {
        options.timing.leg1_deadline_ms = 200;
        options.timing.leg2_deadline_ms = 200;
        options.timing.query_schedule_ms = vec![50, 100, 200];
        change(options);
    })
}

/// Lets the node find nobody behind a bank's address.
fn unplug(site: &Site, place: usize) -> HeldPort {
    let port = HeldPort::take().expect("a port");
    let participants = site.dir().join("participants.toml");
    let text = fs::read_to_string(&participants).expect("the participants");
    let plugged = format!("http://{}/", site.counterparties().bank_addresses()[place]);
    assert!(text.contains(&plugged));
    fs::write(participants, text.replace(&plugged, &format!("http://{}/", port.address()))).expect("written");
    port
}

fn silent() -> Behaviour {
    Behaviour { executes_when_failing: 1.0, ..Behaviour::default() }
        .with_fault(Fault::NeverAnswers, 1.0)
        .with_query_fault(Fault::NeverAnswers, 1.0)
}

fn behave(site: &Site, place: usize, behaviour: Behaviour) {
    let bank = site.parties().banks[place].identity.id;
    assert!(site.counterparties().set_behaviour(bank, behaviour).expect("a behaviour"));
}

/// Not one byte has left, so it is certain that no money moved: 01 at once, without a query.
#[test]
fn a_payers_bank_that_refuses_connections_fails_the_payment_at_once() {
    let site = site(|_| {});
    let _port = unplug(&site, 1);
    let _node = site.start();
    let institution = site.institution(0);
    let receipt = institution.send(&institution.payment(1, 5));
    assert_eq!((receipt.status(), receipt.code().as_str()), (Some(TrxStatus::Failure), "PS500030"));
    let _ = institution.pay();
}

#[test]
fn a_reserve_bank_that_refuses_connections_ends_in_presumed_success() {
    let site = site(|_| {});
    let reserve = site.institution(0).reserve_bank();
    let _port = unplug(&site, reserve);
    let _node = site.start();
    let institution = site.institution(0);
    let payment = institution.payment(1, 5);
    let receipt = institution.send(&payment);
    assert_eq!((receipt.status(), receipt.code().as_str()), (Some(TrxStatus::PresumedSuccess), "RS600031"));
    assert_eq!(site.book(1, id_of(&payment), Leg::Debit).net(), 1);
}

/// Payer's side unknown to the end: 04, and the bank gives back what it had taken when it can hear again.
#[test]
fn a_silent_payers_bank_ends_in_presumed_failure() {
    let site = site(|_| {});
    let _node = site.start();
    let institution = site.institution(0);
    behave(&site, 1, silent());
    let payment = institution.payment(1, 5);
    let receipt = institution.send(&payment);
    assert_eq!((receipt.status(), receipt.code().as_str()), (Some(TrxStatus::PresumedFailure), "PS500031"));
    assert_eq!(receipt.text(Field::SysRtnCd).as_deref(), Some("ES000098"));
    behave(&site, 1, Behaviour::default());
    let book = wait::until("the debit undone", || {
        Some(site.book(1, id_of(&payment), Leg::Debit)).filter(|book| book.net() == 0)
    });
    assert_eq!((book.executed, book.queries >= 1), (1, true), "{book:?}");
    assert_eq!(site.book(institution.reserve_bank(), id_of(&payment), Leg::Credit).requests, 0);
}

#[test]
fn a_silent_reserve_bank_ends_in_presumed_success() {
    let site = site(|_| {});
    let _node = site.start();
    let institution = site.institution(0);
    behave(&site, institution.reserve_bank(), silent());
    let payment = institution.payment(1, 5);
    let receipt = institution.send(&payment);
    assert_eq!((receipt.status(), receipt.code().as_str()), (Some(TrxStatus::PresumedSuccess), "RS600031"));
    behave(&site, institution.reserve_bank(), Behaviour::default());
    let credit = || site.book(institution.reserve_bank(), id_of(&payment), Leg::Credit);
    wait::until("the notice", || (credit().told == Some(TrxStatus::PresumedSuccess)).then_some(()));
    assert_eq!((credit().executed, credit().net_fen()), (1, 5));
}

/// The institution never hangs: at its own deadline it is told that the payment is in process, and later the end.
#[test]
fn at_the_receipt_deadline_the_institution_is_told_in_process() {
    let site = site(|options| options.timing.receipt_deadline_ms = 100);
    let _node = site.start();
    let institution = site.institution(0);
    behave(&site, 1, silent());
    let payment = institution.payment(1, 5);
    let receipt = institution.send(&payment);
    assert_eq!((receipt.message_type(), receipt.status()), (MessageType::Epcc206, Some(TrxStatus::InProcess)));
    assert_eq!(receipt.text(Field::SysRtnCd).as_deref(), Some("ES000033"));
    assert_eq!(institution.await_final(&payment), TrxStatus::PresumedFailure);
    let notice = wait::until("the notice", || site.books().notices.get(id_of(&payment)).copied());
    assert_eq!(notice.status, TrxStatus::PresumedFailure);
}

/// The peers' story: a refund whose bank never answered kept its share of the original for ever. Here presumption gives it back.
#[test]
fn a_presumed_failure_of_a_refund_releases_its_share() {
    let site = site(|_| {});
    let _node = site.start();
    let institution = site.institution(0);
    let payment = institution.pay();
    behave(&site, institution.reserve_bank(), silent());
    assert_eq!(institution.send(&institution.refund(&payment, 1_234)).status(), Some(TrxStatus::PresumedFailure));
    behave(&site, institution.reserve_bank(), Behaviour::default());
    assert_eq!(institution.send(&institution.refund(&payment, 1_234)).status(), Some(TrxStatus::Success));
}

/// Bulkheads: thirty payments hang at one bank, with a quota of ten for it; the others' payments do not wait, and what is
/// over the quota is refused at once, also when all of them come in one burst (then the quota was once passed by all).
#[test]
fn one_silent_bank_does_not_slow_another() {
    let site = site(|options| {
        options.limits.in_flight_per_participant_max = 10;
        options.timing.leg1_deadline_ms = 3_000;
    });
    let _node = site.start();
    let (institution, innocent) = (site.institution(0), site.institution(1));
    behave(&site, 2, silent());
    let hanging: Vec<_> = (0..30).map(|_| institution.payment(2, 5)).collect();
    std::thread::scope(|scope| {
        let sent: Vec<_> = hanging.iter().map(|payment| scope.spawn(|| institution.send(payment))).collect();
        wait::until("the bank's quota used up", || (site.counterparties().bank_counts()[2].1.legs == 10).then_some(()));
        for _ in 0..5 {
            let _ = innocent.pay();
        }
        let codes: Vec<String> = sent.into_iter().map(|sent| sent.join().expect("an answer").code()).collect();
        assert_eq!(codes.iter().filter(|code| *code == "PS500001").count(), 20, "{codes:?}");
    });
}
