//! SIGKILL under every business at once: signings, mandates, payouts, gateway orders, reports of banks, all of it against banks and
//! institutions that are bad in every way they know.
//!
//! Money and registers: nothing acknowledged is lost, nothing moves twice, and both ends of every agreement and mandate say the same.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clearway_codec::TrxId;
use clearway_loadgen::bank::{BankLedger, Behaviour, Behaviours, Contract, Customer, Delay, Fault, Leg, NewsFault};
use clearway_loadgen::{InstitutionBehaviour, Ledgers, Mix, Oracle, Plan, Profile, Settlement, settle};
use clearway_tests::admin;
use clearway_tests::seed::Seed;
use clearway_tests::site::Site;
use serde_json::Value;

use crate::NODE;
use crate::kills::{end_and_verify, load_and_kill};

const KILLS: usize = 8;

#[test]
fn eight_kills_under_every_business_lose_nothing_and_registers_agree() {
    let seed = Seed::of_test("every business");
    let mut draws = seed.draws();
    let workers = 1 + seed.number() as usize % 2;
    let site = Site::with(NODE, &everybody_is_bad(seed.number()), |options| {
        options.workers = workers;
        options.journal.segment_bytes = 4 << 20;
        options.checkpoint.interval_s = 1;
    });
    let plan = Plan {
        profile: Profile::constant(150.0),
        duration: Duration::from_secs(120),
        mix: Mix::all(),
        seed: seed.number(),
        reply_timeout: Duration::from_secs(3),
        ..Plan::default()
    };
    let began = Instant::now();
    let (node, mut finished) = load_and_kill(&site, &plan, KILLS, 150, &mut draws);
    let settlement = Settlement {
        limit: Duration::from_secs(20),
        closes_after: Duration::from_millis(500),
        ..Settlement::default()
    };
    let settled = settle(&settlement, site.parties(), &site.target(), &mut finished.tracker).expect("a settlement");
    let verdict =
        Oracle::await_agreement(|| Ok(site.books()), &finished.tracker, Duration::from_secs(15)).expect("books");
    println!("{KILLS} kills, {workers} workers, {:?}\n{}\n{settled:?}\n{verdict:#?}", began.elapsed(), finished.report);
    verdict.examples.iter().for_each(|example| println!("{}", trace(&site, &example.trx_id)));
    assert!(verdict.ok, "{verdict}");
    assert!(verdict.accepted > 100, "too few to mean anything: {}", verdict.accepted);
    let until = Instant::now() + Duration::from_secs(15);
    while let Some((contract, entry)) = differing(node.ready.admin, &site.books()).pop() {
        let changed_by = entry["changed_by"].as_str().unwrap_or_default();
        assert!(Instant::now() < until, "{contract:?}\n{entry}\n{}", trace(&site, changed_by));
        std::thread::sleep(Duration::from_millis(50));
    }
    end_and_verify(&site, node);
}

/// Agreements and mandates that either the node or the bank takes for live and the other for ended. What the node takes for
/// ending, or ended without the bank's word (its report lists those), may be either at the bank; of what was not signed through it the node
/// need not know.
fn differing(admin: SocketAddr, books: &Ledgers) -> Vec<(Contract, Value)> {
    let contracts = books.banks.iter().flat_map(|bank| bank.ledger.register().values());
    let entry = |contract: &Contract| {
        let shown = admin::get(admin, &format!("/agreements/{}", contract.number));
        let shown: Value = serde_json::from_slice(&shown.body).unwrap_or_default();
        shown[if contract.is_mandate { "mandate" } else { "agreement" }].clone()
    };
    let is_reported = |entry: &Value| entry["unacknowledged"].as_array().is_some_and(|ends| !ends.is_empty());
    let differs = |contract: &Contract, entry: &Value| match entry["standing"].as_str() {
        Some("live") => !contract.is_live(),
        Some("ended") => contract.is_live() && !is_reported(entry),
        Some(_) => false,
        None => contract.opened > 0 && contract.is_live(),
    };
    contracts.map(|contract| (contract.clone(), entry(contract))).filter(|(one, entry)| differs(one, entry)).collect()
}

/// What the node's journal has of a transaction, and the banks' books.
fn trace(site: &Site, id: &str) -> String {
    let traced = site.run(&["trace", id, "--config", &site.config().display().to_string()]);
    let books = site.books();
    let books = TrxId::parse(id.as_bytes()).into_iter().flat_map(|id| {
        let of_bank = |bank: &BankLedger| Leg::ALL.map(|leg| (bank.bank, leg, bank.ledger.book(id, leg).copied()));
        books.banks.iter().flat_map(of_bank).filter(|(_, _, book)| book.is_some()).collect::<Vec<_>>()
    });
    let books: Vec<_> = books.collect();
    format!("{}{}{books:#?}", String::from_utf8_lossy(&traced.stdout), String::from_utf8_lossy(&traced.stderr))
}

/// Every fault at every participant, each of them seldom.
fn everybody_is_bad(seed: u64) -> Behaviours {
    let customer = Customer {
        refuses: 0.05,
        abandons: 0.1,
        delay: Delay::Uniform { from_ms: 20.0, to_ms: 400.0 },
        late_ms: 600.0,
        news_faults: BTreeMap::from(NewsFault::ALL.map(|fault| (fault, 0.05))),
    };
    let usual = Behaviour {
        delay: Delay::Exponential { mean_ms: 10.0 },
        refuses: 0.03,
        late_ms: 1_300.0,
        loses: 0.03,
        ends_per_s: 2.0,
        mandate_ends_per_s: 1.0,
        customer,
        ..Behaviour::default()
    };
    let all =
        Fault::ALL.into_iter().fold(usual, |bank, fault| bank.with_fault(fault, 0.01).with_query_fault(fault, 0.01));
    let institutions = InstitutionBehaviour { deaf_times: 1, refuses: 0.3, silent: 0.2 };
    Behaviours { institutions, ..Behaviours::all(seed, all) }
}
