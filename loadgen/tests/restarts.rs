//! The switch dies and comes back, on the same address and on another: the schedule is kept, nothing hangs, everything
//! is resolved after.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::bank::{Behaviour, Behaviours, Delay};
use clearway_loadgen::{Counterparties, Mix, Oracle, Plan, Profile, Run, Settlement, Target, settle};
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config};
use std::time::Duration;

const PLAN: Duration = Duration::from_millis(1_500);

fn plan() -> Plan {
    Plan {
        profile: Profile::constant(300.0),
        duration: PLAN,
        mix: Mix::payments_only(),
        reply_timeout: Duration::from_secs(5),
        ..Plan::default()
    }
}

/// Waits until a run has sent so many requests: the test's clock is the schedule, not the wall.
fn wait_for(run: &Run, sent: u64) {
    while run.progress().sent < sent && !run.is_finished() {
        std::thread::yield_now();
    }
}

#[test]
fn a_killed_and_restarted_switch_loses_nothing() {
    let (config, key) = config(2, 3, Suite::EcdsaP256Sha256);
    let slow = Behaviour { delay: Delay::Exponential { mean_ms: 10.0 }, ..Behaviour::default() };
    let parties = Counterparties::start(&config, &Behaviours::all(9, slow)).unwrap();
    let memory = Memory::default();
    let start = |address| {
        MiniSwitch::start(&config, &key, &Addresses::of(&parties), Manners::default(), memory.clone(), address)
    };
    let mut switch = start(None);
    let address = switch.address;
    let target = Target::new(address, "/preSvr");
    let run = Run::start(&plan(), &config, &target).unwrap();
    for sent in [60, 150, 240, 330] {
        wait_for(&run, sent);
        drop(switch);
        // Some requests meet a closed port before the switch is back.
        wait_for(&run, sent + 10);
        switch = start(Some(address));
    }
    let mut finished = run.wait().unwrap();
    let report = &finished.report;
    assert_eq!((report.scheduled, report.sent, report.dropped), (450, 450, 0), "the schedule is kept: {report}");
    let outcomes = &report.kinds["payment"].outcomes;
    assert!(outcomes.get("unconnected").is_some_and(|count| *count >= 1), "{outcomes:?}");
    assert!(outcomes.get("broken").is_some_and(|count| *count >= 1), "{outcomes:?}");
    let settled = settle(&Settlement::default(), &config, &target, &mut finished.tracker).unwrap();
    assert!(settled.open > 0 && settled.remaining == 0, "{settled:?}");
    let verdict =
        Oracle::await_agreement(|| Ok(parties.ledgers()), &finished.tracker, Duration::from_secs(20)).unwrap();
    assert!(verdict.ok, "{verdict}");
    assert!(verdict.unsent > 0 && verdict.finals > 0);
}

#[test]
fn a_run_follows_its_target_to_another_address() {
    let (config, key) = config(2, 3, Suite::EcdsaP256Sha256);
    let parties = Counterparties::start(&config, &Behaviours::healthy()).unwrap();
    let memory = Memory::default();
    let start = || MiniSwitch::start(&config, &key, &Addresses::of(&parties), Manners::default(), memory.clone(), None);
    let (first, second) = (start(), start());
    let target = Target::new(first.address, "/preSvr");
    let run = Run::start(&plan(), &config, &target).unwrap();
    wait_for(&run, 100);
    target.set(second.address);
    wait_for(&run, 200);
    drop(first);
    let mut finished = run.wait().unwrap();
    settle(&Settlement::default(), &config, &target, &mut finished.tracker).unwrap();
    let verdict = Oracle::judge(&parties.ledgers(), &finished.tracker);
    assert!(verdict.ok && verdict.finals + verdict.unsent == 450, "{verdict}");
    assert_eq!(finished.report.sent, 450);
}

/// Nobody is there at all: every request is counted, none is sent, and the run ends on time.
#[test]
fn a_dead_target_is_counted_not_waited_for() {
    let (config, _) = config(1, 2, Suite::Ed25519);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let target = Target::new(nobody, "/preSvr");
    let plan = Plan {
        profile: Profile::constant(500.0),
        duration: Duration::from_millis(200),
        mix: Mix::payments_only(),
        ..Plan::default()
    };
    let mut finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
    assert_eq!(finished.report.kinds["payment"].outcomes["unconnected"], 100);
    let settled = settle(&Settlement::default(), &config, &target, &mut finished.tracker).unwrap();
    assert_eq!((settled.open, settled.queries), (0, 0), "what never left needs no query");
}

/// A switch that takes requests and never answers: connections and backlog are bounded, the rest is dropped and
/// counted.
#[test]
fn a_silent_target_fills_the_bounds_and_no_more() {
    let (config, _) = config(1, 2, Suite::Ed25519);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Target::new(silent.local_addr().unwrap(), "/preSvr");
    let plan = Plan {
        profile: Profile::constant(1_000.0),
        duration: Duration::from_millis(200),
        mix: Mix::payments_only(),
        connections_max: 20,
        backlog_max: 30,
        reply_timeout: Duration::from_secs(1),
        ..Plan::default()
    };
    let finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
    let report = &finished.report;
    assert_eq!((report.scheduled, report.sent + report.dropped, report.connections), (200, 200, 20), "{report}");
    assert_eq!(report.kinds["payment"].outcomes["timed_out"], report.sent);
    assert!(report.dropped > 0 && !report.invalid.is_empty(), "{report}");
}
