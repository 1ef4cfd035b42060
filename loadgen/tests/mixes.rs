//! What a mix asks for comes out: altered requests are refused and nothing happens, suites and sizes are as asked, groups
//! of banks behave as their file says.

mod mini_switch;

use clearway_crypto::{SigningKey, Suite};
use clearway_loadgen::bank::Behaviours;
use clearway_loadgen::mix::MixFile;
use clearway_loadgen::oracle::Violation;
use clearway_loadgen::{
    Config, Counterparties, Mix, Oracle, Plan, Profile, Report, Run, Settlement, Target, Verdict, settle,
};
use mini_switch::{Addresses, Manners, Memory, MiniSwitch, config};
use std::sync::Arc;
use std::time::Duration;

/// How long the books may take to agree.
const PATIENCE: Duration = Duration::from_secs(20);

fn carry_out(
    config: &Config,
    key: &SigningKey,
    manners: Manners,
    mix: Mix,
    banks: &Behaviours,
    patience: Duration,
) -> (Report, Verdict) {
    let parties = Counterparties::start(config, banks).unwrap();
    let switch = MiniSwitch::start(config, key, &Addresses::of(&parties), manners, Memory::default(), None);
    let target = Target::new(switch.address, "/preSvr");
    let plan = Plan { profile: Profile::constant(150.0), duration: Duration::from_secs(1), mix, ..Plan::default() };
    let mut finished = Run::start(&plan, config, &target).unwrap().wait().unwrap();
    settle(&Settlement::default(), config, &target, &mut finished.tracker).unwrap();
    let source = || Ok(parties.ledgers());
    let verdict = Oracle::await_agreement(source, &finished.tracker, patience).unwrap();
    (finished.report, verdict)
}

/// Altered requests, and their repetitions, come back with the code for it; they are no errors, and money is conserved.
#[test]
fn altered_requests_are_refused_and_nothing_comes_of_them() {
    let (config, key) = config(2, 3, Suite::EcdsaP256Sha256);
    let mix: Mix = "payments=80,refunds=10,queries=10,bad-signatures=20,duplicates=10".parse().unwrap();
    let (report, verdict) = carry_out(&config, &key, Manners::default(), mix, &Behaviours::healthy(), PATIENCE);
    let altered = &report.kinds["bad-signature"];
    assert!(altered.sent > 10, "{report}");
    assert_eq!(altered.outcomes.get("ES000025"), Some(&altered.sent), "{report}");
    assert!(report.refused >= altered.sent && report.refused_unasked == 0, "{report}");
    assert!(verdict.ok && verdict.refused > 10, "{verdict}");
}

/// Story: a switch that believes everybody takes them, and the oracle says so.
#[test]
fn a_switch_that_does_not_verify_is_found_out() {
    let (config, key) = config(2, 3, Suite::EcdsaP256Sha256);
    let mix: Mix = "payments=100,refunds=0,queries=0,bad-signatures=10".parse().unwrap();
    let credulous = Manners { verifies: false, ..Manners::default() };
    let (report, verdict) = carry_out(&config, &key, credulous, mix, &Behaviours::healthy(), Duration::ZERO);
    assert!(!verdict.ok && !verdict.is_safe(), "{verdict}");
    assert!(verdict.violations[&Violation::AlteredTaken] > 0, "{verdict}");
    assert!(report.unrefused > 0, "what must be refused and was not is an error: {report}");
}

/// Institutions sign with suites of their own, and the mix says how much each suite sends.
#[test]
fn institutions_of_several_suites_send_by_their_weights() {
    let (mut config, key) = config(3, 3, Suite::EcdsaP256Sha256);
    for (institution, suite) in config.institutions.iter_mut().zip([Suite::Sm2Sm3, Suite::Ed25519]) {
        institution.identity.key = Arc::new(SigningKey::generate(suite).unwrap());
    }
    let file = "format = 1\n[mix]\nrefunds = 0\nqueries = 0\n[mix.suites]\nsm2-sm3 = 50\ned25519 = 50\n\
                [mix.text]\nkind = \"uniform\"\nfrom = 0.0\nto = 1.0\n";
    let mix = MixFile::parse(file).unwrap().mix;
    let parties = Counterparties::start(&config, &Behaviours::healthy()).unwrap();
    let memory = Memory::default();
    let switch = MiniSwitch::start(&config, &key, &Addresses::of(&parties), Manners::default(), memory, None);
    let target = Target::new(switch.address, "/preSvr");
    let plan = Plan { profile: Profile::constant(150.0), duration: Duration::from_secs(1), mix, ..Plan::default() };
    let finished = Run::start(&plan, &config, &target).unwrap().wait().unwrap();
    let mut by_place = [0; 3];
    finished.tracker.iter().for_each(|(_, fate)| by_place[usize::from(fate.order.institution)] += 1);
    assert!(by_place[0] > 40 && by_place[1] > 40 && by_place[2] == 0, "{by_place:?}");
    assert_eq!(finished.report.refused + finished.report.unknown, 0, "{}", finished.report);
    assert!(Oracle::judge(&parties.ledgers(), &finished.tracker).ok);
}

/// Slow and silent banks by their shares: nothing is lost, and who is not concerned is fast.
#[test]
fn groups_of_banks_behave_as_the_file_says() {
    let (config, key) = config(1, 4, Suite::EcdsaP256Sha256);
    let file = r#"
        format = 1
        mix = { refunds = 0, queries = 0 }
        [[banks.group]]
        name = "slow"
        share = 25
        behaviour = { delay = { kind = "fixed", ms = 150 } }
        [[banks.group]]
        name = "silent"
        share = 25
        behaviour = { faults = { never_answers = 0.5 }, executes_when_failing = 0.5 }
    "#;
    let file = MixFile::parse(file).unwrap();
    let behaviours = file.behaviours(&config).unwrap();
    assert_eq!(behaviours.bank.len(), 2);
    let (report, verdict) = carry_out(&config, &key, Manners::default(), file.mix.clone(), &behaviours, PATIENCE);
    assert!(verdict.ok, "{verdict}\n{report}");
    let slow = report.response_us.p90;
    assert!(slow >= 150_000, "a quarter of the payers' banks take 150 ms: p90 {slow} us");
}
