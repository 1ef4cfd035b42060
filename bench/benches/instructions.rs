//! Instruction counts of the pure parts, under callgrind: the same on every run, so that a gate can compare them.
//!
//! ```text
//! cargo bench -p clearway-bench --bench instructions      the figures
//! clearway-bench instructions --check                     the same against baseline/instructions.json
//! ```
//!
//! Needs valgrind and `cargo install gungraun-runner --version 0.20.0 --locked`.
#![allow(missing_docs, unused_qualifications)] // what the macros of gungraun make

use std::hint::black_box;
use std::sync::Arc;

use bytes::BytesMut;
use clearway::admission::{Admission, Spend};
use clearway::clock::Clock;
use clearway::config::{
    Config, Endpoint, KeyFiles, KeySource, LinkConfig, LinksSection, NodeSection, Participant, ParticipantKind,
    Participants,
};
use clearway::domain::agreement::SgnNo;
use clearway::domain::link::{Choice, LinkNumber, Takers};
use clearway::domain::record::{Record, RecordKind};
use clearway::domain::register::{Facts, Image, RegisterRule, check};
use clearway::domain::statement::Particulars;
use clearway::domain::{Event, Leg, Outcome, Payment, Timing, transition};
use clearway::metrics::Metrics;
use clearway::net::link::Board;
use clearway::net::transport::Connector;
use clearway::positions::Live;
use clearway::registers::Registers;
use clearway::routing::Router;
use clearway::table::Table;
use clearway_bench::samples::{
    Accountant, Evidence, QUERY_301, REFUND_205, REQUEST_201, START_US, accepted, agreement, finished, header,
    leg_values, receipt_values, trx_id,
};
use clearway_codec::{
    BatchId, BeijingTime, Checked, Decoder, Direction, Field, Fields, InstitutionId, MessageType, SerialNumber, encode,
    forward,
};
use gungraun::prelude::*;

/// Payments in the table that is looked into.
const TABLE_PAYMENTS: u64 = 10_000;
/// One of them.
const KNOWN: u64 = 4_321;

/// Room for one message.
fn buffer() -> BytesMut {
    BytesMut::with_capacity(4096)
}

fn decoder(bytes: &'static [u8]) -> (Decoder, &'static [u8]) {
    // Once before, so that lazily made tables and CPU detection are not counted.
    let mut decoder = Decoder::new();
    let _ = decoder.decode(bytes).is_ok();
    (decoder, bytes)
}

fn fields(bytes: &'static [u8]) -> Fields {
    let mut decoder = Decoder::new();
    let checked = decoder.decode(bytes).and_then(|message| message.check());
    checked.expect("a sample keeps to its schema").fields()
}

fn checked() -> (Fields, BytesMut) {
    (fields(REQUEST_201), buffer())
}

fn table() -> Table {
    let (table, timing) = (Table::new(64, 1_000_000), Timing::default());
    for number in 0..TABLE_PAYMENTS {
        table.lock(trx_id(number)).insert(accepted(number, &timing)).expect("there is room");
    }
    table
}

