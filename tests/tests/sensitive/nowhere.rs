//! A node works with planted card numbers, names and papers, is killed, restarted and asked for everything it can tell;
//! then all of it is searched.

use std::process::Command;

use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_crypto::envelope::{CipherMode, EnvelopeAlgorithm};
use clearway_loadgen::bank::Fault;
use clearway_loadgen::{Behaviour, Behaviours};
use clearway_tests::admin;
use clearway_tests::answer::Answer;
use clearway_tests::letter::Letter;
use clearway_tests::planted::{Finding, Planted, files_below};
use clearway_tests::process::NodeProcess;
use clearway_tests::seed::{Draws, Seed};
use clearway_tests::site::Site;

use crate::NODE;
use crate::customer::{Customer, keys};

/// What the operator can look at.
const PAGES: [&str; 9] =
    ["/metrics", "/status", "/healthz", "/readyz", "/participants", "/limits", "/operations", "/cases", "/agreements"];

fn site(algorithm: EnvelopeAlgorithm, mode: CipherMode) -> Site {
    Site::with(NODE, &Behaviours::healthy(), |options| {
        options.envelope = Some(algorithm);
        options.cipher_mode = mode;
    })
}

/// Every business with sensitive values, well done and badly, twice over.
fn work(site: &Site, customer: &Customer) -> Vec<Letter> {
    let institution = site.institution(0);
    let own = keys(&institution);
    let check = customer.check(&institution);
    let sign = customer.sign(&institution, &check);
    let (payout, payment) = (customer.payout(&institution), customer.certified_payment(&institution));
    for (letter, receipt, echoed, value) in [
        (&check, MessageType::Epcc102, Field::SgnAcctId, &customer.card),
        (&sign, MessageType::Epcc102, Field::SgnAcctNm, &customer.name),
        (&payout, MessageType::Epcc213, Field::PyeeBkNo, &customer.card),
        (&payment, MessageType::Epcc218, Field::PyerBkNo, &customer.card),
    ] {
        let answer = institution.send(letter);
        assert_eq!((answer.message_type(), answer.status()), (receipt, Some(TrxStatus::Success)), "{answer}");
        // What the bank had opened came back, sealed for the institution.
        assert_eq!(answer.open(own).get(echoed), Some(value.as_str()), "{answer}");
        // A repetition is answered with the bytes that were kept.
        assert_eq!(institution.send(letter).bytes, answer.bytes);
    }
    let spoilt = customer.payout(&institution).with(Field::DgtlEnvlp, "c3BvaWx0");
    assert_eq!(institution.send(&spoilt).code(), "ES000028");
    vec![check, sign, payout, payment]
}

/// Everything that the node tells when asked.
fn told(site: &Site, node: &NodeProcess, letters: &[Letter]) -> Vec<(String, Vec<u8>)> {
    let page = |path: &&str| {
        let page = admin::get(node.ready.admin, path);
        assert!([200, 404].contains(&page.status), "{path}: {}", page.status);
        ((*path).to_owned(), page.body)
    };
    let mut told: Vec<_> = PAGES.iter().map(page).collect();
    let (config, journal) = (site.config().display().to_string(), site.journal().display().to_string());
    let mut run = |arguments: &[&str]| {
        let output = site.run(arguments);
        told.push((arguments.join(" "), [output.stdout, output.stderr].concat()));
    };
    for letter in letters {
        let id = letter.value(Field::TrxId).expect("an id");
        for form in [[].as_slice(), &["--json"], &["--evidence"], &["--json", "--evidence"]] {
            run(&[["trace", id, "--config", &config].as_slice(), form].concat());
        }
    }
    run(&["journal", "inspect", &journal]);
    run(&["journal", "inspect", &journal, "--json"]);
    run(&["journal", "verify", &journal, "--config", &config]);
    run(&["check", "--config", &config]);
    told
}

fn search(site: &Site, planted: &Planted, told: &[(String, Vec<u8>)]) -> Vec<Finding> {
    let in_answers = told.iter().flat_map(|(place, bytes)| planted.search(place, bytes));
    planted.search_files(site.dir()).into_iter().chain(in_answers).collect()
}

/// Starts the node with all that it can log.
fn start_talkative(site: &Site) -> NodeProcess {
    let mut command = Command::new(NODE);
    command.args(["serve", "--log", "trace", "--config"]).arg(site.config());
    NodeProcess::start_command(&mut command, site.next_log()).unwrap_or_else(|ended| panic!("{ended}"))
}

