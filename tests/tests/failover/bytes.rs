//! Byte by byte: the connection is cut after every byte of the request and of the answer of both legs.
//!
//! Every payment has a final state, which follows from where its legs were cut: what the bank never saw whole did not happen and is told as
//! failed (leg 1) or is sent once more (leg 2); what it may have done is asked for, and stands. The banks' own ledgers decide. With two lines a
//! leg goes over the second one only if the first has not had a byte of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clearway_codec::{TrxId, TrxStatus};
use clearway_crypto::Suite;
use clearway_loadgen::Profile;
use clearway_loadgen::bank::{Book, Leg};
use clearway_loadgen::tracker::{Fate, Knowledge};
use clearway_loadgen::{Behaviours, Finished, Ledgers, Mix, Oracle, Run, Settlement, settle};
use clearway_tests::proxy::{Cut, FaultProxy, Plan};
use clearway_tests::seed::Seed;
use clearway_tests::site::Site;
use clearway_tests::wait;
use clearway_tests::wiring::SHARED;

use toml::Value;

use crate::NODE;
use crate::cuts::{Cuts, Dealt, LINES, Legs, Side};

/// Bytes by which amounts, counters and dates may make one message longer than another.
const SLACK: u64 = 48;

fn site(seed: u64) -> Site {
    let site = Site::with(NODE, &Behaviours { seed, ..Behaviours::default() }, |options| {
        options.suite = Suite::Ed25519;
        (options.timing.leg1_deadline_ms, options.timing.leg2_deadline_ms) = (5_000, 5_000);
        options.timing.query_schedule_ms = vec![10, 100, 400, 2_000];
        options.timing.notice_schedule_ms = vec![100, 400, 2_000, 8_000];
    });
    // Half of all exchanges break here, and that is no reason to give a line up.
    site.configure("links", [("down_after", Value::Integer(100))]);
    site
}

/// Length of the longest messages, with some slack: what came through the lines in the exchanges of one payment.
fn longest(site: &Site, cuts: &Cuts, lines: &[&FaultProxy]) -> [u64; 2] {
    let _ = site.institution(0).pay();
    let answers = lines.iter().flat_map(|line| line.passed()).map(|passed| passed.answer_passed).max();
    [cuts.request_bytes_max() + SLACK, answers.expect("two legs were answered") + SLACK]
}

/// Cuts every byte of legs that go to banks over these lines, and judges; payments with a leg over each of the lines, and those
/// that were presumed.
fn cut_every_byte(site: &Site, lines: &[Vec<FaultProxy>], seed: Seed) -> ([usize; LINES], usize) {
    let cuts = Arc::new(Cuts::default());
    for bank in lines {
        bank.iter().enumerate().for_each(|(number, line)| line.set_chooser(cuts.chooser(number)));
    }
    let _node = site.start();
    let first_lines: Vec<_> = lines.iter().map(|bank| &bank[0]).collect();
    let bytes_max = longest(site, &cuts, &first_lines);
    cuts.shuffle(bytes_max, &mut seed.draws());
    println!("{} cuts: up to {bytes_max:?} bytes", cuts.left());
    disturb(lines, seed);
    let finished = run(site, &cuts, seed.number());
    let verdict =
        Oracle::await_agreement(|| Ok(site.books()), &finished.tracker, Duration::from_secs(20)).expect("books");
    println!("{}\n{verdict:#?}", finished.report);
    assert!(verdict.ok, "{verdict}");
    let dealt = judge(&cuts, &finished, &site.books());
    assert!(dealt >= 8_000, "too few to mean anything: {dealt}");
    let payments = cuts.payments();
    let over =
        [0, 1].map(|line| payments.values().filter(|legs| (0..2).any(|leg| legs.sent_over(leg, line) > 0)).count());
    let is_presumed = |fate: &Fate| fate.status == Some(TrxStatus::PresumedSuccess);
    let presumed = finished.tracker.iter().filter(|(_, fate)| is_presumed(fate));
    (over, presumed.count())
}

/// Where there is another line, some connections of the first end before a byte of them is read.
fn disturb(lines: &[Vec<FaultProxy>], seed: Seed) {
    let mut draws = seed.draws();
    for bank in lines.iter().filter(|bank| bank.len() > 1) {
        let plans = (0..20_000).map(|_| match draws.below(10) {
            0 => Plan::cut_at_once(Cut::Close),
            1 => Plan::cut_at_once(Cut::Reset),
            _ => Plan::default(),
        });
        bank[0].queue(plans);
    }
}

#[test]
fn a_cut_after_every_byte_of_both_legs_moves_money_once_and_fails_nothing_falsely() {
    let seed = Seed::of_test("byte by byte");
    let site = site(seed.number());
    let lines: Vec<_> = (0..site.parties().banks.len()).map(|place| vec![site.interpose(place)]).collect();
    let (over, presumed) = cut_every_byte(&site, &lines, seed);
    println!("presumed: {presumed}");
    assert_eq!(over[1], 0);
}

