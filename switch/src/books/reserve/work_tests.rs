//! Windows, agreements and deadlines, and a stop at every step.

use super::*;
use crate::books::agreement::{AgreedBy, is_agreed};
use crate::books::case::cases;
use crate::books::sample::{SampleBooks, StopAt, at, batch, reserve_sums};
use crate::books::{Agreement, CaseKind, NoSteps, Space, Steps};
use crate::domain::clearing::{BatchName, ReserveWindow};
use crate::domain::register::BookEntry;

const NIGHT: &str = "2026-11-20T09:00:00";

/// Three batches of one night: two banks keep reserve accounts.
fn night() -> SampleBooks {
    let books = SampleBooks::new();
    seal(&books, "B202611190021", &[(11, 2, 500), (12, 2, 70), (11, 3, 9)]);
    seal(&books, "B202611200009", &[(11, 2, -200)]);
    seal(&books, "D202611200009", &[(12, 3, -4)]);
    books
}

fn seal(books: &SampleBooks, name: &str, moves: &[(u16, u16, i64)]) {
    let name = batch(name);
    reserve_sums(moves).store(books.dir.path(), name, &NoSteps).expect("stored");
    let entry = BookEntry { key: Space::Batch.key(name.as_u64()), version: 1, bytes: b"{}".to_vec() };
    books.record(vec![entry]).expect("recorded");
}

fn agree(books: &SampleBooks, name: &str, participant: u16) {
    let agreement = Agreement { batch: batch(name), participant, by: AgreedBy::Operator { by: "li".to_owned() } };
    let entry = agreement.agree(1, &books.registers).expect("short").expect("new");
    books.record(vec![entry]).expect("recorded");
}

fn run(books: &SampleBooks, time: &str) -> Vec<ReserveDid> {
    let mut work = ReserveWork::open(&books.registers).expect("readable");
    let mut turn = || books.desk(|desk| work.turn(desk, at(time), &|_| true)).expect("no failure");
    let mut done = Vec::new();
    // An empty window after another is made for as long as there are hours that are over.
    while let Some(did) = turn() {
        done.push(did);
    }
    done
}

fn open_cases(books: &SampleBooks) -> Vec<(CaseKind, String)> {
    let all = cases(&books.registers, true).expect("readable");
    all.into_iter().map(|kept| (kept.content.kind, kept.content.subject)).collect()
}

#[test]
fn a_window_is_booked_in_total_when_its_bank_has_agreed() {
    let books = night();
    let window = ReserveWindow::of(batch("B202611190021"));
    assert_eq!(run(&books, "2026-11-20T08:59:59"), []);
    assert_eq!(run(&books, NIGHT), [ReserveDid::Made(window)]);
    let [made] = &windows(&books.registers, None).expect("readable")[..] else { panic!("one window") };
    assert_eq!((made.content.bookings, made.content.payments, made.content.is_late), (4, 5, false));
    agree(&books, "B202611190021", 2);
    assert_eq!(run(&books, NIGHT), [], "the bank has not agreed to the last batch");
    agree(&books, "B202611200009", 2);
    assert_eq!(run(&books, NIGHT), [ReserveDid::Released(window, 2)]);
    let files = books.files();
    let names: Vec<&str> = files.keys().filter(|name| name.contains("/reserve/")).map(String::as_str).collect();
    let folder = "statements/C1000000000002/20261120/reserve/C1000000000002_20261120_1_RSV";
    let expected = ["SUM", "Z2000000000011", "Z2000000000012"].map(|of| format!("{folder}_{of}.txt"));
    assert_eq!(names, expected);
    let text = String::from_utf8_lossy(&files[&format!("{folder}_Z2000000000011.txt")]).into_owned();
    let body = "window|20261120|1|2026-11-19T20:00:00|2026-11-20T09:00:00\n\
                account|C1000000000002|Z2000000000011\n\
                batch|B202611190021|1|500|0|0|500\n\
                batch|B202611200009|0|0|1|200|-200\n\
                total|2|1|500|1|200|300\n\
                end|5|";
    assert!(text.starts_with(body), "{text}");
}

#[test]
fn what_is_not_agreed_at_the_deadline_is_a_case_and_waits() {
    let books = night();
    let window = ReserveWindow::of(batch("B202611190021"));
    assert_eq!(run(&books, "2026-11-20T11:59:59"), [ReserveDid::Made(window)]);
    let late = [ReserveDid::SheetLate(window, 2), ReserveDid::SheetLate(window, 3)];
    assert_eq!(run(&books, "2026-11-20T12:00:00"), late);
    assert_eq!(run(&books, "2026-11-20T12:00:01"), [], "once");
    let subject = |bank| (CaseKind::ReserveLate, format!("{window} C100000000000{bank}"));
    let mut found = open_cases(&books);
    found.sort();
    assert_eq!(found, [subject(2), subject(3)]);
    agree(&books, "B202611190021", 3);
    agree(&books, "D202611200009", 3);
    assert_eq!(run(&books, "2026-11-20T13:00:00"), [ReserveDid::Released(window, 3)]);
    let sheets = sheets(&books.registers, None).expect("readable");
    let states: Vec<_> =
        sheets.iter().map(|kept| (kept.content.bank, kept.content.state, kept.content.is_late)).collect();
    assert_eq!(states, [(2, SheetState::Waiting, true), (3, SheetState::Released, true)]);
}

