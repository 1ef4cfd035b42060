//! Byte by byte once more, over TLS: every connection is cut somewhere, in its handshake, in the request, in the answer, or in an exchange
//! that follows.
//!
//! What is in TLS cannot be looked at on the way, so nothing is known of a single cut; the ledgers of the banks decide over all of them.

use std::time::Duration;

use clearway_codec::TrxStatus;
use clearway_crypto::Suite;
use clearway_loadgen::Profile;
use clearway_loadgen::bank::Leg;
use clearway_loadgen::{Behaviours, Mix, Oracle, Run, Settlement, settle};
use clearway_tests::proxy::{Cut, FaultProxy, Plan};
use clearway_tests::seed::{Draws, Seed};
use clearway_tests::site::Site;
use clearway_tests::wait;
use toml::Value;

use crate::NODE;

/// From one position to the next; the first one is drawn.
const STRIDE: u64 = 29;
/// Beyond a handshake and two exchanges.
const BYTES_MAX: u64 = 9_000;

#[test]
fn cuts_all_over_tls_connections_move_money_once_and_fail_nothing_falsely() {
    let seed = Seed::of_test("byte by byte, TLS");
    let site = site(seed.number());
    let lines: Vec<_> = (0..site.parties().banks.len()).map(|place| site.interpose(place)).collect();
    let mut draws = seed.draws();
    lines.iter().for_each(|line| line.queue(plans(&mut draws)));
    let _node = site.start();
    let mix = Mix { payments: 100.0, refunds: 0.0, queries: 0.0, ..Mix::default() };
    let plan = clearway_loadgen::Plan {
        profile: Profile::constant(200.0),
        duration: Duration::from_secs(300),
        mix,
        seed: seed.number(),
        connections_max: 64,
        ..Default::default()
    };
    let run = Run::start(&plan, site.parties(), &site.target()).expect("a run");
    let left = || lines.iter().map(FaultProxy::queued).sum::<usize>();
    wait::until_within("every cut made", Duration::from_secs(200), || (left() == 0).then_some(()));
    run.stop();
    let mut finished = run.wait().expect("the run ends");
    settle(&Settlement::default(), site.parties(), &site.target(), &mut finished.tracker).expect("a settlement");
    let agreed = Oracle::await_agreement(|| Ok(site.books()), &finished.tracker, Duration::from_secs(20));
    let verdict = agreed.expect("books");
    let cut: u64 = lines.iter().map(|line| line.counts().cut).sum();
    println!("{}\n{verdict:#?}\n{cut} connections were cut", finished.report);
    assert!(verdict.ok && verdict.unknown == 0, "{verdict}");
    assert!(cut > 500, "too few to mean anything: {cut}");
    let books = site.books();
    for (id, _) in finished.tracker.iter().filter(|(_, fate)| fate.status == Some(TrxStatus::Failure)) {
        let debits = books.banks.iter().filter_map(|bank| bank.ledger.book(id, Leg::Debit));
        assert_eq!(debits.map(|book| book.executed).max().unwrap_or(0), 0, "{id}: told as failed, and the bank did it");
    }
}

fn site(seed: u64) -> Site {
    let site = Site::with(NODE, &Behaviours { seed, ..Behaviours::default() }, |options| {
        options.plain_http = false;
        options.suite = Suite::Ed25519;
        (options.timing.leg1_deadline_ms, options.timing.leg2_deadline_ms) = (5_000, 5_000);
        // Queries are cut too, so there are more of them.
        options.timing.query_schedule_ms = vec![10, 50, 100, 200, 400, 800, 1_600, 3_200];
        options.timing.notice_schedule_ms = vec![100, 400, 1_000, 2_000, 4_000, 8_000];
    });
    // Everything breaks here, and that is no reason to give a line up.
    site.configure("links", [("down_after", Value::Integer(100))]);
    site
}

/// A cut at every position, in both directions, in an order that is drawn.
fn plans(draws: &mut Draws) -> Vec<Plan> {
    let first = draws.below(STRIDE);
    let positions = (first..BYTES_MAX).step_by(usize::try_from(STRIDE).expect("a small number"));
    let mut plans: Vec<_> = positions
        .flat_map(|after| {
            let cut = if draws.below(2) == 0 { Cut::Close } else { Cut::Reset };
            [Plan::cut_request(after, cut), Plan::cut_answer(after, cut)]
        })
        .collect();
    for place in (1..plans.len()).rev() {
        let other = usize::try_from(draws.below(place as u64 + 1)).expect("a place");
        plans.swap(place, other);
    }
    plans
}
