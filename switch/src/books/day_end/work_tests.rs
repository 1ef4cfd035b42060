//! Days over books that are kept as a node keeps them: batches, sessions, orders, interest, reserve sheets.

use std::collections::BTreeMap;

use clearway_codec::value::Date;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::books::agreement::AgreedBy;
use crate::books::case::{cases, close};
use crate::books::reserve::{ReserveWork, SheetState, sheets};
use crate::books::sample::{SampleBooks, StopAt, at, batch, reserve_sums};
use crate::books::settlement::{NoticeEntry, OrderEntry, SessionEntry};
use crate::books::{Agreement, BatchEntry, BatchSums, CaseKind, Kept, NoSteps, Space, store_positions};
use crate::domain::clearing::{
    BatchEvent, BatchName, CellKey, LedgerAccount, Occasion, Opening, OrderName, OrderSet, OrderState, Positions,
    SessionName, Side, Sum,
};

const CUT: u32 = 20;

fn date(text: &str) -> Date {
    Date::parse(text.as_bytes()).expect("a day")
}

/// Seals a batch in which these payments were made on reserve accounts by customers of bank 1, see [`reserve_sums`].
fn seal(books: &SampleBooks, name: BatchName, moves: &[(u16, u16, i64)]) {
    let sums = reserve_sums(moves);
    sums.store(books.dir.path(), name, &NoSteps).expect("stored");
    let positions = positions_of(moves);
    store_positions(&positions, books.dir.path(), name, &NoSteps).expect("stored");
    let entry = BatchEntry::closed(5, [1, 2], &positions, |bank| bank);
    let sealed = entry.after(BatchEvent::Agreed, 6).expect("sealed");
    books.record(vec![Kept::new(Space::Batch, name.as_u64(), 6, sealed).entry().expect("short")]).expect("recorded");
}

/// The positions of the same payments.
fn positions_of(moves: &[(u16, u16, i64)]) -> Positions {
    let mut positions = Positions::default();
    for &(institution, bank, fen) in moves {
        let banks = if fen > 0 { [1, bank] } else { [bank, 1] };
        let parties = [(institution, Side::Initiator), (banks[0], Side::Debit), (banks[1], Side::Credit)];
        for (participant, side) in parties {
            let key = CellKey { participant, side, business: 1, status: 0 };
            positions.add(key, Sum { count: 1, amount_fen: fen.unsigned_abs() });
        }
    }
    positions
}

/// Holds a session over these batches; its orders are acknowledged at `acked`, if ever, and wrong by `off_fen`.
fn hold(books: &SampleBooks, session: SessionName, batches: &[BatchName], acked: Option<u64>, off_fen: i64) {
    let mut nets = BTreeMap::<u16, i128>::new();
    for batch in batches {
        let entry = BatchEntry::find(&books.registers, *batch).expect("readable").expect("sealed").content;
        entry.nets_fen.iter().for_each(|(bank, fen)| *nets.entry(*bank).or_insert(0) += fen);
    }
    nets.retain(|_, fen| *fen != 0);
    let entry = SessionEntry {
        until: batches.last().copied().unwrap_or_else(|| batch("B202611190001")),
        batches: batches.to_vec(),
        left_out: Vec::new(),
        orders: nets.len(),
        moved_fen: 0,
        is_ordered: true,
    };
    let kept = Kept::new(Space::Session, session.as_u64(), session.opens_at_us(), entry);
    books.record(vec![kept.entry().expect("short")]).expect("recorded");
    let set = OrderSet::of_session(session);
    order(books, set, &nets, session.opens_at_us(), acked, off_fen);
}

fn order(books: &SampleBooks, set: OrderSet, nets: &BTreeMap<u16, i128>, made: u64, acked: Option<u64>, off_fen: i64) {
    for (at, (bank, fen)) in nets.iter().enumerate() {
        let fen = i64::try_from(*fen).expect("little") + if at == 0 { off_fen } else { 0 };
        let order = OrderEntry::first(fen, String::new(), String::new(), made);
        let name = OrderName { set, bank: *bank };
        let first = Kept::new(Space::Order, name.as_u64(), made, order);
        let last = acked.map(|acked| first.next(acked, first.content.in_state(OrderState::Acknowledged)));
        books.record(vec![last.unwrap_or(first).entry().expect("short")]).expect("recorded");
    }
}