#[test]
fn a_window_waits_for_its_last_batch() {
    let books = night();
    let window = ReserveWindow::of(batch("B202611190021"));
    let mut work = ReserveWork::open(&books.registers).expect("readable");
    let stopped = batch("B202611200009");
    let mut turn = |time: &str, is_over: &dyn Fn(BatchName) -> bool| {
        books.desk(|desk| work.turn(desk, at(time), is_over)).expect("no failure")
    };
    assert_eq!(turn(NIGHT, &|batch| batch != stopped), None);
    assert_eq!(turn("2026-11-20T12:00:00", &|batch| batch != stopped), Some(ReserveDid::WindowLate(window)));
    assert_eq!(turn("2026-11-20T12:00:01", &|batch| batch != stopped), None, "one case is enough");
    assert_eq!(open_cases(&books), [(CaseKind::ReserveLate, window.to_string())]);
    assert_eq!(turn("2026-11-20T12:30:00", &|_| true), Some(ReserveDid::Made(window)));
}

#[test]
fn books_that_begin_with_a_late_batch_book_its_window_too() {
    let books = SampleBooks::new();
    seal(&books, "B202611200010", &[(11, 2, 500)]);
    let late = batch("B202611200009");
    let mut work = ReserveWork::open(&books.registers).expect("readable");
    let mut turn = |is_over: &dyn Fn(BatchName) -> bool| {
        books.desk(|desk| work.turn(desk, at(NIGHT), is_over)).expect("no failure")
    };
    assert_eq!(turn(&|batch| batch != late), None);
    seal(&books, "B202611200009", &[(11, 2, 70)]);
    assert_eq!(turn(&|_| true), Some(ReserveDid::Made(ReserveWindow::of(late))));
}

#[test]
fn damaged_sums_stop_their_own_bank_alone() {
    let books = night();
    run(&books, NIGHT);
    std::fs::write(books.dir.path().join("sums/B202611200009.txt"), "x").expect("written");
    for (name, bank) in [("B202611190021", 2), ("B202611200009", 2), ("B202611190021", 3), ("D202611200009", 3)] {
        agree(&books, name, bank);
    }
    let mut work = ReserveWork::open(&books.registers).expect("readable");
    let mut turn = || books.desk(|desk| work.turn(desk, at(NIGHT), &|_| true));
    assert_eq!(turn().expect("bank 3"), Some(ReserveDid::Released(ReserveWindow::of(batch("B202611190021")), 3)));
    assert!(turn().is_err());
    seal_again(&books);
    assert!(turn().expect("restored").is_some());
}

fn seal_again(books: &SampleBooks) {
    let name = batch("B202611200009");
    reserve_sums(&[(11, 2, -200)]).store(books.dir.path(), name, &NoSteps).expect("stored");
}

#[test]
fn a_journal_that_takes_nothing_leaves_the_work_as_it_was() {
    let books = night();
    let mut work = ReserveWork::open(&books.registers).expect("readable");
    let mut turn = |records, time: &str| {
        books.records_left.set(records);
        books.desk(|desk| work.turn(desk, at(time), &|_| true))
    };
    let window = ReserveWindow::of(batch("B202611190021"));
    assert!(turn(0, NIGHT).is_err());
    assert_eq!(turn(1, NIGHT).expect("made"), Some(ReserveDid::Made(window)));
    assert!(turn(0, "2026-11-20T12:00:00").is_err());
    assert_eq!(turn(1, "2026-11-20T12:00:00").expect("noted"), Some(ReserveDid::SheetLate(window, 2)));
    books.records_left.set(2);
    agree(&books, "B202611190021", 2);
    agree(&books, "B202611200009", 2);
    assert!(turn(0, "2026-11-20T12:00:00").is_err());
    assert_eq!(turn(1, "2026-11-20T12:00:00").expect("released"), Some(ReserveDid::Released(window, 2)));
}

/// A night, whose second bank agrees late; done with these steps.
fn play(books: &SampleBooks, steps: &dyn Steps) {
    let mut work = ReserveWork::open(&books.registers).expect("readable");
    let mut turn_until = |time: &str| {
        while books.with_desk(steps, |desk| work.turn(desk, at(time), &|_| true)).expect("no failure").is_some() {}
    };
    turn_until(NIGHT);
    for (name, bank) in [("B202611190021", 2), ("B202611200009", 2)] {
        say(books, name, bank);
    }
    turn_until(NIGHT);
    turn_until("2026-11-20T12:00:00");
    for (name, bank) in [("B202611190021", 3), ("D202611200009", 3)] {
        say(books, name, bank);
    }
    turn_until("2026-11-20T12:00:00");
}

/// As [`agree`], unless it has been said.
fn say(books: &SampleBooks, name: &str, participant: u16) {
    if !is_agreed(&books.registers, batch(name), participant) {
        agree(books, name, participant);
    }
}

#[test]
fn after_a_stop_at_any_step_files_and_sheets_are_the_same() {
    let whole = night();
    play(&whole, &NoSteps);
    let mut stops = 0;
    loop {
        let books = night();
        let stopped = StopAt::run(stops, |steps| play(&books, steps));
        play(&books, &NoSteps);
        assert!(books.files() == whole.files(), "stopped at step {stops}");
        // Times differ: the second play begins at the first hour again.
        let entries = |books: &SampleBooks| -> Vec<(u64, u32)> {
            let all = books.registers.book_entries(0..=u64::MAX);
            all.into_iter().map(|entry| (entry.key, entry.version)).collect()
        };
        assert!(entries(&books) == entries(&whole), "stopped at step {stops}");
        if !stopped {
            break;
        }
        stops += 1;
    }
    assert!(stops > 20, "{stops}");
}
