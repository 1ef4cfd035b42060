//! A leg of which nothing has left takes the next channel; one that may have left stays where it is.

use std::sync::Arc;

use clearway_codec::TrxStatus;
use clearway_loadgen::bank::Leg;
use clearway_tests::institution::id_of;
use clearway_tests::proxy::{Course, Cut, Door, Exchange};

use crate::rig::{AGENT, BANK, Rig, outcome, refused};

const AGENT_BEHIND: &str = "
[[channel]]
bank = \"{BANK}\"
number = 1
name = \"agent\"
via = \"{AGENT}\"
";

#[test]
fn what_could_not_be_sent_takes_the_next_channel() {
    let rig = Rig::new(AGENT_BEHIND);
    let line = rig.site.interpose(BANK);
    let node = rig.site.start();
    assert_eq!(rig.pays_over(), [BANK]);
    line.shut_down();
    let (letter, answer) = rig.pay();
    assert_eq!((answer.status(), rig.debited(&letter)), (Some(TrxStatus::Success), vec![AGENT]), "{answer}");
    // The refund goes back the way that the payment went.
    let refund = rig.institution().refund(&letter, 400);
    assert_eq!(rig.institution().send(&refund).status(), Some(TrxStatus::Success));
    assert_eq!(rig.booked(&refund, Leg::Credit), [AGENT]);
    let id = id_of(&letter).to_string();
    let (code, why, complaint) = rig.run(Some(&node), &["route", "why", &id]);
    assert_eq!(code, Some(0), "{complaint}");
    assert!(why.contains("accepted") && why.contains("taken: channel 1"), "{why}");
    let (_, trace, _) = rig.run(Some(&node), &["trace", &id]);
    assert!(trace.contains("route: ") && trace.trim_end().ends_with("every signature verified again"), "{trace}");
    line.repair();
    assert_eq!(node.terminate().code, Some(0));
    let journal = rig.site.journal().display().to_string();
    let (code, text, _) = rig.run(None, &["journal", "verify", &journal]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn a_payment_fails_when_every_channel_is_shut() {
    let rig = Rig::new(AGENT_BEHIND);
    let lines = [rig.site.interpose(BANK), rig.site.interpose(AGENT)];
    let _node = rig.site.start();
    lines.iter().for_each(|line| line.set_door(Door::Refused));
    let (letter, answer) = rig.pay();
    assert_eq!(outcome(&answer), refused("PS500030"), "{answer}");
    assert_eq!(rig.debited(&letter), [0_usize; 0]);
}

#[test]
fn what_may_have_left_is_asked_about_and_goes_nowhere_else() {
    let rig = Rig::new(AGENT_BEHIND);
    let line = rig.site.interpose(BANK);
    let _node = rig.site.start();
    let mut cuts = 0;
    for after_bytes in [1, 200, 1_000] {
        // The leg is cut; the query that follows gets through.
        let chooser = move |exchange: &Exchange| match exchange.header("msgtp") {
            Some("epcc.201.001.01") => Course::cut_request(after_bytes, Cut::Reset),
            _ => Course::default(),
        };
        line.set_chooser(Arc::new(chooser));
        line.strike(Cut::Reset);
        let (letter, answer) = rig.pay();
        // A link that was cut a moment ago may be passed by: then nothing has left over it.
        if rig.debited(&letter) == [AGENT] {
            continue;
        }
        assert_eq!(answer.status(), Some(TrxStatus::Failure), "the bank never had the whole of it: {answer}");
        assert_eq!(rig.debited(&letter), [0_usize; 0], "{after_bytes} bytes");
        assert_eq!(rig.booked(&letter, Leg::Credit), [0_usize; 0]);
        cuts += 1;
    }
    assert!(cuts > 0, "the first goes to the bank");
}
