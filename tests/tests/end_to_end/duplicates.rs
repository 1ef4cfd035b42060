//! The same TrxId again: the stored receipt byte for byte, or 02 while it is in process, and never a second debit.

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_loadgen::bank::{Delay, Leg};
use clearway_loadgen::{Behaviour, Behaviours};
use clearway_tests::institution::id_of;
use clearway_tests::site::Site;
use clearway_tests::wait;

use crate::NODE;

#[test]
fn a_repetition_gets_the_same_bytes_also_after_a_crash() {
    let site = Site::new(NODE);
    let node = site.start();
    let institution = site.institution(0);
    let mut payment = institution.payment(0, 4_200);
    let bytes = payment.seal(&institution.identity().key);
    let receipt = institution.post(&bytes);
    assert_eq!(receipt.status(), Some(TrxStatus::Success));
    assert_eq!(institution.post(&bytes), receipt, "the same bytes");
    payment.header.sent_at = clearway_codec::BeijingTime::from_unix_secs(payment.header.sent_at.unix_secs() - 60);
    assert_eq!(institution.send(&payment), receipt, "sent anew: another header and signature, the same content");
    node.kill();
    let _node = site.start();
    assert_eq!(institution.post(&bytes), receipt, "after a crash");
    let book = site.book(0, id_of(&payment), Leg::Debit);
    assert_eq!((book.requests, book.executed), (1, 1));
}

#[test]
fn a_repetition_of_a_payment_in_process_is_told_so() {
    let slow = Behaviour { delay: Delay::Fixed { ms: 700.0 }, ..Behaviour::default() };
    let site = Site::with(NODE, &Behaviours::all(1, slow), |_| {});
    let _node = site.start();
    let institution = site.institution(0);
    let payment = institution.payment(0, 4_200);
    let bytes = payment.seal(&institution.identity().key);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| institution.post(&bytes));
        wait::until("leg 1 at the bank", || (site.book(0, id_of(&payment), Leg::Debit).requests == 1).then_some(()));
        let again = institution.post(&bytes);
        assert_eq!((again.message_type(), again.status()), (MessageType::Epcc206, Some(TrxStatus::InProcess)));
        assert_eq!(again.code(), "ES000033");
        let receipt = first.join().expect("an answer");
        assert_eq!(receipt.status(), Some(TrxStatus::Success));
        assert_eq!(institution.post(&bytes), receipt);
    });
    assert_eq!(site.book(0, id_of(&payment), Leg::Debit).requests, 1);
}

/// The kernel spreads the connections over the workers, so the same id is in several hands at one moment.
#[test]
fn the_same_bytes_from_forty_connections_at_once_debit_once() {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.workers = 2);
    let _node = site.start();
    let institution = site.institution(0);
    for _ in 0..5 {
        let payment = institution.payment(0, 70);
        let bytes = payment.seal(&institution.identity().key);
        let answers: Vec<_> = std::thread::scope(|scope| {
            let sent: Vec<_> = (0..40).map(|_| scope.spawn(|| institution.post(&bytes))).collect();
            sent.into_iter().map(|sent| sent.join().expect("an answer")).collect()
        });
        assert_eq!(institution.await_final(&payment), TrxStatus::Success);
        let receipt = institution.post(&bytes);
        for answer in answers {
            let in_process = answer.status() == Some(TrxStatus::InProcess);
            assert!(in_process || answer == receipt, "{answer}");
        }
        let book = site.book(0, id_of(&payment), Leg::Debit);
        assert_eq!((book.requests, book.executed), (1, 1));
    }
}

#[test]
fn other_content_under_the_same_id_is_refused_and_nothing_happens() {
    let site = Site::new(NODE);
    let _node = site.start();
    let (institution, other) = (site.institution(0), site.institution(1));
    let payment = institution.pay();
    let changed = payment.clone().with(Field::TrxAmt, "CNY12.35");
    let stolen = other.payment(0, 1_234).with(Field::TrxId, payment.value(Field::TrxId).expect("an id"));
    for refusal in [institution.send(&changed), other.send(&stolen)] {
        assert_eq!((refusal.message_type(), refusal.code().as_str()), (MessageType::Epcc303, "ES000031"), "{refusal}");
    }
    let book = site.book(0, id_of(&payment), Leg::Debit);
    assert_eq!((book.requests, book.net_fen()), (1, 1_234));
}

