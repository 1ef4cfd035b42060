//! Load over banks that do everything wrong now and then: the oracle judges against the banks' own ledgers.

use std::time::Duration;

use clearway_loadgen::bank::{Delay, Fault};
use clearway_loadgen::{Behaviour, Behaviours, Mix, Oracle, Plan, Profile, Run, Settlement, settle};
use clearway_tests::seed::Seed;
use clearway_tests::site::Site;

use crate::NODE;

fn flaky(faults: &[Fault]) -> Behaviour {
    let healthy =
        Behaviour { delay: Delay::Exponential { mean_ms: 8.0 }, refuses: 0.02, late_ms: 700.0, ..Behaviour::default() };
    let faulty = faults.iter().fold(healthy, |behaviour, fault| behaviour.with_fault(*fault, 0.01));
    let to_queries = [Fault::NonOk, Fault::Garbage, Fault::BadSignature, Fault::WrongTransaction];
    to_queries.into_iter().fold(faulty, |behaviour, fault| behaviour.with_query_fault(fault, 0.05))
}

/// A bank loses movements or answers late, not both: one that loses a movement while its own signed "done" is on the way
/// contradicts itself, and no switch can make that good.
fn behaviours(site: &Site) -> [Behaviour; 3] {
    let prompt: Vec<Fault> = Fault::ALL.into_iter().filter(|fault| *fault != Fault::Late).collect();
    let losing = Behaviour { loses: 0.05, ..flaky(&prompt) };
    assert_eq!(site.parties().banks.len(), 3);
    [losing.clone(), losing, flaky(&Fault::ALL)]
}

#[test]
fn nothing_is_lost_or_paid_twice_whatever_the_banks_do() {
    let seed = Seed::of_test("bad banks").number();
    let site = Site::with(NODE, &Behaviours { seed, ..Behaviours::default() }, |options| {
        options.timing.leg1_deadline_ms = 400;
        options.timing.leg2_deadline_ms = 400;
    });
    for (bank, behaviour) in site.parties().banks.iter().zip(behaviours(&site)) {
        site.counterparties().set_behaviour(bank.identity.id, behaviour).expect("a behaviour");
    }
    let _node = site.start();
    let mix =
        Mix { payments: 75.0, refunds: 15.0, queries: 10.0, duplicates: 5.0, excess_refunds: 10.0, ..Mix::default() };
    let plan =
        Plan { profile: Profile::constant(150.0), duration: Duration::from_secs(5), mix, seed, ..Plan::default() };
    let run = Run::start(&plan, site.parties(), &site.target()).expect("a run");
    let mut finished = run.wait().expect("the run ends");
    let settled =
        settle(&Settlement::default(), site.parties(), &site.target(), &mut finished.tracker).expect("a settlement");
    let verdict =
        Oracle::await_agreement(|| Ok(site.books()), &finished.tracker, Duration::from_secs(20)).expect("books");
    println!("{}\n{settled:?}\n{verdict:#?}", finished.report);
    for example in &verdict.examples {
        let config = site.config().display().to_string();
        let trace = site.run(&["trace", &example.trx_id, "--config", &config]);
        println!("{example:?}\n{}", String::from_utf8_lossy(&trace.stdout));
    }
    assert!(verdict.ok && verdict.unknown == 0, "{verdict:#?}");
    assert!(verdict.accepted > 400, "too few to mean anything: {}", verdict.accepted);
    let faults: u64 = site.counterparties().bank_counts().iter().map(|(_, counts)| counts.faults).sum();
    assert!(faults > 20, "the banks behaved too well: {faults}");
}
