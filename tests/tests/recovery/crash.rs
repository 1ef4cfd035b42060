//! SIGKILL at random moments under load, twenty times, on one folder and without flags.
//!
//! Some kills hit a node that is still recovering from the one before. Afterwards every payment is asked for until it is final, and the
//! oracle compares what institutions were told with what the banks did.

use std::time::{Duration, Instant};

use clearway::init;
use clearway_loadgen::bank::Delay;
use clearway_loadgen::{Behaviour, Behaviours, Mix, Oracle, Plan, Profile, Settlement, Verdict, settle};
use clearway_tests::seed::Seed;
use clearway_tests::site::Site;

use crate::NODE;
use crate::kills::{end_and_verify, load_and_kill};

/// Loads a node and kills it so often, each time after `least_ms` or more; what the oracle says once everything is final.
fn kill_under_load(test: &str, kills: usize, least_ms: u64, change: impl FnOnce(&mut init::Options)) -> Verdict {
    let seed = Seed::of_test(test);
    let mut draws = seed.draws();
    let slow = Behaviour { delay: Delay::Exponential { mean_ms: 15.0 }, refuses: 0.02, ..Behaviour::default() };
    let mut is_tls = false;
    let site = Site::with(NODE, &Behaviours::all(seed.number(), slow), |options| {
        options.workers = 1 + seed.number() as usize % 2;
        options.checkpoint.interval_s = 2;
        change(options);
        is_tls = !options.plain_http;
    });
    assert_eq!(site.parties().is_tls(), is_tls, "certificates for everybody, or for nobody");
    let mix = Mix { payments: 80.0, refunds: 10.0, queries: 10.0, duplicates: 5.0, ..Mix::default() };
    let plan = Plan {
        profile: Profile::constant(120.0),
        duration: Duration::from_secs(120),
        mix,
        seed: seed.number(),
        reply_timeout: Duration::from_secs(3),
        ..Plan::default()
    };
    let began = Instant::now();
    let (node, mut finished) = load_and_kill(&site, &plan, kills, least_ms, &mut draws);
    let settlement = Settlement { limit: Duration::from_secs(30), ..Settlement::default() };
    let settled = settle(&settlement, site.parties(), &site.target(), &mut finished.tracker).expect("a settlement");
    let verdict =
        Oracle::await_agreement(|| Ok(site.books()), &finished.tracker, Duration::from_secs(20)).expect("books");
    println!("{test}: {kills} kills in {:?}\n{}\n{settled:?}\n{verdict:#?}", began.elapsed(), finished.report);
    assert_eq!(
        (verdict.lost, verdict.debited_twice, verdict.credited_twice, verdict.unknown),
        (0, 0, 0, 0),
        "{verdict:#?}"
    );
    assert!(verdict.ok, "{verdict:#?}");
    end_and_verify(&site, node);
    verdict
}

#[test]
fn twenty_kills_under_load_lose_nothing_and_debit_nothing_twice() {
    let verdict = kill_under_load("crash", 20, 50, |options| options.journal.segment_bytes = 4 << 20);
    assert!(verdict.accepted > 300, "too few to mean anything: {}", verdict.accepted);
}

/// Handshakes, resumed sessions, and connections that die with the node.
#[test]
fn ten_kills_over_tls_lose_nothing_and_debit_nothing_twice() {
    let verdict = kill_under_load("crash over TLS", 10, 150, |options| options.plain_http = false);
    assert!(verdict.accepted > 100, "too few to mean anything: {}", verdict.accepted);
}

/// A payment that is at its bank when the node dies: its outcome is asked for, never guessed, and the institution is told.
#[test]
fn a_payment_that_was_at_its_bank_is_resolved_by_query() {
    use clearway_codec::TrxStatus;
    use clearway_loadgen::bank::Leg;
    use clearway_tests::institution::id_of;
    use clearway_tests::wait;

    for (leg, delay_ms) in [(Leg::Debit, 400.0), (Leg::Credit, 400.0)] {
        let site = Site::new(NODE);
        let node = site.start();
        let institution = site.institution(0);
        let place = if leg == Leg::Debit { 1 } else { institution.reserve_bank() };
        let bank = site.parties().banks[place].identity.id;
        site.counterparties()
            .set_behaviour(bank, Behaviour { delay: Delay::Fixed { ms: delay_ms }, ..Behaviour::default() })
            .expect("a behaviour");
        let payment = institution.payment(1, 60);
        let bytes = payment.seal(&institution.identity().key);
        std::thread::scope(|scope| {
            let sent = scope.spawn(|| institution.try_post(&bytes));
            wait::until("the leg at its bank", || (site.book(place, id_of(&payment), leg).requests == 1).then_some(()));
            node.kill();
            assert!(sent.join().expect("no panic").is_err(), "the exchange died with the node");
        });
        let _node = site.start();
        assert_eq!(institution.await_final(&payment), TrxStatus::Success, "{leg:?}");
        let book = site.book(place, id_of(&payment), leg);
        assert_eq!((book.requests, book.executed), (1, 1), "{leg:?}: not sent again");
        assert!(book.queries >= 1, "{leg:?}: asked for");
        wait::until("the notice", || {
            site.books().notices.get(id_of(&payment)).map(|notice| assert_eq!(notice.status, TrxStatus::Success))
        });
    }
}
