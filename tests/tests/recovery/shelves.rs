//! Payments that have left the memory: repeated, asked for and refunded as if they had not.

use clearway_codec::{Field, TrxStatus};
use clearway_loadgen::bank::Leg;
use clearway_loadgen::{Behaviour, Behaviours};
use clearway_tests::institution::id_of;
use clearway_tests::letter::Letter;
use clearway_tests::process::NodeProcess;
use clearway_tests::shelf::put_away;
use clearway_tests::site::Site;
use clearway_tests::wait;

use crate::NODE;

/// Ends a node once nobody is owed a notice any more.
fn end(node: NodeProcess) {
    let ended = node.terminate();
    assert_eq!(ended.code, Some(0), "{ended}");
}

fn bank_refuses(site: &Site, place: usize, behaviour: Behaviour) {
    let bank = site.parties().banks[place].identity.id;
    site.counterparties().set_behaviour(bank, behaviour).expect("a behaviour");
}

#[test]
fn a_payment_on_a_shelf_is_repeated_byte_for_byte_and_never_done_again() {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.workers = 2);
    let node = site.start();
    let institution = site.institution(0);
    let payments: Vec<Letter> = (0..20).map(|number| institution.payment(0, 100 + number)).collect();
    let sealed: Vec<_> = payments.iter().map(|payment| payment.seal(&institution.identity().key)).collect();
    let receipts: Vec<_> = sealed.iter().map(|bytes| institution.post(bytes)).collect();
    end(node);
    assert_eq!(put_away(&site), 20);
    // Without a checkpoint the whole journal comes back, and leaves again; the second start finds the same.
    for _ in 0..2 {
        let node = site.start();
        for (payment, (bytes, receipt)) in payments.iter().zip(sealed.iter().zip(&receipts)) {
            assert_eq!(receipt.status(), Some(TrxStatus::Success));
            assert_eq!(institution.post(bytes), *receipt, "the same bytes");
            assert_eq!(institution.send(&institution.query(payment)).status(), Some(TrxStatus::Success));
            let other = institution.payment(0, 77).with(Field::TrxId, id_of(payment).to_string());
            assert_eq!(institution.send(&other).code(), "ES000031", "other content under its id");
            let book = site.book(0, id_of(payment), Leg::Debit);
            assert_eq!((book.requests, book.executed), (1, 1));
        }
        let _ = institution.pay();
        node.kill();
    }
}

#[test]
fn refunds_of_payments_on_a_shelf_take_what_there_is_and_no_fen_more() {
    let site = Site::new(NODE);
    let node = site.start();
    let institution = site.institution(0);
    let payment = institution.pay();
    let refund = |fen| institution.send(&institution.refund(&payment, fen));
    assert_eq!(refund(1_000).status(), Some(TrxStatus::Success));
    end(node);
    assert_eq!(put_away(&site), 2);
    let node = site.start();
    assert_eq!(refund(235).code(), "RB622022", "too much is left on the shelf");
    assert_eq!(refund(34).code(), "00000000");
    end(node);
    // The payment has changed: it leaves once more, and the newest shelf has it.
    assert_eq!(put_away(&site), 3);
    let node = site.start();
    assert_eq!(refund(201).code(), "RB622022");
    // A refund that fails gives back, on a payment that had to be brought back.
    bank_refuses(&site, institution.reserve_bank(), Behaviour { refuses: 1.0, ..Behaviour::default() });
    assert_eq!(refund(200).status(), Some(TrxStatus::Failure));
    bank_refuses(&site, institution.reserve_bank(), Behaviour::default());
    node.kill();
    let node = site.start();
    assert_eq!(refund(200).code(), "00000000", "after a crash");
    assert_eq!(refund(1).code(), "RB622022");
    let unknown = institution.payment(0, 500);
    assert_eq!(institution.send(&institution.refund(&unknown, 1)).code(), "RB622021", "never sent");
    end(node);
}

/// A late start of a node finds payments that were put away while its checkpoint still had them.
#[test]
fn a_checkpoint_older_than_a_shelf_brings_nothing_back() {
    let site = Site::with(NODE, &Behaviours::healthy(), |options| options.checkpoint.interval_s = 1);
    let node = site.start();
    let institution = site.institution(0);
    let payments: Vec<Letter> = (0..5).map(|_| institution.pay()).collect();
    wait::until("a checkpoint", || {
        let mut names = std::fs::read_dir(site.journal()).ok()?.flatten();
        names.any(|entry| entry.file_name().to_string_lossy().ends_with(".checkpoint")).then_some(())
    });
    end(node);
    assert_eq!(put_away(&site), 5);
    let node = site.start();
    let restored = node.log();
    assert!(restored.contains("payments=0 ") && restored.contains("shed=5"), "{restored}");
    for payment in &payments {
        assert_eq!(institution.send(&institution.query(payment)).status(), Some(TrxStatus::Success));
        assert_eq!(institution.send(&institution.refund(payment, 1_234)).code(), "00000000");
    }
    node.kill();
    let node = site.start();
    for payment in &payments {
        assert_eq!(institution.send(&institution.refund(payment, 1)).code(), "RB622022", "given back already");
    }
    end(node);
}