/// The peers' story: a client that reconnects and sends again got a second booking. Here: one thousand ids, each sent twice
/// on new connections, with crashes of the node in between, give one debit each.
#[test]
fn everything_sent_twice_over_restarts_is_debited_once() {
    let site = Site::new(NODE);
    let institution = site.institution(0);
    let payments: Vec<_> = (0..1_000).map(|_| institution.payment(0, 10)).collect();
    let sealed: Vec<_> = payments.iter().map(|payment| payment.seal(&institution.identity().key)).collect();
    for part in sealed.chunks(250) {
        for _ in 0..2 {
            let node = site.start();
            std::thread::scope(|scope| {
                for share in part.chunks(part.len() / 4 + 1) {
                    scope.spawn(move || {
                        for bytes in share {
                            assert_eq!(institution.post(bytes).status(), Some(TrxStatus::Success));
                        }
                    });
                }
            });
            node.kill();
        }
    }
    let books = site.books();
    for payment in &payments {
        let book = books.banks[0].ledger.book(id_of(payment), Leg::Debit).copied().unwrap_or_default();
        assert_eq!((book.requests, book.executed), (1, 1), "{}", id_of(payment));
    }
}

/// A business "no" is a final state that was told, so it is kept like any other. Once it was not: the same request got another receipt, a query
/// did not know it, and after the original's other refund had failed the same id could even have succeeded.
#[test]
fn a_declined_request_stays_declined() {
    let site = Site::new(NODE);
    let node = site.start();
    let institution = site.institution(0);
    let payment = institution.pay();
    let reserve = site.parties().banks[institution.reserve_bank()].identity.id;
    // A refund that is under way holds the whole amount; a second one is declined for it; then the first one fails.
    let slow = Behaviour { delay: Delay::Fixed { ms: 500.0 }, refuses: 1.0, ..Behaviour::default() };
    site.counterparties().set_behaviour(reserve, slow).expect("a behaviour");
    let (first, second) = (institution.refund(&payment, 1_234), institution.refund(&payment, 1));
    let unknown_bank = institution.payment(0, 5).with(Field::PyerAcctIssrId, "C1999999999999");
    let declined = std::thread::scope(|scope| {
        let running = scope.spawn(|| institution.send(&first));
        wait::until("the first refund at its bank", || {
            (site.book(institution.reserve_bank(), id_of(&first), Leg::Debit).requests == 1).then_some(())
        });
        let declined = institution.send(&second);
        assert_eq!(running.join().expect("an answer").status(), Some(TrxStatus::Failure));
        declined
    });
    let rows = [(second, declined, "RB622022"), (unknown_bank.clone(), institution.send(&unknown_bank), "PB520097")];
    site.counterparties().set_behaviour(reserve, Behaviour::default()).expect("a behaviour");
    let check = || {
        for (letter, receipt, code) in &rows {
            assert_eq!((receipt.status(), receipt.code().as_str()), (Some(TrxStatus::Failure), *code));
            assert_eq!(institution.send(letter), *receipt, "the same bytes again");
            let found = institution.send(&institution.query(letter));
            assert_eq!((found.status(), found.code().as_str()), (Some(TrxStatus::Failure), *code), "{found}");
        }
    };
    check();
    node.kill();
    let node = site.start();
    check();
    assert_eq!(
        institution.send(&institution.refund(&payment, 1_234)).status(),
        Some(TrxStatus::Success),
        "under an id of its own"
    );
    assert_eq!(node.terminate().code, Some(0));
    let (journal, config) = (site.journal().display().to_string(), site.config().display().to_string());
    assert!(site.run(&["journal", "verify", &journal, "--config", &config]).status.success());
}
