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

use bytes::BytesMut;
use clearway::domain::record::{Record, RecordKind};
use clearway::domain::{Event, Leg, Outcome, Payment, Timing, transition};
use clearway::table::Table;
use clearway_bench::samples::{
    Evidence, QUERY_301, REFUND_205, REQUEST_201, START_US, accepted, finished, header, leg_values, receipt_values,
    trx_id,
};
use clearway_codec::{BatchId, Checked, Decoder, Direction, Fields, MessageType, encode, forward};
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

library_benchmark_group!(name = codec, benchmarks = [decode, decode_and_check, forward_leg, encode_message]);
library_benchmark_group!(name = switch, benchmarks = [step_payment, encode_record, get_payment, replace_payment]);
main!(library_benchmark_groups = [codec, switch]);
