//! The pages of cases, agreements, reserve accounts and days, over a node that has one sealed batch.

use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::{BookCasePages, DayPages, ReservePages};
use crate::admin::{Call, Pages};
use crate::admission::samples::{BANK, INSTITUTION, config};
use crate::books::agreement::is_agreed;
use crate::books::case::case_id;
use crate::books::day_end::DayWork;
use crate::books::reserve::ReserveWork;
use crate::books::{BatchEntry, BatchSums, BookCase, CaseKind, Desk, Kept, NoSteps, Space};
use crate::clock::Clock;
use crate::domain::clearing::{BatchName, BatchPhase, Positions, ReserveAccount, ReserveSum, Sum};
use crate::journal::{Journal, Options};
use crate::registers::Registers;
use crate::registrar::{History, Registrar};

struct Node {
    registers: Arc<Registers>,
    registrar: Arc<Registrar>,
    cases: BookCasePages,
    reserve: ReservePages,
    days: DayPages,
}

const BATCH: &str = "B202611200003";

fn node(dir: &std::path::Path) -> Node {
    let options = Options { segment_bytes: 8 << 20, reserve_bytes: 1 << 20, ..Options::new(dir.join("journal")) };
    let journal = Arc::new(Journal::open(options).expect("a journal").0);
    let registers = Arc::new(Registers::new(1_000));
    let registrar = Arc::new(Registrar::new(Arc::clone(&registers), journal));
    let history = Arc::new(History::new(Arc::clone(&registrar)));
    let participants = config(|_, _| {}).participants;
    let cases = BookCasePages {
        participants: participants.clone(),
        registers: Arc::clone(&registers),
        history: Arc::clone(&history),
        clock: Clock::real(),
    };
    let reserve = ReservePages { participants, registers: Arc::clone(&registers), history, clock: Clock::real() };
    let days = DayPages { dir: dir.to_owned(), registers: Arc::clone(&registers) };
    Node { registers, registrar, cases, reserve, days }
}

/// Seals a batch in which the institution was paid 7 fen at the bank, and does reserve accounts and day-end.
fn keep_books(node: &Node, dir: &std::path::Path) {
    let batch: BatchName = BATCH.parse().expect("a batch");
    let closed = BatchEntry::closed(1, [0, 1], &Positions::default(), |bank| bank);
    let sealed = BatchEntry { phase: BatchPhase::Sealed, ..closed };
    let kept = Kept::new(Space::Batch, batch.as_u64(), 1, sealed);
    node.registrar.record_books(1, vec![kept.entry().expect("short")]).expect("recorded");
    let mut sums = BatchSums::default();
    let paid_in = Sum { count: 1, amount_fen: 7 };
    sums.reserves.add(ReserveAccount { institution: 0, bank: 1 }, ReserveSum { paid_in, ..ReserveSum::default() });
    sums.store(dir, batch, &NoSteps).expect("stored");
    let desk = Desk {
        dir,
        participants: &node.reserve.participants,
        registers: &node.registers,
        record: &|at_us, entries| node.registrar.record_books(at_us, entries),
        steps: &NoSteps,
    };
    let noon_us = 1_795_147_200_000_000;
    let mut work = ReserveWork::open(&node.registers).expect("readable");
    while work.turn(&desk, noon_us - 1, &|_| true).expect("no failure").is_some() {}
    let mut work = DayWork::open(&node.registers).expect("readable");
    work.turn(&desk, noon_us + 43_200_000_000, 20, &|_| true).expect("no failure").expect("the day has ended");
}

fn get(pages: &dyn Pages, path: &str) -> (u16, Value) {
    let answer = pages.answer(&Call::get(path)).expect("a page");
    (answer.status, serde_json::from_str(&answer.text).expect("JSON"))
}

