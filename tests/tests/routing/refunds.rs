//! Refunds of payments that were made on the old direct channel, by the bank's policy.

use clearway_codec::TrxStatus;
use clearway_loadgen::Behaviour;
use clearway_loadgen::bank::Leg;
use clearway_tests::{admin, institution::id_of, letter::Letter};

use crate::rig::{ADAPTER, BANK, Rig, outcome, refused};

fn with(policy: &str) -> Rig {
    Rig::new(&format!(
        "
[[channel]]
bank = \"{{BANK}}\"
number = 9
via = \"{{ADAPTER}}\"
kind = \"direct\"

[[cutover.bank]]
id = \"{{BANK}}\"
direct_refund = {policy:?}
"
    ))
}

/// A refund of a payment that the switch never saw.
fn refund(rig: &Rig) -> Letter {
    rig.institution().refund(&rig.institution().payment(BANK, 5_000), 1_000)
}

#[test]
fn refused_as_unknown() {
    let rig = with("refuse");
    let _node = rig.site.start();
    let refund = refund(&rig);
    assert_eq!(outcome(&rig.institution().send(&refund)), refused("RB622021"));
}

#[test]
fn held_for_a_transfer() {
    let rig = with("hold");
    let node = rig.site.start();
    let refund = refund(&rig);
    let first = rig.institution().send(&refund);
    assert_eq!(outcome(&first), refused("RB622026"));
    assert_eq!(rig.institution().send(&refund).bytes, first.bytes, "the same receipt again");
    let cases = admin::json(node.ready.admin, "/cases").to_string();
    assert!(cases.contains("refund held for a transfer") && cases.contains(&id_of(&refund).to_string()), "{cases}");
    assert_eq!(rig.booked(&refund, Leg::Debit), [0_usize; 0]);
    node.kill();
    let node = rig.site.start();
    assert!(admin::json(node.ready.admin, "/cases").to_string().contains("refund held"), "it waits for a person");
}

#[test]
fn forwarded_to_the_old_channel() {
    let rig = with("forward");
    let _node = rig.site.start();
    let refund = refund(&rig);
    let answer = rig.institution().send(&refund);
    assert_eq!(answer.status(), Some(TrxStatus::Success), "{answer}");
    assert_eq!(rig.booked(&refund, Leg::Credit), [ADAPTER]);
    assert_eq!(rig.booked(&refund, Leg::Debit), [rig.institution().reserve_bank()]);
    // What the old channel refuses is undone, and gives nothing back that was never reserved.
    rig.behave(ADAPTER, Behaviour { refuses: 1.0, ..Behaviour::default() });
    let again = self::refund(&rig);
    assert_eq!(rig.institution().send(&again).status(), Some(TrxStatus::Failure));
    // The switch's own payments are refunded as always.
    let paid = rig.institution().payment(BANK, 5_000);
    assert_eq!(rig.institution().send(&paid).status(), Some(TrxStatus::Success));
    let own = rig.institution().refund(&paid, 5_000);
    assert_eq!(rig.institution().send(&own).status(), Some(TrxStatus::Success));
    assert_eq!(rig.booked(&own, Leg::Credit), [BANK]);
}
