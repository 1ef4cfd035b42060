use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::*;
use crate::admission::samples::{BANK, INSTITUTION, NOON_US, OTHER_BANK, config};
use crate::domain::agreement::{Agreement, EndedBy, State};
use crate::domain::clearing::BatchName;
use crate::domain::dispute::CaseState;
use crate::domain::register::Image;
use crate::domain::register::samples::{OTHER_TRX_KEY, agreement, case, mandate, number};
use crate::domain::transaction::Parties;
use crate::journal::{Journal, Options};
use crate::registers::Registers;

struct Desk {
    _dir: tempfile::TempDir,
    pages: RegisterPages,
}

impl Desk {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = Options { segment_bytes: 8 << 20, reserve_bytes: 1 << 20, ..Options::new(dir.path()) };
        let journal = Arc::new(Journal::open(options).unwrap().0);
        let registrar = Arc::new(Registrar::new(Arc::new(Registers::new(1_000)), journal));
        let pages = RegisterPages {
            history: Arc::new(History::new(Arc::clone(&registrar))),
            registrar,
            positions: Arc::new(Live::new(0)),
            participants: config(|_, _| {}).participants,
            digest: Box::new(|text| text.bytes().fold(1, |digest, byte| digest << 5 ^ u64::from(byte))),
            find_payment: Box::new(|_| None),
            clock: Clock::settable(NOON_US).0,
        };
        Self { _dir: dir, pages }
    }

    fn put(&self, image: Image) {
        assert!(self.pages.registrar.registers().apply(&image));
    }

    fn call(&self, method: &Method, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let call = Call { method: method.clone(), body, ..Call::get(path) };
        let answer = self.pages.answer(&call).expect("a page");
        (answer.status, serde_json::from_str(&answer.text).expect("JSON"))
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.call(&Method::GET, path, &Value::Null)
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call(&Method::POST, path, body)
    }
}

#[test]
fn lines_are_imported_and_the_rejected_ones_named() {
    let desk = Desk::open();
    let line = |number: &str| format!("{number},,{INSTITUTION},{BANK},6222,C1,,,");
    let lines = json!({ "by": "li", "lines": [line("EPTEN1"), line(""), line("EPTEN1"), line("EP%2")] });
    let (status, done) = desk.post("/agreements/import", &lines);
    assert_eq!((status, &done["imported"], &done["known"]), (200, &json!(2), &json!(1)));
    assert_eq!(done["rejected"], json!([{ "line": 1, "reason": "the number is no agreement number" }]));
    let (status, shown) = desk.get("/agreements/EP%252");
    assert_eq!((status, &shown["agreement"]["standing"], &shown["mandate"]), (200, &json!("live"), &Value::Null));
    assert!(!shown.to_string().contains("6222"), "digests alone");
    for (path, body, expected) in [
        ("/agreements/import", json!({ "lines": [] }), 400),
        ("/agreements/import", json!({ "by": " ", "lines": [] }), 400),
        ("/agreements/import", json!({ "by": "li", "lines": [1] }), 400),
    ] {
        assert_eq!(desk.post(path, &body).0, expected, "{body}");
    }
    for path in ["/agreements/EPNONE", "/agreements/%ff", "/cases/12"] {
        assert_eq!(desk.get(path).0, 404, "{path}");
    }
    for path in ["/agreements/%f", "/agreements/%zz", "/cases/x", "/cases/+1"] {
        assert_eq!(desk.get(path).0, 400, "{path}");
    }
}

#[test]
fn where_signing_is_needed() {
    let desk = Desk::open();
    let line = format!("EPTEN1,,{INSTITUTION},{BANK},6222,C1,,,");
    desk.post("/agreements/import", &json!({ "by": "li", "lines": [line] }));
    let channels =
        json!([{ "institution": INSTITUTION, "bank": BANK }, { "institution": INSTITUTION, "bank": OTHER_BANK }]);
    let asked = |customer: &str, account: &str| {
        let question = json!({ "customer": customer, "account": account, "channels": channels });
        let (status, answer) = desk.post("/agreements/needed", &question);
        assert_eq!(status, 200, "{answer}");
        [0, 1].map(|at| answer["channels"][at]["needed"] == json!(true))
    };
    assert_eq!(asked("C1", ""), [false, true]);
    assert_eq!(asked("", "6222"), [false, true]);
    assert_eq!(asked("C2", "6223"), [true, true]);
    assert_eq!(asked("", ""), [true, true]);
    let nobody = json!({ "channels": [{ "institution": BANK, "bank": BANK }] });
    assert_eq!(desk.post("/agreements/needed", &nobody).0, 404);
}