fn all_work_and_nothing_found(algorithm: EnvelopeAlgorithm, mode: CipherMode, draws: &mut Draws) {
    let site = site(algorithm, mode);
    let mut planted = Planted::default();
    let customers = [(); 2].map(|()| Customer::plant(&mut planted, draws));
    let node = start_talkative(&site);
    let mut letters = work(&site, &customers[0]);
    node.kill();
    let node = start_talkative(&site);
    letters.extend(work(&site, &customers[1]));
    let told = told(&site, &node, &letters);
    assert_eq!(node.terminate().code, Some(0));

    // The search looks at the right things: the ids are there.
    let mut ids = Planted::default();
    letters.iter().for_each(|letter| drop(ids.plant(letter.value(Field::TrxId).expect("an id").to_owned())));
    let found = search(&site, &ids, &told);
    let in_journal = site.journal().display().to_string();
    assert!(
        found.iter().any(|finding| finding.place.starts_with(&in_journal)),
        "no id in {:?}",
        files_below(&site.journal())
    );
    assert!(found.iter().any(|finding| finding.place.starts_with("trace")), "no id in a trace");
    assert_eq!(search(&site, &planted, &told), [], "{algorithm} {mode:?}");
}

#[test]
fn planted_values_are_nowhere_in_what_a_node_writes() {
    let mut draws = Seed::of_test("planted values").draws();
    for (algorithm, mode) in [
        (EnvelopeAlgorithm::RsaAes256, CipherMode::Cbc),
        (EnvelopeAlgorithm::Sm2Sm4, CipherMode::Cbc),
        (EnvelopeAlgorithm::Sm2Sm4, CipherMode::Ecb),
    ] {
        all_work_and_nothing_found(algorithm, mode, &mut draws);
    }
}

/// Every way in which a bank can answer badly; the trouble is logged, recorded and queried, without the values.
#[test]
fn planted_values_are_nowhere_when_banks_answer_badly() {
    let mut draws = Seed::of_test("planted values and bad banks").draws();
    let site = Site::with(NODE, &Behaviours::healthy(), |options| {
        options.timing.leg1_deadline_ms = 200;
        options.timing.leg2_deadline_ms = 200;
        options.timing.query_schedule_ms = vec![50, 150];
    });
    let node = start_talkative(&site);
    let (institution, bank) = (site.institution(0), site.parties().banks[0].identity.id);
    let (mut planted, mut letters) = (Planted::default(), Vec::new());
    let refusing = Behaviour { refuses: 1.0, ..Behaviour::default() };
    let failing = Fault::ALL.map(|fault| Behaviour { late_ms: 300.0, ..Behaviour::default() }.with_fault(fault, 1.0));
    for behaviour in [vec![refusing], failing.to_vec()].concat() {
        assert!(site.counterparties().set_behaviour(bank, behaviour).expect("a behaviour"));
        let customer = Customer::plant(&mut planted, &mut draws);
        for letter in
            [customer.check(&institution), customer.payout(&institution), customer.certified_payment(&institution)]
        {
            // Whatever it is told.
            let _ = institution.send(&letter);
            letters.push(letter);
        }
    }
    for letter in letters.iter().filter(|letter| letter.header.message_type != MessageType::Epcc101) {
        let _ = institution.await_final(letter);
    }
    let told = told(&site, &node, &letters);
    assert_eq!(node.terminate().code, Some(0));
    assert_eq!(search(&site, &planted, &told), []);
}

/// The names of the fields and the state are what a trace is for.
#[test]
fn a_trace_says_that_a_value_is_encrypted() {
    let site = site(EnvelopeAlgorithm::Sm2Sm4, CipherMode::Cbc);
    let node = site.start();
    let (mut planted, mut draws) = (Planted::default(), Seed::of_test("a trace").draws());
    let institution = site.institution(0);
    let payout = Customer::plant(&mut planted, &mut draws).payout(&institution);
    let answer: Answer = institution.send(&payout);
    assert_eq!(answer.status(), Some(TrxStatus::Success), "{answer}");
    assert_eq!(node.terminate().code, Some(0));
    let id = payout.value(Field::TrxId).expect("an id");
    let trace = site.run(&["trace", id, "--config", &site.config().display().to_string()]);
    let text = String::from_utf8(trace.stdout).expect("text");
    assert!(text.contains("PyeeBkNo (encrypted)") && text.contains("PyerAcctNm (encrypted)"), "{text}");
    let reserve = payout.value(Field::PyerBkNo).expect("the reserve account");
    assert!(!text.contains(reserve) && text.contains("good: "), "{text}");
}
