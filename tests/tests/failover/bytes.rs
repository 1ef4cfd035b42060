//! Byte by byte: the connection is cut after every byte of the request and of the answer of both legs.
//!
//! Every payment has a final state, which follows from where its legs were cut: what the bank never saw whole did not happen and is told as
//! failed (leg 1) or is sent once more (leg 2); what it may have done is asked for, and stands. The banks' own ledgers decide.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clearway_codec::{TrxId, TrxStatus};
use clearway_crypto::Suite;
use clearway_loadgen::bank::{Book, Leg};
use clearway_loadgen::tracker::Knowledge;
use clearway_loadgen::{Behaviours, Finished, Ledgers, Mix, Oracle, Plan, Run, Settlement, settle};
use clearway_tests::seed::Seed;
use clearway_tests::site::Site;
use clearway_tests::wait;

use crate::NODE;
use crate::cuts::{Cuts, Dealt, Legs, Side};

/// Bytes by which amounts, counters and dates may make one message longer than another.
const SLACK: u64 = 48;

fn site(seed: u64) -> Site {
    Site::with(NODE, &Behaviours { seed, ..Behaviours::default() }, |options| {
        options.suite = Suite::Ed25519;
        // Nothing may end by presumption: whoever asks is answered.
        (options.timing.leg1_deadline_ms, options.timing.leg2_deadline_ms) = (20_000, 20_000);
        options.timing.query_schedule_ms = vec![10, 100, 400, 2_000, 8_000];
        options.timing.notice_schedule_ms = vec![100, 400, 2_000, 8_000];
    })
}

/// Bytes of the answer to a leg, head and body: what came back through a line in one whole exchange.
fn longest(site: &Site, cuts: &Arc<Cuts>, lines: &[clearway_tests::proxy::FaultProxy]) -> [u64; 2] {
    let _ = site.institution(0).pay();
    let answers = lines.iter().flat_map(|line| line.passed()).map(|passed| passed.answer_passed).max();
    [cuts.request_bytes_max() + SLACK, answers.expect("two legs were answered") + SLACK]
}

#[test]
fn a_cut_after_every_byte_of_both_legs_moves_money_once_and_fails_nothing_falsely() {
    let seed = Seed::of_test("byte by byte");
    let site = site(seed.number());
    let cuts = Arc::new(Cuts::default());
    let lines: Vec<_> = (0..site.parties().banks.len()).map(|place| site.interpose(place)).collect();
    lines.iter().for_each(|line| line.set_chooser(cuts.chooser()));
    let _node = site.start();
    let bytes_max = longest(&site, &cuts, &lines);
    cuts.shuffle(bytes_max, &mut seed.draws());
    println!("{} cuts: up to {bytes_max:?} bytes", cuts.left());
    let finished = run(&site, &cuts, seed.number());
    let verdict =
        Oracle::await_agreement(|| Ok(site.books()), &finished.tracker, Duration::from_secs(20)).expect("books");
    println!("{}\n{verdict:#?}", finished.report);
    assert!(verdict.ok, "{verdict}");
    let dealt = judge(&cuts, &finished, &site.books());
    assert!(dealt >= 8_000, "too few to mean anything: {dealt}");
}

/// Payments until every cut is dealt, and their ends.
fn run(site: &Site, cuts: &Cuts, seed: u64) -> Finished {
    let began = Instant::now();
    let mix = Mix { payments: 100.0, refunds: 0.0, queries: 0.0, ..Mix::default() };
    let plan = Plan { rate_per_s: 900.0, duration: Duration::from_secs(300), mix, seed, ..Plan::default() };
    let run = Run::start(&plan, site.parties(), &site.target()).expect("a run");
    wait::until_within("every cut dealt", Duration::from_secs(240), || (cuts.left() == 0).then_some(()));
    run.stop();
    let mut finished = run.wait().expect("the run ends");
    let settled =
        settle(&Settlement::default(), site.parties(), &site.target(), &mut finished.tracker).expect("a settlement");
    println!("{settled:?} after {:?}", began.elapsed());
    finished
}

/// Holds every payment against what its legs were dealt; how many cuts there were.
fn judge(cuts: &Cuts, finished: &Finished, books: &Ledgers) -> usize {
    let mut dealt = 0;
    for (id, legs) in cuts.payments() {
        let Some(fate) = finished.tracker.get(id) else { continue };
        let told = format!("{id}: {legs:?}");
        let Knowledge::Final(status) = fate.knowledge() else { panic!("{told}: {:?}", fate.knowledge()) };
        let debit = book(books, id, Leg::Debit);
        let credit = book(books, id, Leg::Credit);
        judge_debit(&legs, status, debit, &told);
        judge_credit(&legs, status, credit, &told);
        dealt += legs.dealt.iter().flatten().count();
    }
    dealt
}

/// Leg 1 is sent once whatever happens to it, and what its bank never saw has failed.
fn judge_debit(legs: &Legs, status: TrxStatus, book: Book, told: &str) {
    assert_eq!(legs.sent[0], 1, "{told}: sent again");
    let done = u16::from(status == TrxStatus::Success);
    match legs.dealt[0] {
        Some(cut) if !cut.may_have_arrived() => {
            assert_eq!((status, book.requests, book.executed), (TrxStatus::Failure, 0, 0), "{told}: {book:?}");
        }
        // Cut between the last byte and the answer: the bank may have dropped it unread, and then denies it.
        Some(Dealt { side: Side::Request, .. }) => assert_eq!((book.executed, book.net()), (done, done), "{told}"),
        _ => assert_eq!((status, book.requests, book.executed), (TrxStatus::Success, 1, 1), "{told}: {book:?}"),
    }
}

/// Leg 2 of which the bank knows nothing is sent once more; nothing else is.
fn judge_credit(legs: &Legs, status: TrxStatus, book: Book, told: &str) {
    if status == TrxStatus::Failure {
        assert_eq!((legs.sent[1], book.requests), (0, 0), "{told}: {book:?}");
        return;
    }
    assert_eq!((status, book.executed, book.net()), (TrxStatus::Success, 1, 1), "{told}: {book:?}");
    match legs.dealt[1] {
        Some(cut) if !cut.may_have_arrived() => assert_eq!((legs.sent[1], book.requests), (2, 1), "{told}: {book:?}"),
        Some(Dealt { side: Side::Request, .. }) => assert!(legs.sent[1] <= 2, "{told}: {book:?}"),
        _ => assert_eq!((legs.sent[1], book.requests), (1, 1), "{told}: {book:?}"),
    }
}

fn book(books: &Ledgers, id: TrxId, leg: Leg) -> Book {
    let known = books.banks.iter().filter_map(|bank| bank.ledger.book(id, leg).copied());
    // A bank that was only asked about a leg has a book of it too; who was sent it, if anybody, is the one.
    known.max_by_key(|book| book.requests).unwrap_or_default()
}
