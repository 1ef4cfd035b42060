//! Banks that answer badly in every way: the switch finds the truth by query, presumption and notice, and the books
//! agree in the end.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::bank::{Behaviour, Behaviours, Delay, Fault};
use clearway_loadgen::{
    Counterparties, Finished, Mix, Oracle, Plan, Profile, Run, Settlement, Target, Verdict, settle,
};
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config};
use std::time::Duration;

const SEED: u64 = 20_261_120;

/// A load over banks of one behaviour, settled and judged.
fn run_with(behaviour: Behaviour) -> (Finished, Verdict, u64) {
    println!("seed {SEED}");
    let (config, key) = config(2, 4, Suite::EcdsaP256Sha256);
    let parties = Counterparties::start(&config, &Behaviours::all(SEED, behaviour)).unwrap();
    let switch =
        MiniSwitch::start(&config, &key, &Addresses::of(&parties), Manners::default(), Memory::default(), None);
    let target = Target::new(switch.address, "/preSvr");
    let plan = Plan {
        profile: Profile::constant(200.0),
        duration: Duration::from_millis(500),
        mix: Mix::payments_only(),
        seed: SEED,
        ..Plan::default()
    };
    let mut finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
    settle(&Settlement::default(), &config, &target, &mut finished.tracker).unwrap();
    let verdict =
        Oracle::await_agreement(|| Ok(parties.ledgers()), &finished.tracker, Duration::from_secs(20)).unwrap();
    let faults = parties.bank_counts().iter().map(|(_, counts)| counts.faults).sum();
    (finished, verdict, faults)
}

#[test]
fn every_fault_leaves_the_books_in_order() {
    for fault in Fault::ALL {
        let behaviour = Behaviour { late_ms: 600.0, ..Behaviour::default() }.with_fault(fault, 0.3);
        let (finished, verdict, faults) = run_with(behaviour);
        assert!(verdict.ok, "{fault:?}: {verdict}\n{}", finished.report);
        assert!(faults > 0, "{fault:?} was never shown");
        assert_eq!((verdict.accepted, verdict.finals), (100, 100), "{fault:?}");
    }
}

#[test]
fn everything_at_once_with_faulty_queries_lost_movements_and_refusals() {
    let mut behaviour = Behaviour {
        refuses: 0.1,
        loses: 0.2,
        late_ms: 500.0,
        delay: Delay::Exponential { mean_ms: 5.0 },
        ..Behaviour::default()
    };
    for fault in Fault::ALL {
        behaviour = behaviour.with_fault(fault, 0.07);
        if fault != Fault::NeverAnswers {
            behaviour = behaviour.with_query_fault(fault, 0.08);
        }
    }
    let (finished, verdict, faults) = run_with(behaviour);
    assert!(verdict.ok, "{verdict}\n{}", finished.report);
    let outcomes = &finished.report.kinds["payment"].outcomes;
    assert!(faults > 20 && outcomes.contains_key("00") && outcomes.contains_key("01"), "{faults} faults, {outcomes:?}");
}

/// A bank that debits and then never says so, whose queries are never answered either: presumed failure, and the notice
/// undoes the debit.
#[test]
fn a_silent_payer_bank_ends_in_presumed_failure_and_its_debit_is_undone() {
    let (config, key) = config(1, 2, Suite::EcdsaP256Sha256);
    // The institution's reserve is at bank 0: only payments debited at bank 1 meet the silence.
    let silent = Behaviour { executes_when_failing: 1.0, ..Behaviour::default() }
        .with_fault(Fault::NeverAnswers, 1.0)
        .with_query_fault(Fault::NonOk, 1.0);
    let mut behaviours = Behaviours { seed: SEED, ..Behaviours::healthy() };
    behaviours.bank.insert(config.banks[1].identity.id.to_string(), silent);
    let parties = Counterparties::start(&config, &behaviours).unwrap();
    let manners = Manners { queries_max: 3, ..Manners::default() };
    let switch = MiniSwitch::start(&config, &key, &Addresses::of(&parties), manners, Memory::default(), None);
    let target = Target::new(switch.address, "/preSvr");
    let plan = Plan {
        profile: Profile::constant(100.0),
        duration: Duration::from_millis(400),
        mix: Mix::payments_only(),
        ..Plan::default()
    };
    let finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
    let outcomes = &finished.report.kinds["payment"].outcomes;
    assert!(outcomes["04"] > 0 && outcomes["00"] > 0, "{outcomes:?}");
    let verdict =
        Oracle::await_agreement(|| Ok(parties.ledgers()), &finished.tracker, Duration::from_secs(20)).unwrap();
    assert!(verdict.ok, "{verdict}");
    let notices = parties.ledgers().notices;
    let told_again = outcomes.iter().filter(|(outcome, _)| *outcome != "00").map(|(_, count)| *count).sum::<u64>();
    assert_eq!(notices.len() as u64, told_again, "this switch notifies of every end but success: {outcomes:?}");
}
