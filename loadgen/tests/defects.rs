//! An oracle that cannot fail is a defect: each fault built into a switch is found from outside, through the wire and
//! the ledgers.

mod mini_switch;

use clearway_crypto::Suite;
use clearway_loadgen::bank::{Behaviour, Behaviours};
use clearway_loadgen::oracle::Violation;
use clearway_loadgen::{Counterparties, Oracle, Plan, Profile, Run, Settlement, Target, Verdict, settle};
use mini_switch::{Addresses, Defect, Manners, Memory, MiniSwitch, config};
use std::time::Duration;

fn judge(defect: Defect) -> Verdict {
    let (config, key) = config(2, 3, Suite::EcdsaP256Sha256);
    let behaviour = Behaviour { refuses: 0.2, ..Behaviour::default() };
    let parties = Counterparties::start(&config, &Behaviours::all(3, behaviour)).unwrap();
    let manners = Manners { defect: Some(defect), ..Manners::default() };
    let switch = MiniSwitch::start(&config, &key, &Addresses::of(&parties), manners, Memory::default(), None);
    let target = Target::new(switch.address, "/preSvr");
    let plan = Plan {
        profile: Profile::constant(150.0),
        duration: Duration::from_secs(1),
        prepare_ahead: Duration::from_millis(10),
        mix: "payments=60,refunds=0,queries=40,duplicates=20".parse().unwrap(),
        ..Plan::default()
    };
    let mut finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
    settle(&Settlement::default(), &config, &target, &mut finished.tracker).unwrap();
    Oracle::judge(&parties.ledgers(), &finished.tracker)
}

#[test]
fn each_defect_of_a_switch_is_found() {
    let table = [
        (Defect::DebitsTwice, Violation::DebitedTwice),
        (Defect::SkipsCredit, Violation::CreditMissing),
        (Defect::KeepsDebits, Violation::DebitKept),
        (Defect::RemakesReceipts, Violation::ReceiptChanged),
        (Defect::ChangesItsMind, Violation::Contradiction),
    ];
    for (defect, violation) in table {
        let verdict = judge(defect);
        assert!(!verdict.ok, "{defect:?} was not found: {verdict}");
        assert!(verdict.violations.contains_key(&violation), "{defect:?}: {verdict}");
    }
}
