//! The active line dies under load, in both ways in which lines die, and comes back; and one that cannot make up its mind.

use clearway_tests::proxy::{Cut, FaultProxy};
use clearway_tests::seed::Seed;
use clearway_tests::wait;
use toml::Value;

use crate::rig::{ACTIVE, Rig, STANDBY};

/// Payments a second.
const RATE: f64 = 150.0;
/// Legs that show who takes them.
const ENOUGH: usize = 80;

/// Recovers and switches back sooner than a node should in earnest.
fn hasty_rig(seed: Seed, switch_back_after_ms: i64) -> Rig {
    let keys = [("hold_down_ms", 300), ("probe_interval_ms", 1_000), ("switch_back_after_ms", switch_back_after_ms)];
    Rig::start_with(
        seed.number(),
        |_| {},
        |site| site.configure("links", keys.map(|(key, ms)| (key, Value::Integer(ms)))),
    )
}

fn dies_and_comes_back(name: &str, die: fn(&FaultProxy)) {
    let seed = Seed::of_test(name);
    let rig = hasty_rig(seed, 1_000);
    let run = rig.load(seed.number(), RATE);
    rig.await_legs(ACTIVE, ENOUGH);
    assert_eq!((rig.watch.legs_on(STANDBY), rig.takeovers()), (0, vec![]), "one of them, while it works");
    let died = std::time::Instant::now();
    die(&rig.lines[ACTIVE]);
    rig.await_legs(STANDBY, ENOUGH);
    rig.await_takeovers(&["main -> spare"]);
    rig.repair();
    rig.await_takeovers(&["main -> spare", "spare -> main"]);
    let on_standby = rig.watch.legs_on(STANDBY);
    rig.await_legs(ACTIVE, ENOUGH);
    let strays = rig.watch.legs_on(STANDBY) - on_standby;
    let switched_after = rig.switched_after_ms(died);
    let outcome = rig.finish(run);
    println!("{name}: new legs on the standby after {switched_after:?} ms; {outcome:#?}");
    assert!(outcome.verdict.ok && outcome.verdict.unknown == 0, "{outcome:#?}");
    assert_eq!(outcome.presumed, 0, "everything that was unknown was found out over the standby");
    // What had chosen the standby just before.
    assert!(strays <= 8, "{strays} legs went to the standby after the switch back");
    assert_eq!(rig.takeovers(), ["main -> spare", "spare -> main"], "once there, once back");
}

#[test]
fn a_host_that_is_shut_down_under_load_costs_no_acknowledged_payment() {
    dies_and_comes_back("host shut down", FaultProxy::shut_down);
}

#[test]
fn a_cable_that_is_cut_under_load_costs_no_acknowledged_payment() {
    dies_and_comes_back("cable cut", FaultProxy::unplug);
}

/// A line that comes and goes is left alone until it stays: one switch away from it, one back.
#[test]
fn a_flapping_line_is_not_switched_back_to_before_it_stays() {
    let seed = Seed::of_test("flapping");
    let rig = hasty_rig(seed, 4_000);
    let run = rig.load(seed.number(), RATE);
    rig.await_legs(ACTIVE, ENOUGH);
    let line = &rig.lines[ACTIVE];
    for _ in 0..10 {
        line.shut_down();
        rig.await_finals(&run, 10);
        line.repair();
        rig.await_finals(&run, 10);
    }
    rig.await_takeovers(&["main -> spare", "spare -> main"]);
    rig.await_legs(ACTIVE, ENOUGH);
    let outcome = rig.finish(run);
    assert!(outcome.verdict.ok && outcome.verdict.unknown == 0 && outcome.presumed == 0, "{outcome:#?}");
    assert_eq!(rig.takeovers(), ["main -> spare", "spare -> main"]);
}

/// Neither line works: everybody is told at once, nobody's resources are held, and the first line that comes back is used.
#[test]
fn with_both_lines_dead_payments_are_declined_at_once_and_the_others_go_on() {
    let seed = Seed::of_test("both dead");
    let rig = hasty_rig(seed, 1_000);
    let institution = rig.site.institution(1);
    let (dead, alive) = (rig.bank, (0..3).find(|place| *place != rig.bank && *place != institution.reserve_bank()));
    assert_ne!(institution.reserve_bank(), dead, "its own money is elsewhere");
    let alive = alive.unwrap_or_else(|| institution.reserve_bank());
    rig.lines.iter().for_each(FaultProxy::shut_down);
    wait::until("a decline", || {
        let receipt = institution.send(&institution.payment(dead, 100));
        (receipt.code() == "PS500030").then_some(())
    });
    for _ in 0..20 {
        let letter = institution.payment(dead, 100);
        assert_eq!(institution.send(&letter).code(), "PS500030");
        let other = institution.payment(alive, 100);
        assert_eq!(institution.send(&other).code(), "00000000");
    }
    rig.lines[STANDBY].strike(Cut::Reset);
    rig.lines[STANDBY].repair();
    wait::until("payments over the first line that came back", || {
        (institution.send(&institution.payment(dead, 100)).code() == "00000000").then_some(())
    });
    assert!(rig.watch.legs_on(STANDBY) >= 1);
}
