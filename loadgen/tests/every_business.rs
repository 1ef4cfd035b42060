//! Every business at once, over banks and institutions that behave well and then badly: the books and the registers
//! agree in the end, and a switch that forgets what it registered is found.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::bank::{Behaviour, Behaviours, Customer, Fault, NewsFault};
use clearway_loadgen::business::Business;
use clearway_loadgen::institution::InstitutionBehaviour;
use clearway_loadgen::oracle::Violation;
use clearway_loadgen::{Counterparties, Finished, Mix, Oracle, Plan, Run, Settlement, Target, Verdict, settle};
use mini_switch::{Addresses, Defect, Manners, Memory, MiniSwitch, config};
use std::time::Duration;

const SEED: u64 = 20_261_120;

fn run_with(behaviours: &Behaviours, mix: Mix, defect: Option<Defect>) -> (Finished, Verdict) {
    println!("seed {SEED}");
    let (config, key) = config(2, 3, Suite::EcdsaP256Sha256);
    let parties = Counterparties::start(&config, behaviours).unwrap();
    // A time-out is a fault of its own: healthy banks get all the time that a busy machine takes.
    let usual = Manners::default();
    let is_healthy = *behaviours == Behaviours::healthy();
    let bank_timeout = if is_healthy { Duration::from_secs(5) } else { usual.bank_timeout };
    let manners = Manners { defect, bank_timeout, ..usual };
    let switch = MiniSwitch::start(&config, &key, &Addresses::of(&parties), manners, Memory::default(), None);
    parties.target().set(switch.address);
    let target = Target::new(switch.address, "/preSvr");
    let plan = Plan {
        rate_per_s: 400.0,
        duration: Duration::from_millis(1_500),
        prepare_ahead: Duration::from_millis(20),
        mix,
        seed: SEED,
        ..Plan::default()
    };
    let mut finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
    settle(&Settlement::default(), &config, &target, &mut finished.tracker).unwrap();
    let patience = if defect.is_some() { Duration::ZERO } else { Duration::from_secs(20) };
    let verdict = Oracle::await_agreement(|| Ok(parties.ledgers()), &finished.tracker, patience).unwrap();
    (finished, verdict)
}

#[test]
fn every_business_runs_clean() {
    let (finished, verdict) = run_with(&Behaviours::healthy(), Mix::all(), None);
    assert!(verdict.ok, "{verdict}\n{}", finished.report);
    assert_eq!((finished.report.unknown, finished.report.refused), (0, 0), "{}", finished.report);
    for business in Business::ALL {
        // Identity checks are steps of a signing, and what banks start is not the institutions' to count.
        let counted = business.row().is_of_institution() && business != Business::IdentityCheck;
        let ended = verdict.businesses.get(&business).copied().unwrap_or_default();
        assert_eq!(ended.success > 0, counted, "{business:?}: {ended:?}\n{}", finished.report);
        assert_eq!((ended.presumed_success, ended.presumed_failure, ended.other), (0, 0, 0), "{business:?}: {ended:?}");
    }
    let refunds = verdict.businesses[&Business::Refund];
    assert!(refunds.failure > 0, "refunds of too much are refused: {refunds:?}");
    for kind in ["order-query", "detail", "close", "control-numbers", "duplicate"] {
        let of_kind = &finished.report.kinds[kind];
        assert!(of_kind.sent > 0, "{kind} was never sent");
        let unusable = of_kind.outcomes.keys().find(|outcome| !is_word(outcome));
        assert_eq!(unusable, None, "{kind}: {:?}", of_kind.outcomes);
    }
}

/// A state, a code, or one of the outcomes of a close.
fn is_word(outcome: &str) -> bool {
    outcome.len() == 2 || outcome.len() == 8 || ["closed", "paid", "unknown_order", "answered"].contains(&outcome)
}

#[test]
fn every_business_with_every_fault_leaves_books_and_registers_in_order() {
    let mut customer = Customer { refuses: 0.1, abandons: 0.1, late_ms: 400.0, ..Customer::default() };
    for fault in NewsFault::ALL {
        customer = customer.with_fault(fault, 0.1);
    }
    let mut behaviour = Behaviour {
        refuses: 0.05,
        late_ms: 500.0,
        customer,
        ends_per_s: 4.0,
        mandate_ends_per_s: 2.0,
        ..Behaviour::default()
    };
    for fault in Fault::ALL {
        behaviour = behaviour.with_fault(fault, 0.02);
        if fault != Fault::NeverAnswers {
            behaviour = behaviour.with_query_fault(fault, 0.04);
        }
    }
    let institutions = InstitutionBehaviour { deaf_times: 2, refuses: 0.3, silent: 0.3 };
    let behaviours = Behaviours { institutions, ..Behaviours::all(SEED, behaviour) };
    let (finished, verdict) = run_with(&behaviours, "all,duplicates=10,cancels=4".parse().unwrap(), None);
    assert!(verdict.ok, "{verdict}\n{}", finished.report);
    let outcomes = &finished.report.kinds["gateway"].outcomes;
    assert!(outcomes.contains_key("01") && outcomes.contains_key("02"), "{outcomes:?}");
}

#[test]
fn a_switch_that_forgets_its_register_is_found() {
    let mix: Mix = "payments=5,signs=40,ends=10,mandates=10,entrusted=30,refunds=0,queries=5".parse().unwrap();
    let table =
        [(Defect::ForgetsItsRegister, Violation::MandateExceeded), (Defect::KeepsEntries, Violation::EntryKept)];
    for (defect, violation) in table {
        let (finished, verdict) = run_with(&Behaviours::healthy(), mix.clone(), Some(defect));
        assert!(verdict.violations.contains_key(&violation), "{defect:?}: {verdict}\n{}", finished.report);
    }
}