fn post(pages: &dyn Pages, path: &str, body: &Value) -> u16 {
    let body = body.to_string().into_bytes();
    let call = Call { method: Method::POST, by: "li".to_owned(), body, ..Call::get(path) };
    pages.answer(&call).expect("a page").status
}

#[test]
fn a_case_is_listed_shown_and_closed_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let node = node(dir.path());
    let case = BookCase::new(CaseKind::Suspense, "accounting day 20261120", "look").of_participant(1).of_fen(-9);
    let entry = case.open(5, &node.registers).expect("short").expect("new");
    let id = case_id(entry.key);
    node.registrar.record_books(5, vec![entry]).expect("recorded");
    let (status, list) = get(&node.cases, "/books/cases");
    assert_eq!((status, &list["count"], &list["cases"][0]["participant"]), (200, &json!(1), &json!(BANK)));
    let path = format!("/books/cases/{id}");
    assert_eq!(get(&node.cases, &path).1["case"]["amount_fen"], json!(-9));
    for (path, body, status) in [
        (path.as_str(), json!({ "by": "li", "note": " " }), 400),
        (path.as_str(), json!({ "by": "li" }), 400),
        ("/books/cases/1", json!({ "by": "li", "note": "done" }), 404),
        (path.as_str(), json!({ "by": "li", "note": "done" }), 200),
        (path.as_str(), json!({ "by": "li", "note": "done" }), 409),
    ] {
        assert_eq!(post(&node.cases, path, &body), status, "{path} {body}");
    }
    assert_eq!(get(&node.cases, "/books/cases").1["count"], json!(0));
    let (_, all) = get(&node.cases, "/books/cases?all");
    assert_eq!(all["cases"][0]["closed"]["by"], json!("li"));
    assert_eq!(get(&node.cases, "/books/cases?some").0, 400);
}

#[test]
fn a_bank_agrees_to_a_sealed_batch_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let node = node(dir.path());
    keep_books(&node, dir.path());
    let (_, shown) = get(&node.reserve, "/books/reserve");
    assert_eq!((&shown["waiting"], &shown["windows"][0]["bookings"]), (&json!(1), &json!(1)));
    assert_eq!((&shown["sheets"][0]["bank"], &shown["sheets"][0]["not_agreed"]), (&json!(BANK), &json!([BATCH])));
    let path = format!("/books/agreements/{BATCH}");
    for (path, participant, status) in [
        ("/books/agreements/X1", BANK, 400),
        ("/books/agreements/B202611200004", BANK, 409),
        (path.as_str(), INSTITUTION, 404),
        (path.as_str(), BANK, 200),
        (path.as_str(), BANK, 409),
    ] {
        assert_eq!(post(&node.reserve, path, &json!({ "by": "li", "participant": participant })), status, "{path}");
    }
    assert!(is_agreed(&node.registers, BATCH.parse().expect("a batch"), 1));
    let (_, shown) = get(&node.reserve, &path);
    assert_eq!(shown["agreements"][0]["participant"], json!(BANK));
    assert_eq!(get(&node.reserve, "/books/reserve").1["sheets"][0]["not_agreed"], json!([]));
    assert!(node.reserve.answer(&Call::get("/books/agreements")).is_none());
}

#[test]
fn days_are_listed_and_their_reports_shown() {
    let dir = tempfile::tempdir().expect("a folder");
    let node = node(dir.path());
    keep_books(&node, dir.path());
    let (_, list) = get(&node.days, "/books/days");
    assert_eq!((&list["days"][0]["day"], &list["days"][0]["batches"]), (&json!("20261120"), &json!(1)));
    let (status, shown) = get(&node.days, "/books/days/20261120");
    assert_eq!((status, &shown["report"]["differences_found"]), (200, &json!(0)));
    assert!(shown["text"].as_str().is_some_and(|text| text.starts_with("accounting day 20261120, ")));
    assert_eq!(get(&node.days, "/books/days/20261121").0, 404);
    assert_eq!(get(&node.days, "/books/days/now").0, 400);
}