/// Tells of a day's interest; its orders are acknowledged at `acked`, if ever.
fn tell(books: &SampleBooks, day: Date, interest: &[(u16, i128)], acked: Option<u64>) {
    let interest_fen: BTreeMap<u16, i128> = interest.iter().copied().collect();
    let remainder_fen = -interest_fen.values().sum::<i128>();
    let told = at(&format!("{}T19:00:00", show(day)));
    let set = OrderSet { day, occasion: Occasion::Interest };
    order(books, set, &interest_fen, told, acked, 0);
    let entry = NoticeEntry { interest_ppm: 3_500, interest_fen, remainder_fen, is_told: true };
    let kept = Kept::new(Space::Notice, day.days() as u64, told, entry);
    books.record(vec![kept.entry().expect("short")]).expect("recorded");
}

fn show(day: Date) -> String {
    let (year, month, day) = day.to_ymd();
    format!("{year}-{month:02}-{day:02}")
}

/// Does the reserve work of a moment, with all banks agreed to all their batches before when `is_agreed`.
fn book(books: &SampleBooks, time: u64, is_agreed: bool) {
    let mut work = ReserveWork::open(&books.registers).expect("readable");
    while books.desk(|desk| work.turn(desk, time, &|_| true)).expect("no failure").is_some() {}
    for kept in sheets(&books.registers, None).expect("readable") {
        for batch in kept.content.batches.into_iter().filter(|_| is_agreed) {
            let by = AgreedBy::Operator { by: "li".to_owned() };
            let agreement = Agreement { batch, participant: kept.content.bank, by };
            let entry = agreement.agree(1, &books.registers).expect("short");
            entry.map(|entry| books.record(vec![entry])).transpose().expect("recorded");
        }
    }
    while books.desk(|desk| work.turn(desk, time, &|_| true)).expect("no failure").is_some() {}
}

/// Ends the days that are due.
fn end(books: &SampleBooks, time: u64, is_over: &dyn Fn(BatchName) -> bool) -> Vec<Date> {
    let mut work = DayWork::open(&books.registers).expect("readable");
    let mut ended = Vec::new();
    while let Some(day) = books.desk(|desk| work.turn(desk, time, CUT, is_over)).expect("no failure") {
        ended.push(day);
    }
    ended
}

fn entry_of(books: &SampleBooks, day: Date) -> DayEntry {
    let all = days(&books.registers, Some(day)).expect("readable");
    all.into_iter().next().map(|(_, kept)| kept.content).expect("the day has ended")
}

fn balances(books: &SampleBooks, day: Date) -> Vec<(String, i128)> {
    let ledger = ledger_of(&books.registers, day).expect("readable");
    ledger.balances().map(|(account, fen)| (account.to_string(), fen)).collect()
}

fn expect(balances: &[(&str, i128)]) -> Vec<(String, i128)> {
    balances.iter().map(|(account, fen)| ((*account).to_owned(), *fen)).collect()
}

fn open_cases(books: &SampleBooks, kind: CaseKind) -> Vec<String> {
    let all = cases(&books.registers, true).expect("readable");
    all.into_iter().filter(|kept| kept.content.kind == kind).map(|kept| kept.content.subject).collect()
}

/// The day 2026-11-20: a night batch that is settled in the morning and booked at noon, an afternoon batch that is not.
fn friday(off_fen: i64) -> SampleBooks {
    let books = SampleBooks::new();
    let (night, noon) = (batch("B202611190021"), batch("B202611200016"));
    seal(&books, night, &[(11, 2, 500), (12, 3, 70), (11, 2, -40)]);
    seal(&books, noon, &[(11, 2, 9)]);
    let session = SessionName { day: date("20261120"), opening: Opening::Morning };
    hold(&books, session, &[night], Some(at("2026-11-20T09:05:00")), off_fen);
    book(&books, at("2026-11-20T09:00:00"), true);
    tell(&books, date("20261120"), &[(1, -3), (2, 2)], None);
    books
}

