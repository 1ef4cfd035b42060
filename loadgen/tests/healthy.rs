//! Everything works: each suite, all kinds of request, books that agree.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::bank::Behaviours;
use clearway_loadgen::{Counterparties, Oracle, Plan, Profile, Run, Settlement, Target, settle};
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config};
use std::collections::BTreeMap;
use std::time::Duration;

#[test]
fn every_suite_runs_clean() {
    let mut sent = BTreeMap::<String, u64>::new();
    for suite in Suite::ALL {
        let (config, key) = config(3, 4, suite);
        let parties = Counterparties::start(&config, &Behaviours::healthy()).unwrap();
        let switch =
            MiniSwitch::start(&config, &key, &Addresses::of(&parties), Manners::default(), Memory::default(), None);
        let target = Target::new(switch.address, "/preSvr");
        let plan = Plan {
            profile: Profile::constant(100.0),
            duration: Duration::from_secs(1),
            prepare_ahead: Duration::from_millis(10),
            mix: "payments=60,refunds=20,queries=20,duplicates=10,skew=50".parse().unwrap(),
            ..Plan::default()
        };
        let mut finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
        let report = &finished.report;
        assert_eq!((report.scheduled, report.sent, report.dropped), (100, 100, 0), "{suite}: {report}");
        assert_eq!((report.refused, report.unknown), (0, 0), "{suite}: {report}");
        assert_eq!(report.internal_us.p50, 42, "the node's own figure is read from its header");
        settle(&Settlement::default(), &config, &target, &mut finished.tracker).unwrap();
        let verdict = Oracle::judge(&parties.ledgers(), &finished.tracker);
        assert!(verdict.ok, "{suite}: {verdict}");
        assert!(verdict.debited_fen > 0);
        for (kind, of_kind) in &finished.report.kinds {
            *sent.entry(kind.clone()).or_default() += of_kind.sent;
        }
    }
    assert!(["payment", "refund", "query", "duplicate"].iter().all(|kind| sent[*kind] > 0), "{sent:?}");
}

/// Who wants to know what others feel leaves out the payments of some banks.
#[test]
fn payments_of_banks_apart_are_counted_and_not_timed() {
    let (config, key) = config(2, 3, Suite::Ed25519);
    let parties = Counterparties::start(&config, &Behaviours::healthy()).unwrap();
    let switch =
        MiniSwitch::start(&config, &key, &Addresses::of(&parties), Manners::default(), Memory::default(), None);
    let target = Target::new(switch.address, "/preSvr");
    let plan = Plan {
        duration: Duration::from_secs(1),
        mix: clearway_loadgen::Mix::payments_only(),
        apart: vec![2],
        ..Plan::default()
    };
    let finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
    let orders = finished.tracker.iter().map(|(_, fate)| fate.order);
    let others = orders.filter(|order| ![order.debit_bank, order.credit_bank].contains(&2)).count() as u64;
    let report = &finished.report;
    assert!((1..100).contains(&others), "{others}");
    assert_eq!((report.finals, report.response_us.count, report.internal_us.count), (100, others, others), "{report}");
}

/// Refusals are no payments: they move nothing, count as refused, and leave nothing open.
#[test]
fn refusals_are_told_apart_from_payments() {
    let (config, key) = config(2, 3, Suite::EcdsaP256Sha256);
    let parties = Counterparties::start(&config, &Behaviours::healthy()).unwrap();
    let manners = Manners { refuses_every: 3, ..Manners::default() };
    let switch = MiniSwitch::start(&config, &key, &Addresses::of(&parties), manners, Memory::default(), None);
    let target = Target::new(switch.address, "/preSvr");
    let plan = Plan {
        profile: Profile::constant(300.0),
        duration: Duration::from_secs(1),
        mix: clearway_loadgen::Mix::payments_only(),
        ..Plan::default()
    };
    let finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
    assert_eq!((finished.report.refused, finished.report.finals), (100, 200), "{}", finished.report);
    assert_eq!(finished.report.response_us.count, 200, "refusals are no latencies of payments");
    assert!(finished.report.affected >= 100, "who was refused was affected: {}", finished.report.affected);
    assert_eq!(finished.report.kinds["payment"].outcomes["PS500001"], 100);
    let verdict = Oracle::judge(&parties.ledgers(), &finished.tracker);
    assert!(verdict.ok, "{verdict}");
    assert_eq!((verdict.refused, verdict.accepted), (100, 200));
}

/// The same seed gives the same kinds and amounts, whatever the answers did.
#[test]
fn a_seed_repeats_its_requests() {
    let (config, key) = config(2, 3, Suite::Ed25519);
    let run = |seed: u64| {
        let parties = Counterparties::start(&config, &Behaviours::healthy()).unwrap();
        let switch =
            MiniSwitch::start(&config, &key, &Addresses::of(&parties), Manners::default(), Memory::default(), None);
        let target = Target::new(switch.address, "/preSvr");
        let plan = Plan {
            seed,
            mix: clearway_loadgen::Mix::payments_only(),
            duration: Duration::from_millis(300),
            run_number: Some(7),
            ..Plan::default()
        };
        let finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
        let mut orders: Vec<_> = finished
            .tracker
            .iter()
            .map(|(id, fate)| (id.as_u128() % 10_u128.pow(23), fate.order.fen, fate.order.debit_bank))
            .collect();
        orders.sort_unstable();
        orders
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}
