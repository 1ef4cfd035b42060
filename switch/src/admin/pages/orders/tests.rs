use http::Method;

use super::*;
use crate::admission::samples::{INSTITUTION, config};
use crate::books::settlement::{Batches, Terms};
use crate::books::{BatchEntry, Kept, Space};
use crate::config::BooksSection;
use crate::domain::calendar::Calendar;
use crate::domain::clearing::{BatchName, BatchPhase, Positions};
use crate::journal::{Journal, Options};
use crate::registrar::Registrar;
use clearway_codec::value::{BatchId, BeijingTime, InstitutionId};

/// Every batch has its entry.
struct AllKnown;

impl Batches for AllKnown {
    fn first(&self) -> Option<BatchId> {
        BatchId::parse(b"B202611200003").ok()
    }

    fn is_awaited(&self, _: BatchName) -> bool {
        false
    }
}

/// The pages after a session in which participant 1 owes participant 2 five fen.
fn pages(dir: &std::path::Path) -> OrderPages {
    let options = Options { segment_bytes: 8 << 20, reserve_bytes: 1 << 20, ..Options::new(dir.join("journal")) };
    let journal = Arc::new(Journal::open(options).expect("a journal").0);
    let registers = Arc::new(Registers::new(1_000));
    let registrar = Arc::new(Registrar::new(Arc::clone(&registers), journal));
    let batch: BatchName = "B202611200003".parse().expect("a batch");
    let closed = BatchEntry::closed(1, [0, 1], &Positions::default(), |bank| bank);
    let sealed = BatchEntry { phase: BatchPhase::Sealed, nets_fen: [(1, -5), (2, 5)].into(), ..closed };
    let kept = Kept::new(Space::Batch, batch.as_u64(), 1, sealed);
    registrar.record_books(1, vec![kept.entry().expect("short")]).expect("recorded");
    let (participants, calendar) = (config(|_, _| {}).participants, Calendar::from_csv("").expect("no exceptions"));
    let mut settlement = Settlement::open(&registers).expect("readable");
    let desk = Desk {
        dir,
        participants: &participants,
        registers: &registers,
        record: &|at_us, entries| registrar.record_books(at_us, entries),
        steps: &NoSteps,
    };
    let switch = InstitutionId::parse(INSTITUTION.as_bytes()).expect("an id");
    let terms = Terms::new(&calendar, &BooksSection::default(), switch);
    let now_us = BeijingTime::parse(b"2026-11-20T09:00:00").expect("a time").unix_micros();
    settlement.turn(&desk, &terms, &AllKnown, now_us).expect("a session");
    OrderPages {
        settlement: Arc::new(Mutex::new(settlement)),
        dir: dir.to_owned(),
        participants,
        registers,
        history: Arc::new(History::new(registrar)),
        clock: Clock::real(),
    }
}

fn get(pages: &OrderPages, path: &str) -> (u16, Value) {
    let answer = pages.answer(&Call::get(path)).expect("a page");
    (answer.status, serde_json::from_str(&answer.text).expect("JSON"))
}

fn post(pages: &OrderPages, order: &str, body: &Value) -> u16 {
    let body = body.to_string().into_bytes();
    let call = Call { method: Method::POST, by: "li".to_owned(), body, ..Call::get(&format!("/books/orders/{order}")) };
    pages.answer(&call).expect("a page").status
}

#[test]
fn orders_are_listed_shown_and_judged() {
    let dir = tempfile::tempdir().expect("a folder");
    let pages = pages(dir.path());
    let (status, list) = get(&pages, "/books/orders");
    assert_eq!((status, &list["count"], &list["sessions"][0]["session"]), (200, &json!(2), &json!("202611200900")));
    assert_eq!((&list["orders"][0]["state"], &list["orders"][1]["state"]), (&json!("sent"), &json!("waiting")));
    let (status, one) = get(&pages, "/books/orders/20261120100001");
    assert_eq!((status, &one["order"]["msg_id"]), (200, &json!("2026112010000101")));
    assert!(one["document"].as_str().is_some_and(|document| document.contains("<MsgId>2026112010000101</MsgId>")));

    let judged = |deed: &str| json!({ "by": "li", "do": deed, "why": "by telephone" });
    for (order, body, status) in [
        ("20261120100001", judged("pay"), 400),
        ("20261120100001", json!({ "do": "reject" }), 400),
        ("2026", judged("reject"), 400),
        ("20261120100009", judged("reject"), 404),
        ("20261120100002", judged("resend"), 409),
        ("20261120100001", judged("resend"), 200),
        ("20261120100001", judged("acknowledge"), 200),
        ("20261120100001", judged("reject"), 409),
    ] {
        assert_eq!(post(&pages, order, &body), status, "{order} {body}");
    }
    assert_eq!(get(&pages, "/books/orders").1["count"], json!(1));
    assert_eq!(get(&pages, "/books/orders?day=20261120").1["count"], json!(2));
    for (path, status) in [("?day=2026", 400), ("/2026", 400), ("/20261120100009", 404)] {
        assert_eq!(get(&pages, &format!("/books/orders{path}")).0, status, "{path}");
    }
    let history = pages.history.entries();
    let newest = &history[0];
    assert_eq!((history.len(), newest.space, newest.by.as_str()), (2, "books", "li"));
    assert_eq!(newest.change, json!({ "order": "20261120100001", "do": "acknowledge", "why": "by telephone" }));
}
