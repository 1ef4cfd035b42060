//! Volumes, and channels that fail: passed by while they are full or off, and taken again.

use std::collections::BTreeMap;

use clearway_codec::TrxStatus;
use clearway_loadgen::Behaviour;
use clearway_loadgen::bank::Fault;
use clearway_tests::wait;

use crate::rig::{AGENT, BANK, Rig};

#[test]
fn a_full_channel_is_passed_by_and_its_volume_survives_a_restart() {
    let rig = Rig::new(
        "
[[channel]]
bank = \"{BANK}\"
number = 1
via = \"{AGENT}\"
share = 10000
volume = { day_amount_fen = 2000, month_count = 1000 }
",
    );
    let node = rig.site.start();
    assert_eq!(rig.pays_over(), [AGENT]);
    // One that fails gives its place back.
    rig.behave(AGENT, Behaviour { refuses: 1.0, ..Behaviour::default() });
    assert_eq!(rig.pay().1.status(), Some(TrxStatus::Failure));
    rig.behave(AGENT, Behaviour::default());
    assert_eq!(rig.pays_over(), [AGENT]);
    assert_eq!(rig.pays_over(), [BANK], "full");
    let volume = |node: &_| rig.channel(node, 1)["today"].clone();
    let before = volume(&node);
    assert_eq!(before, serde_json::json!({ "amount_fen": 2_000, "count": 2 }));
    node.kill();
    let node = rig.site.start();
    assert_eq!(volume(&node), before);
    assert_eq!(rig.pays_over(), [BANK], "still full");
}

#[test]
fn a_channel_that_fails_is_switched_off_and_returns_by_trial() {
    let rig = Rig::new(
        "
[[channel]]
bank = \"{BANK}\"
number = 1
via = \"{AGENT}\"
share = 10000
switch_off = { window_ms = 60000, least = 3, failure_share = 9000, rest_ms = 200, rest_max_ms = 400, trials = 1 }
",
    );
    let node = rig.site.start();
    assert_eq!(rig.pays_over(), [AGENT]);
    let sick =
        Behaviour { faults: BTreeMap::from([(Fault::NonOk, 1.0)]), executes_when_failing: 0.0, ..Behaviour::default() };
    rig.behave(AGENT, sick);
    let off = || rig.channel(&node, 1)["state"].get("off").is_some();
    // The good one is among those that are judged, so it takes some.
    for _ in 0..40 {
        if off() {
            break;
        }
        let (letter, answer) = rig.pay();
        assert_eq!((answer.status(), rig.debited(&letter)), (Some(TrxStatus::Failure), vec![]), "{answer}");
    }
    // Not necessarily seen while it is off: it comes on trial soon. Whatever is not a trial goes to the bank.
    let over = wait::until("a payment that goes round it", || {
        let (letter, answer) = rig.pay();
        (answer.status() == Some(TrxStatus::Success)).then(|| rig.debited(&letter))
    });
    assert_eq!(over, [BANK]);
    rig.behave(AGENT, Behaviour::default());
    wait::until("the channel's return", || (rig.pays_over() == [AGENT]).then_some(()));
    wait::until("the channel is on", || (rig.channel(&node, 1)["state"] == "on").then_some(()));
    assert_eq!(rig.pays_over(), [AGENT]);
    assert!(node.log().contains("channel switched off") && node.log().contains("switched on again"));
}