#[test]
fn with_a_second_line_a_leg_moves_only_while_no_byte_of_it_can_have_left() {
    let seed = Seed::of_test("byte by byte, two lines");
    let site = site(seed.number());
    let lines: Vec<_> = (0..site.parties().banks.len()).map(|place| site.lay(place, &SHARED)).collect();
    let (over, presumed) = cut_every_byte(&site, &lines, seed);
    let ended: u64 = lines
        .iter()
        .map(|bank| bank[0].passed().iter().filter(|one| one.cut && one.request_read == 0).count() as u64)
        .sum();
    println!(
        "payments over each line: {over:?}; connections of the first that ended at once: {ended}; presumed: {presumed}"
    );
    assert!(over[0] > 100 && over[1] > over[0] && ended > 100, "{over:?}, {ended}");
}

/// Payments until every cut is dealt, and their ends.
fn run(site: &Site, cuts: &Cuts, seed: u64) -> Finished {
    let began = Instant::now();
    let mix = Mix { payments: 100.0, refunds: 0.0, queries: 0.0, ..Mix::default() };
    let plan = clearway_loadgen::Plan {
        profile: Profile::constant(900.0),
        duration: Duration::from_secs(300),
        mix,
        seed,
        // A slow machine is not to find its lines full.
        connections_max: 64,
        ..Default::default()
    };
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
    let payments = cuts.payments();
    let mut dealt = 0;
    for (id, fate) in finished.tracker.iter() {
        // A leg that no line has seen was dealt nothing.
        let legs = payments.get(&id).copied().unwrap_or_default();
        let told = format!("{id}: {legs:?}");
        let Knowledge::Final(status) = fate.knowledge() else { panic!("{told}: {:?}", fate.knowledge()) };
        judge_debit(&legs, status, book(books, id, Leg::Debit), &told);
        judge_credit(&legs, status, book(books, id, Leg::Credit), &told);
        dealt += legs.dealt.iter().flatten().count();
    }
    dealt
}

/// Leg 1 is sent once whatever happens to it, and what its bank never saw has failed.
fn judge_debit(legs: &Legs, status: TrxStatus, book: Book, told: &str) {
    assert!(legs.sent(0) <= 1, "{told}: sent again");
    let done = u16::from(status != TrxStatus::Failure);
    let never_came = legs.sent(0) == 0 || legs.dealt[0].is_some_and(|cut| !cut.may_have_arrived());
    if never_came {
        assert_eq!((status, book.requests, book.executed), (TrxStatus::Failure, 0, 0), "{told}: {book:?}");
    } else if legs.dealt[0].is_some_and(|cut| cut.side == Side::Request) {
        // Cut between the last byte and the answer: the bank may have dropped it unread, and then denies it.
        assert_eq!((book.executed, book.net()), (done, done), "{told}: {book:?}");
    } else {
        assert_eq!((done, book.requests, book.executed), (1, 1, 1), "{told}: {book:?}");
    }
}

/// Leg 2 of which the bank knows nothing is sent once more; nothing else is. One that is lost a second time, on a connection that ends
/// just then, is presumed, and the notice makes it good.
fn judge_credit(legs: &Legs, status: TrxStatus, book: Book, told: &str) {
    if status == TrxStatus::Failure {
        assert_eq!((legs.sent(1), book.requests), (0, 0), "{told}: {book:?}");
        return;
    }
    let came = legs.sent(1) > 0 && legs.dealt[1].is_none_or(Dealt::may_have_arrived);
    assert_eq!((book.executed, book.net()), (1, 1), "{told}: {book:?}");
    if status == TrxStatus::PresumedSuccess {
        assert!(!came && legs.sent(1) <= 1 && book.requests == 0, "{told}: {book:?}");
    } else if !came {
        assert_eq!((status, legs.sent(1), book.requests), (TrxStatus::Success, 2, 1), "{told}: {book:?}");
    } else if legs.dealt[1].is_some_and(|cut| cut.side == Side::Request) {
        assert!(status == TrxStatus::Success && legs.sent(1) <= 2, "{told}: {book:?}");
    } else {
        assert_eq!((status, legs.sent(1), book.requests), (TrxStatus::Success, 1, 1), "{told}: {book:?}");
    }
}

fn book(books: &Ledgers, id: TrxId, leg: Leg) -> Book {
    let known = books.banks.iter().filter_map(|bank| bank.ledger.book(id, leg).copied());
    // A bank that was only asked about a leg has a book of it too; who was sent it, if anybody, is the one.
    known.max_by_key(|book| book.requests).unwrap_or_default()
}
