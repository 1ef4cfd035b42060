//! Every business at once, over banks and institutions that behave well and then badly: the books and the registers
//! agree in the end, and a switch that forgets what it registered is found.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::bank::{Behaviour, Behaviours, Customer, Fault, NewsFault};
use clearway_loadgen::business::Business;
use clearway_loadgen::institution::InstitutionBehaviour;
use clearway_loadgen::oracle::Violation;
use clearway_loadgen::{
    Counterparties, Finished, Mix, Oracle, Plan, Profile, Run, Settlement, Target, Verdict, settle,
};
use mini_switch::{Addresses, Defect, Manners, Memory, MiniSwitch, config};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const SEED: u64 = 20_261_120;

fn run_with(behaviours: &Behaviours, mix: Mix, defect: Option<Defect>) -> (Finished, Verdict) {
    // One at a time: each has threads of its own, and time-outs.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
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
        profile: Profile::constant(250.0),
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

/// Businesses that institutions start and that leave something behind. Identity checks are steps of a signing.
fn counted() -> impl Iterator<Item = Business> {
    let is_counted = |business: &Business| business.row().is_of_institution() && *business != Business::IdentityCheck;
    Business::ALL.into_iter().filter(is_counted)
}

#[test]
fn every_business_runs_clean() {
    // What needs an earlier answer comes only when that was in time: on a busy machine once more.
    let mix: Mix = "all,signs=12,ends=8,mandates=8,mandate-ends=4,entrusted=12".parse().unwrap();
    for attempt in 1.. {
        let (finished, verdict) = run_with(&Behaviours::healthy(), mix.clone(), None);
        assert!(verdict.ok, "{verdict}\n{}", finished.report);
        assert_eq!((finished.report.unknown, finished.report.refused), (0, 0), "{}", finished.report);
        let ended = |business| verdict.businesses.get(&business).copied().unwrap_or_default();
        for (business, ended) in &verdict.businesses {
            let odd = ended.presumed_success + ended.presumed_failure + ended.other;
            assert_eq!(odd, 0, "{business:?}: {ended:?}");
        }
        check_answers(&finished);
        if counted().all(|business| ended(business).success > 0) {
            break;
        }
        assert!(attempt < 5, "{:?}\n{}", verdict.businesses, finished.report);
    }
}

/// Every request got the answer that belongs to it.
fn check_answers(finished: &Finished) {
    for (kind, of_kind) in &finished.report.kinds {
        let unusable = of_kind.outcomes.keys().find(|outcome| !is_word(outcome));
        assert_eq!(unusable, None, "{kind}: {:?}", of_kind.outcomes);
    }
}

/// A state, a code, or one of the outcomes of a close.
fn is_word(outcome: &str) -> bool {
    outcome.len() == 2
        || outcome.len() == 8
        || ["closed", "paid", "failed", "unknown_order", "answered"].contains(&outcome)
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