#[test]
fn the_report_names_the_ends_that_disagree() {
    let desk = Desk::open();
    desk.put(Image::Agreement(agreement(State::Live)));
    desk.put(Image::Mandate(mandate(State::Live)));
    desk.put(Image::Agreement(Agreement {
        number: number(2),
        institution: 0,
        ended_by: EndedBy::Bank,
        unacknowledged: Parties::INSTITUTION,
        ..agreement(State::Ended)
    }));
    let (status, report) = desk.get("/agreements");
    assert_eq!((status, &report["agreements"], &report["mandates"]), (200, &json!(2), &json!(1)));
    assert_eq!(report["disagreeing"], json!(1));
    let listed = &report["disagreements"][0];
    assert_eq!((&listed["institution"], &listed["ended_by"]), (&json!(INSTITUTION), &json!("bank")));
    assert_eq!(listed["unacknowledged"], json!(["institution"]));
    let (_, shown) = desk.get(&format!("/agreements/{}", number(1).as_str()));
    assert_eq!((&shown["mandate"]["limit"], &shown["mandate"]["unit"]), (&json!("CNY10.00"), &json!("month")));
}

#[test]
fn an_adjustment_comes_into_no_batch_that_is_closed() {
    let desk = Desk::open();
    desk.put(Image::Case(case(CaseState::Open)));
    let batch: BatchName = "D202611200013".parse().expect("a batch");
    let path = format!("/cases/{OTHER_TRX_KEY}");
    let change = json!({ "by": "li", "direction": "01", "amount": "CNY60.00" });
    assert_eq!(desk.post(&path, &json!({ "by": "li", "direction": "01", "amount": "CNY1.00" })).0, 200);
    assert_eq!(desk.pages.positions.close(batch), 0, "what was made holds it up no longer");
    let (status, answer) = desk.post(&path, &change);
    assert_eq!(status, 503, "{answer}");
    let made = desk.pages.registrar.registers().adjusted(batch.dispute_batch().expect("of disputes"));
    assert_eq!(made.iter().map(|one| one.amount_fen).collect::<Vec<_>>(), [100]);
}

#[test]
fn an_adjustment_from_the_console_is_made_at_once_and_bounded() {
    let desk = Desk::open();
    desk.put(Image::Case(case(CaseState::Open)));
    let path = format!("/cases/{OTHER_TRX_KEY}");
    let change = |direction: &str, amount: &str| json!({ "by": "li", "direction": direction, "amount": amount });
    assert_eq!(desk.get("/cases").1["cases"], json!(1));
    let (status, made) = desk.post(&path, &change("01", "CNY60.00"));
    assert_eq!((status, &made["state"], &made["moved"]), (200, &json!("adjusted"), &json!("CNY40.00")));
    assert_eq!(made["adjustments"][0]["batch"], json!("D202611200013"));
    assert_eq!(
        (desk.get("/cases").1["cases"].clone(), desk.get("/cases?all").1["cases"].clone()),
        (json!(0), json!(1))
    );
    let entries = desk.pages.history.entries();
    assert_eq!((entries.len(), entries[0].space, entries[0].by.as_str()), (1, "registers", "li"));
    assert_eq!(entries[0].change["adjustment"]["amount"], json!("CNY60.00"));
    assert_eq!(desk.post(&path, &change("01", "CNY40.01")).0, 409);
    assert_eq!(desk.pages.history.entries().len(), 1, "what was refused is no change");
    assert_eq!(desk.post(&path, &change("02", "CNY60.01")).0, 409);
    assert_eq!(desk.post(&path, &change("02", "CNY60.00")).1["moved"], json!("CNY100.00"));
    for body in
        [change("03", "CNY1.00"), change("01", "1"), json!({ "by": "", "direction": "01", "amount": "CNY1.00" })]
    {
        assert_eq!(desk.post(&path, &body).0, 400, "{body}");
    }
    assert_eq!(desk.post("/cases/7", &change("01", "CNY1.00")).0, 404);
}