#[test]
fn a_day_by_hand() {
    let books = friday(0);
    assert!(end(&books, at("2026-11-20T20:00:59"), &|_| true).is_empty(), "a minute of grace");
    assert_eq!(end(&books, at("2026-11-20T20:01:00"), &|_| true), [date("20261120")]);
    let entry = entry_of(&books, date("20261120"));
    assert_eq!((entry.batches, entry.payments, entry.moved_fen), (2, 4, 619));
    assert_eq!((entry.bookings, entry.booked_payments), (2, 3));
    assert_eq!((entry.differences, entry.suspense_fen()), (0, 0));
    // The night is settled: 1 owed 530, of which 460 to 2 and 70 to 3. The afternoon is open, and not booked.
    let open = [
        ("clearing:1", -9),
        ("clearing:2", 9),
        ("reserve:2", 9),
        ("reserve-control", -9),
        ("interest:1", -3),
        ("interest:2", 2),
        ("rounding", 1),
    ];
    assert_eq!(balances(&books, date("20261120")), expect(&open));
    let report = report_of(books.dir.path(), date("20261120")).expect("a report");
    let clearing = report.accounts.iter().find(|row| row.account == "clearing C1000000000001").expect("a row");
    assert_eq!(clearing.moved_fen, [("batches".to_owned(), -539), ("settled".to_owned(), 530)].into());
    let text = String::from_utf8(books.files()["reports/20261120/day-end.txt"].clone()).expect("text");
    assert!(text.contains("bookings        2 for 3 payments\n") && text.contains("differences     0 ("), "{text}");
    // Nothing happens on Saturday; the interest is paid on Sunday.
    let set = OrderSet { day: date("20261120"), occasion: Occasion::Interest };
    for bank in [1, 2] {
        let name = OrderName { set, bank };
        let kept = OrderEntry::find(&books.registers, name).expect("readable").expect("an order");
        let paid = kept.next(at("2026-11-22T10:00:00"), kept.content.in_state(OrderState::Acknowledged));
        books.record(vec![paid.entry().expect("short")]).expect("recorded");
    }
    assert_eq!(end(&books, at("2026-11-22T20:01:00"), &|_| true), [date("20261121"), date("20261122")]);
    assert_eq!(balances(&books, date("20261121")), expect(&open));
    let paid = [
        ("clearing:1", -9),
        ("clearing:2", 9),
        ("reserve:2", 9),
        ("reserve-control", -9),
        ("settlement", -1),
        ("rounding", 1),
    ];
    assert_eq!(balances(&books, date("20261122")), expect(&paid));
}

#[test]
fn a_difference_goes_to_suspense_until_its_case_is_closed() {
    let books = friday(7);
    end(&books, at("2026-11-21T20:01:00"), &|_| true);
    let entry = entry_of(&books, date("20261120"));
    // Bank 1 owed 530 and was asked for 523: its account stands 7 too low.
    assert_eq!((entry.differences, entry.suspense_fen()), (1, -7));
    let entry = entry_of(&books, date("20261121"));
    assert_eq!((entry.differences, entry.suspense_fen()), (0, -7), "it is found once");
    assert_eq!(open_cases(&books, CaseKind::Suspense), ["accounting day 20261120 clearing C1000000000001"]);
    let [case] = &cases(&books.registers, true).expect("readable")[..] else { panic!("one case") };
    assert_eq!(case.content.amount_fen, -7);
    let closed = close(case, at("2026-11-22T10:00:00"), "li", "the bank has paid by hand").expect("short");
    books.record(vec![closed]).expect("recorded");
    end(&books, at("2026-11-22T20:01:00"), &|_| true);
    assert_eq!(entry_of(&books, date("20261122")).suspense, []);
    let ledger = ledger_of(&books.registers, date("20261122")).expect("readable");
    assert_eq!((ledger.balance(LedgerAccount::Suspense), ledger.balance(LedgerAccount::Corrections)), (0, -7));
}

