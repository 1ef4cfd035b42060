//! More than the node may take: refused at once, nothing lost, and well again without a restart.

use std::time::Duration;

use clearway_loadgen::bank::Delay;
use clearway_loadgen::{Behaviour, Behaviours, Mix, Oracle, Plan, Profile, Run, Settlement, settle};
use clearway_tests::site::Site;
use clearway_tests::{admin, wait};

use crate::NODE;

/// The peers' story: handlers that died under load and stayed dead. Here the banks are so slow that the quota of payments under way is used up
/// many times over; then they are quick again.
#[test]
fn after_an_overload_everything_is_as_before() {
    let slow = Behaviour { delay: Delay::Fixed { ms: 250.0 }, ..Behaviour::default() };
    let site = Site::with(NODE, &Behaviours::all(1, slow), |options| options.limits.in_flight_max = 25);
    let node = site.start();
    // 25 payments under way for half a second each are 50 a second; these are four times as many.
    let plan = Plan {
        profile: Profile::constant(200.0),
        duration: Duration::from_secs(3),
        mix: Mix::payments_only(),
        ..Plan::default()
    };
    let mut finished = Run::start(&plan, site.parties(), &site.target()).and_then(Run::wait).expect("a run");
    let settled =
        settle(&Settlement::default(), site.parties(), &site.target(), &mut finished.tracker).expect("a settlement");
    let verdict =
        Oracle::await_agreement(|| Ok(site.books()), &finished.tracker, Duration::from_secs(20)).expect("books");
    println!("{}\n{settled:?}\n{verdict:#?}", finished.report);
    assert!(verdict.ok, "{verdict:#?}");
    assert!(verdict.refused > 100 && verdict.accepted > 50, "{verdict:#?}");
    assert!(admin::metric(node.ready.admin, "clearway_refused_total", "PS500001") >= 100.0);

    site.counterparties().set_all_behaviours(&Behaviour::default()).expect("a behaviour");
    wait::until("nothing under way", || {
        (admin::metric(node.ready.admin, "clearway_in_flight_payments", "") == 0.0).then_some(())
    });
    for _ in 0..50 {
        let _ = site.institution(0).pay();
    }
}