#[library_benchmark]
#[bench::pay_201(setup = decoder, args = (REQUEST_201))]
#[bench::refund_205(setup = decoder, args = (REFUND_205))]
#[bench::query_301(setup = decoder, args = (QUERY_301))]
fn decode((mut decoder, bytes): (Decoder, &'static [u8])) -> bool {
    black_box(decoder.decode(black_box(bytes))).is_ok()
}

#[library_benchmark]
#[bench::pay_201(setup = decoder, args = (REQUEST_201))]
fn decode_and_check((mut decoder, bytes): (Decoder, &'static [u8])) -> bool {
    black_box(decoder.decode(black_box(bytes)).and_then(|message| message.check())).is_ok()
}

#[library_benchmark]
#[bench::pay_201(setup = checked)]
fn forward_leg((fields, mut out): (Fields, BytesMut)) -> BytesMut {
    let request = Checked::from_parts(REQUEST_201, &fields);
    let header = header(MessageType::Epcc201, Direction::SWITCH_TO_PAYER_BANK).expect("a sample header");
    let batch = BatchId::at(header.sent_at).to_text();
    black_box(forward(&mut out, black_box(&request), &header, &leg_values(&batch)));
    out
}

#[library_benchmark]
#[bench::receipt_206(setup = checked)]
fn encode_message((fields, mut out): (Fields, BytesMut)) -> BytesMut {
    let request = Checked::from_parts(REQUEST_201, &fields);
    let header = header(MessageType::Epcc206, Direction::SWITCH_TO_PI).expect("a sample header");
    black_box(encode(&mut out, MessageType::Epcc206, &header, black_box(&receipt_values(&request))))
        .expect("a whole receipt");
    out
}

fn payment(_: ()) -> (Payment, Timing) {
    let timing = Timing::default();
    (accepted(KNOWN, &timing), timing)
}

#[library_benchmark]
#[bench::leg_1_succeeded(setup = payment, args = (()))]
fn step_payment((payment, timing): (Payment, Timing)) -> Outcome {
    black_box(transition(black_box(&payment), Event::LegSucceeded(Leg::One), START_US + 1, &timing))
}

fn record() -> (Payment, Evidence, Vec<u8>) {
    (finished(KNOWN, &Timing::default()), Evidence::compose().expect("samples"), Vec::with_capacity(8192))
}

#[library_benchmark]
#[bench::two_messages(setup = record)]
fn encode_record((payment, evidence, mut out): (Payment, Evidence, Vec<u8>)) -> Vec<u8> {
    let kind = RecordKind::Event(Event::LegSucceeded(Leg::One));
    let attachments = evidence.attachments(kind, START_US);
    Record {
        kind,
        at_us: START_US,
        link: LinkNumber::NONE,
        payment: black_box(&payment),
        original: None,
        images: &[],
        attachments: &attachments,
    }
    .encode(&mut out);
    out
}

#[library_benchmark]
#[bench::of_ten_thousand(setup = table)]
fn get_payment(table: Table) -> (Option<Payment>, Table) {
    (black_box(table.get(black_box(trx_id(KNOWN)))), table)
}

fn table_and_next() -> (Table, Payment) {
    let timing = Timing::default();
    let outcome = transition(&accepted(KNOWN, &timing), Event::LegSucceeded(Leg::One), START_US + 1, &timing);
    let Outcome::Changed { next, .. } = outcome else { panic!("leg 1 changes the payment") };
    (table(), next)
}

#[library_benchmark]
#[bench::of_ten_thousand(setup = table_and_next)]
fn replace_payment((table, next): (Table, Payment)) -> Table {
    table.lock(black_box(next.trx_id)).replace(next);
    table
}

/// Live books in which others have paid before, and the after-images of one more payment.
fn books() -> (Live, [Payment; 4]) {
    let (live, timing) = (Live::new(1), Timing::default());
    let life = [Event::LegSucceeded(Leg::One), Event::LegSucceeded(Leg::Two), Event::ReceiptDelivered];
    let images = |number| {
        let mut images = [accepted(number, &timing); 4];
        for (at, event) in life.into_iter().enumerate() {
            let outcome = transition(&images[at], event, START_US + 1, &timing);
            let Outcome::Changed { next, .. } = outcome else { panic!("{event:?} changes the payment") };
            images[at + 1] = next;
        }
        images
    };
    (1..100).for_each(|number| book(&live, &images(number)));
    (live, images(KNOWN))
}

fn book(live: &Live, images: &[Payment; 4]) {
    let befores = std::iter::once(None).chain(images.iter().map(Some));
    for (before, after) in befores.zip(images) {
        live.moved(0, before, black_box(after), KNOWN).expect("nothing is closed");
    }
}

// All that the books cost one payment: its four records.
#[library_benchmark]
#[bench::whole_life(setup = books)]
fn book_payment((live, images): (Live, [Payment; 4])) -> Live {
    book(&live, black_box(&images));
    live
}

#[library_benchmark]
#[bench::pay_201(setup = checked)]
fn note_particulars((fields, _): (Fields, BytesMut)) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let request = Checked::from_parts(REQUEST_201, &fields);
    let said = |field| request.field(field).unwrap_or_default();
    let serials = [b"70000000000000000001".as_slice(), b"70000000000000000002"];
    let (biz_tp, trx_time, sgn_no) = (said(Field::BizTp), said(Field::TrxDtTm), said(Field::SgnNo));
    black_box(Particulars { biz_tp, trx_time, sgn_no, serials }).encode(&mut out);
    out
}

/// The agreement that the sample payment names, among others.
const AGREEMENTS: u64 = 10_000;

fn registers() -> (Registers, Facts) {
    let registers = Registers::new(1_000_000);
    for number in 1..=AGREEMENTS {
        let text = format!("EPI00000000{number:010}");
        let image = Image::Agreement(agreement(text.as_bytes(), number, 0, 4).expect("a sample number"));
        registers.apply(&image);
    }
    let request = Checked::from_parts(REQUEST_201, &fields(REQUEST_201)).field(Field::SgnNo).expect("an agreement");
    registers.apply(&Image::Agreement(agreement(request, AGREEMENTS + 1, 0, 4).expect("a sample number")));
    let facts = Facts { sgn_no: SgnNo::parse(request), bank: 4, at_us: START_US, ..Facts::default() };
    (registers, facts)
}

#[library_benchmark]
#[bench::of_ten_thousand(setup = registers)]
fn check_agreement((registers, facts): (Registers, Facts)) -> (Result<(), [u8; 8]>, Registers) {
    // As admit does: by the number as the wire has it, then what may be done with it.
    let number = facts.sgn_no.as_ref().map(SgnNo::as_str).unwrap_or_default().as_bytes();
    let resolved = Facts { sgn_no: registers.resolve(black_box(number)), ..facts };
    let rule = RegisterRule::UseAgreement;
    let found = rule.key(&resolved).and_then(|key| registers.lock(&key).image());
    let verdict = black_box(check(rule, &resolved, found.as_ref()));
    assert!(verdict.is_ok(), "the sample's agreement is live");
    (verdict, registers)
}

fn parse(id: &[u8]) -> InstitutionId {
    InstitutionId::parse(id).expect("a sample id")
}

/// An institution and two banks, each with one link.
fn participants() -> Participants {
    let endpoint: Endpoint = "http://127.0.0.1:1/".parse().expect("an endpoint");
    let kinds = [ParticipantKind::Institution, ParticipantKind::Bank, ParticipantKind::Bank];
    let ids = [parse(b"Z2000133000017"), parse(b"C1000111000015"), parse(b"C1000211000022")];
    let participants = ids.into_iter().zip(kinds).enumerate();
    let participants =
        participants.map(|(index, (id, kind))| Participant::new(index as u16, id, kind, endpoint.clone()));
    Participants::new(participants.collect()).expect("distinct")
}

/// A node's admission with nothing configured, and what a payment asks it.
fn admission() -> (Admission, Spend) {
    let node = NodeSection {
        id: parse(b"G4000311000018"),
        serial: SerialNumber::parse(b"4000000001").expect("a sample serial"),
        workers: 1,
        pin_cores: Vec::new(),
    };
    // No key is read: only the rules are.
    let (signing_key, manifest, digest) = ("key".into(), "manifest".into(), "digest".into());
    let files = KeyFiles { signing_key, manifest, retired: Vec::new(), decryption: Vec::new(), digest };
    let keys = KeySource::Files(files);
    let config = Config::new(node, keys, participants(), "journal".into());
    let admission = Admission::new(&config, |_| None).expect("nothing configured");
    let day = BeijingTime::from_unix_micros(START_US).date();
    let spend = Spend { institution: 0, bank: 1, account: 7, amount_fen: 100, day };
    (admission, spend)
}

#[library_benchmark]
#[bench::nothing_configured(setup = admission)]
fn ask_admission((admission, spend): (Admission, Spend)) -> (bool, Admission) {
    let admission = black_box(admission);
    let (rate, allowed) = (admission.rate(0, START_US), admission.allows(0, 1));
    let drained = admission.is_drained(1, START_US) || admission.is_drained(2, START_US);
    let reserved = admission.reserve(black_box(&spend)).is_ok();
    let paced = admission.pace(1, spend.account, START_US) > 0;
    (black_box(rate && allowed && !drained && reserved && !paced), admission)
}

/// What finds the way of a leg, with one link a bank and no routes.
fn ways() -> (Router, Arc<Board>) {
    let participants = participants();
    let plain = |_: &Participant, _: &LinkConfig| Connector::plain();
    let board = Board::new(&participants, &LinksSection::default(), 1, &Clock::real(), plain);
    (Router::new(participants), board)
}

#[library_benchmark]
#[bench::nothing_configured(setup = ways)]
fn choose_way((router, board): (Router, Arc<Board>)) -> (bool, Router, Arc<Board>) {
    let (bank, turn) = black_box((1, 7));
    let via = if router.is_plain_at(bank) { router.via(bank, 0) } else { u16::MAX };
    let choice = board.bundle(via).map(|bundle| bundle.choose(Takers::NONE, turn));
    (black_box(matches!(choice, Some(Choice::Link(..)))), router, board)
}

fn accountant(_: ()) -> Accountant {
    let mut accountant = Accountant::new(Metrics::new(1, Vec::new(), Clock::real()).worker(0));
    accountant.account();
    accountant
}

// All that the account of the stages costs one payment, the clock aside: callgrind does not see into it.
#[library_benchmark]
#[bench::alone_in_its_bursts(setup = accountant, args = (()))]
fn account_stages(mut accountant: Accountant) -> Accountant {
    black_box(&mut accountant).account();
    accountant
}

library_benchmark_group!(name = codec, benchmarks = [decode, decode_and_check, forward_leg, encode_message]);
library_benchmark_group!(
    name = switch,
    benchmarks = [
        step_payment,
        encode_record,
        get_payment,
        replace_payment,
        book_payment,
        note_particulars,
        check_agreement,
        ask_admission,
        choose_way,
        account_stages
    ]
);
main!(library_benchmark_groups = [codec, switch]);