#[test]
fn wrong_lines_lost_sums_and_wrong_sheets_are_found() {
    let (night, noon) = (batch("B202611190021"), batch("B202611200016"));
    let books = friday(0);
    reserve_sums(&[(11, 2, 11)]).store(books.dir.path(), noon, &NoSteps).expect("stored");
    end(&books, at("2026-11-20T20:01:00"), &|_| true);
    let entry = entry_of(&books, date("20261120"));
    assert_eq!((entry.differences, entry.suspense_fen()), (2, 0), "two banks, turned against each other");
    assert_eq!(open_cases(&books, CaseKind::Suspense).len(), 2);
    assert_eq!(open_cases(&books, CaseKind::Failure), [format!("accounting day 20261120 {noon}")]);
    let report = report_of(books.dir.path(), date("20261120")).expect("a report");
    assert_eq!(report.differing, [(noon, 2)].into());

    let books = friday(0);
    std::fs::remove_file(books.dir.path().join(format!("sums/{noon}.txt"))).expect("removed");
    end(&books, at("2026-11-20T20:01:00"), &|_| true);
    assert_eq!(entry_of(&books, date("20261120")).differences, 0);
    assert_eq!(open_cases(&books, CaseKind::Failure), [format!("accounting day 20261120 {noon}")]);

    let books = friday(0);
    let mut kept = sheets(&books.registers, None).expect("readable").remove(0);
    assert_eq!(kept.content.state, SheetState::Released);
    kept.content.paid_in[1] += 5;
    books.record(vec![kept.next(kept.at_us, kept.content.clone()).entry().expect("short")]).expect("recorded");
    end(&books, at("2026-11-20T20:01:00"), &|_| true);
    assert_eq!(entry_of(&books, date("20261120")).suspense_fen(), -5);
    assert_eq!(open_cases(&books, CaseKind::Suspense), ["accounting day 20261120 reserve C1000000000002"]);
    assert!(BatchSums::load(books.dir.path(), night).is_ok());
}

#[test]
fn a_batch_that_is_late_is_counted_in_the_day_after_it_is_sealed() {
    let books = friday(0);
    let stopped = batch("B202611200012");
    let is_over = |batch: BatchName| batch != stopped;
    assert!(end(&books, at("2026-11-21T01:59:59"), &is_over).is_empty(), "six hours");
    assert_eq!(end(&books, at("2026-11-21T02:00:00"), &is_over), [date("20261120")]);
    assert_eq!(entry_of(&books, date("20261120")).missing, [stopped]);
    assert_eq!(open_cases(&books, CaseKind::LateBatch), [format!("accounting day 20261120 {stopped}")]);
    seal(&books, stopped, &[(12, 3, 1_000)]);
    end(&books, at("2026-11-21T20:01:00"), &|_| true);
    let entry = entry_of(&books, date("20261121"));
    assert_eq!((entry.late, entry.missing, entry.differences), (vec![stopped], vec![], 0));
    let ledger = ledger_of(&books.registers, date("20261121")).expect("readable");
    assert_eq!(ledger.balance(LedgerAccount::Clearing(3)), 1_000);
}

#[test]
fn books_that_begin_with_a_late_batch_end_its_day_too() {
    let books = SampleBooks::new();
    let late = batch("B202611200020");
    seal(&books, batch("B202611200021"), &[(11, 2, 500)]);
    let night = at("2026-11-20T23:00:00");
    assert!(end(&books, night, &|batch| batch != late).is_empty());
    seal(&books, late, &[(11, 2, 70)]);
    assert_eq!(end(&books, night, &|_| true), [date("20261120")]);
    assert_eq!(entry_of(&books, date("20261120")).payments, 1);
}

#[test]
fn after_a_stop_at_any_step_the_days_are_the_same() {
    let time = at("2026-11-21T20:01:00");
    let whole = friday(7);
    end(&whole, time, &|_| true);
    let mut stops = 0;
    loop {
        let books = friday(7);
        let mut work = DayWork::open(&books.registers).expect("readable");
        let stopped = StopAt::run(stops, |steps| {
            let mut turn = || books.with_desk(steps, |desk| work.turn(desk, time, CUT, &|_| true)).expect("no failure");
            while turn().is_some() {}
        });
        end(&books, time, &|_| true);
        assert!(books.files() == whole.files(), "stopped at step {stops}");
        let entries = |books: &SampleBooks| books.registers.book_entries(0..=u64::MAX);
        assert!(entries(&books) == entries(&whole), "stopped at step {stops}");
        if !stopped {
            break;
        }
        stops += 1;
    }
    // Two days: four steps of each of two files, and one of the record.
    assert_eq!(stops, 18);
}

