//! SIGKILL under load once more, every line of it mutual TLS: handshakes, resumed sessions and connections that die with the node.

use std::time::Duration;

use clearway_loadgen::bank::Delay;
use clearway_loadgen::{Behaviour, Behaviours, Mix, Oracle, Plan, Settlement, settle};
use clearway_tests::seed::Seed;
use clearway_tests::site::Site;

use crate::NODE;
use crate::kills::{end_and_verify, load_and_kill};

const KILLS: usize = 10;

#[test]
fn ten_kills_over_tls_lose_nothing_and_debit_nothing_twice() {
    let seed = Seed::of_test("crash over TLS");
    let mut draws = seed.draws();
    let slow = Behaviour { delay: Delay::Exponential { mean_ms: 15.0 }, refuses: 0.02, ..Behaviour::default() };
    let site = Site::with(NODE, &Behaviours::all(seed.number(), slow), |options| {
        options.plain_http = false;
        options.workers = 1 + seed.number() as usize % 2;
        options.checkpoint.interval_s = 2;
    });
    assert!(site.parties().is_tls(), "init wrote certificates for everybody");
    let mix = Mix { payments: 80.0, refunds: 10.0, queries: 10.0, duplicates: 5.0, ..Mix::default() };
    let plan = Plan {
        rate_per_s: 120.0,
        duration: Duration::from_secs(120),
        mix,
        seed: seed.number(),
        reply_timeout: Duration::from_secs(3),
        ..Plan::default()
    };
    let (node, mut finished) = load_and_kill(&site, &plan, KILLS, 150, &mut draws);
    let settlement = Settlement { limit: Duration::from_secs(30), ..Settlement::default() };
    let settled = settle(&settlement, site.parties(), &site.target(), &mut finished.tracker).expect("a settlement");
    let verdict =
        Oracle::await_agreement(|| Ok(site.books()), &finished.tracker, Duration::from_secs(20)).expect("books");
    println!("{KILLS} kills over TLS\n{}\n{settled:?}\n{verdict:#?}", finished.report);
    assert!(verdict.ok && verdict.unknown == 0, "{verdict:#?}");
    assert!(verdict.accepted > 100, "too few to mean anything: {}", verdict.accepted);
    end_and_verify(&site, node);
}
