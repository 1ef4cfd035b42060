//! What the generator may spare itself: signatures that are not checked, and such as were made before.

mod mini_switch;

use clearway_codec::TrxStatus;
use clearway_crypto::{SigningKey, Suite};
use clearway_loadgen::bank::Behaviours;
use clearway_loadgen::{
    Config, Counterparties, Finished, Mix, Oracle, Placement, Plan, Profile, Run, Settlement, Target, settle,
};
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config};
use std::time::Duration;

const REQUESTS: u64 = 50;

fn plan() -> Plan {
    Plan {
        profile: Profile::constant(REQUESTS as f64),
        duration: Duration::from_secs(1),
        mix: Mix::payments_only(),
        seed: 5,
        ..Plan::default()
    }
}

/// A run in which the institutions or the banks take the switch for another one.
fn run(plan: &Plan, bank_share: f64, mistaken: fn(&mut Config, &mut Config)) -> Finished {
    let (config, key) = config(2, 3, Suite::Ed25519);
    let (mut senders, mut banks) = (config.clone(), config.clone());
    mistaken(&mut senders, &mut banks);
    let placement = Placement { verify_share: bank_share, ..Placement::default() };
    let parties = Counterparties::start_at(&banks, &Behaviours::healthy(), &placement).unwrap();
    let switch =
        MiniSwitch::start(&config, &key, &Addresses::of(&parties), Manners::default(), Memory::default(), None);
    let target = Target::new(switch.address, "/preSvr");
    let mut finished = Run::start(plan, &senders, &target).unwrap().wait().unwrap();
    if plan.verify_share == 1.0 && bank_share == 1.0 && finished.report.unknown == 0 {
        settle(&Settlement::default(), &config, &target, &mut finished.tracker).unwrap();
        let verdict = Oracle::judge(&parties.ledgers(), &finished.tracker);
        assert!(verdict.ok, "{verdict}");
    }
    finished
}

fn mistake(config: &mut Config) {
    config.node.key = SigningKey::generate(Suite::Ed25519).unwrap().verifying_key().clone();
}

#[test]
fn answers_are_checked_unless_they_are_spared() {
    let finals = |verify_share| run(&Plan { verify_share, ..plan() }, 1.0, |senders, _| mistake(senders)).report.finals;
    assert_eq!([finals(1.0), finals(0.0)], [0, REQUESTS]);
}

#[test]
fn banks_check_requests_unless_they_are_spared() {
    let successes = |bank_share| {
        let report = run(&plan(), bank_share, |_, banks| mistake(banks)).report;
        report.kinds["payment"].outcomes.get(TrxStatus::Success.code()).copied().unwrap_or_default()
    };
    assert_eq!([successes(1.0), successes(0.0)], [0, REQUESTS]);
}

#[test]
fn a_run_that_is_signed_before_it_begins_is_as_good() {
    let finished = run(&Plan { signed_before: true, ..plan() }, 1.0, |_, _| {});
    let report = &finished.report;
    assert_eq!((report.scheduled, report.sent, report.finals, report.unknown), (REQUESTS, REQUESTS, REQUESTS, 0));
    assert!(report.sender_cpu_us_per_request > 0.0);
}