/// One day of the property: payments of its four batches, when orders are acknowledged, what is wrong.
#[derive(Clone, Debug)]
struct Play {
    payments: Vec<(u8, u16, u16, i32)>,
    acked_days_later: Option<u8>,
    is_agreed: bool,
    order_off_fen: i64,
    lines_off_fen: i64,
}

fn play() -> impl Strategy<Value = Play> {
    let payment = (0..4_u8, 11..13_u16, 2..4_u16, any::<i32>().prop_filter("an amount", |fen| *fen != 0));
    let off = || prop_oneof![4 => Just(0_i64), 1 => 1..1_000_i64];
    (vec(payment, 0..12), proptest::option::of(0..3_u8), any::<bool>(), off(), off()).prop_map(
        |(payments, acked_days_later, is_agreed, order_off_fen, lines_off_fen)| Play {
            payments,
            acked_days_later,
            is_agreed,
            order_off_fen,
            lines_off_fen,
        },
    )
}

fn run(days: &[Play], is_wrong: bool) -> (SampleBooks, Vec<Date>) {
    let books = SampleBooks::new();
    let first = date("20261101").days();
    let mut played = Vec::new();
    for (day, play) in days.iter().enumerate() {
        let [before, day] = [day as i32 - 1, day as i32].map(|at| Date::from_days(first + at).expect("a day"));
        let names = [format!("B{before}0021"), format!("B{day}0004"), format!("B{day}0011"), format!("B{day}0017")]
            .map(|name| batch(&name));
        for (at, name) in (0..).zip(names) {
            let of = play.payments.iter().filter(|(batch, ..)| *batch == at);
            let mut moves: Vec<_> = of.map(|&(_, institution, bank, fen)| (institution, bank, fen.into())).collect();
            seal(&books, name, &moves);
            if is_wrong && at == 3 && play.lines_off_fen != 0 {
                moves.push((11, 2, play.lines_off_fen));
                reserve_sums(&moves).store(books.dir.path(), name, &NoSteps).expect("stored");
            }
        }
        let noon = at(&format!("{}T12:00:00", show(day)));
        let session = SessionName { day, opening: Opening::Morning };
        let acked = play.acked_days_later.map(|days| session.opens_at_us() + u64::from(days) * 86_400_000_000);
        hold(&books, session, &names[..2], acked, if is_wrong { play.order_off_fen } else { 0 });
        book(&books, noon, play.is_agreed);
        tell(&books, day, &[(1, -5), (2, 3)], acked.map(|acked| acked + 1));
        played.extend(end(&books, at(&format!("{}T23:00:00", show(day))), &|_| true));
    }
    assert_eq!(played.len(), days.len());
    (books, played)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn where_nothing_is_wrong_nothing_is_found(days in vec(play(), 1..5)) {
        let (books, days) = run(&days, false);
        for day in days {
            let entry = entry_of(&books, day);
            prop_assert_eq!((entry.differences, entry.suspense_fen()), (0, 0), "{}", day);
        }
    }

    #[test]
    fn whatever_is_wrong_the_day_ends_and_suspense_has_its_cases(days in vec(play(), 1..5)) {
        let (books, ended) = run(&days, true);
        let mut found_fen = 0;
        for (day, play) in ended.into_iter().zip(&days) {
            let entry = entry_of(&books, day);
            let report = report_of(books.dir.path(), day).expect("a report");
            let rows = report.differences.iter();
            found_fen += rows.map(|row| row.expected_fen - row.found_fen).sum::<i128>();
            prop_assert_eq!(entry.suspense_fen(), -found_fen);
            let ledger = ledger_of(&books.registers, day).expect("it balances");
            prop_assert_eq!(ledger.balance(LedgerAccount::Suspense), entry.suspense_fen());
            if play.lines_off_fen != 0 {
                prop_assert!(entry.differences > 0);
            }
        }
        prop_assert_eq!(open_cases(&books, CaseKind::Suspense).len(), {
            let last = super::days(&books.registers, None).expect("readable").pop().expect("a day").1;
            last.content.suspense.len()
        });
    }
}
