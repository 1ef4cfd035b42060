//! Decode and check of a 201 against its floor: quick-xml's bare event loop over the same bytes.
//!
//! ```text
//! cargo run --release -p clearway-codec --example ratio
//! ```
//!
//! Both are timed in turn, many times, in one process; the ratio of the best rounds is the figure.
//! Below it: what writing costs, and the dearest things a stranger can send.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use bytes::BytesMut;
use clearway_codec::limits::MESSAGE_BYTES_MAX;
use clearway_codec::{BatchId, Decoder, Field, MessageType, Values, encode, forward};
use quick_xml::Reader;
use quick_xml::events::Event;

const ROUNDS: usize = 200;
const MESSAGES_PER_ROUND: u32 = 2_000;

/// The floor: every event of the document, borrowed, nothing done with it.
fn event_loop(document: &[u8]) -> usize {
    let mut reader = Reader::from_reader(document);
    let mut events = 0;
    loop {
        match reader.read_event().expect("the vector is well-formed") {
            Event::Eof => return events,
            event => {
                black_box(&event);
                events += 1;
            }
        }
    }
}

fn decode_and_check(decoder: &mut Decoder, bytes: &[u8]) -> usize {
    let message = decoder.decode(bytes).expect("the vector can be read");
    let checked = message.check().expect("the vector keeps to its schema");
    checked.field(Field::TrxAmt).map_or(0, <[u8]>::len)
}

/// Nanoseconds per call in the best round.
fn best_ns(best: f64, mut work: impl FnMut() -> usize) -> f64 {
    let start = Instant::now();
    for _ in 0..MESSAGES_PER_ROUND {
        black_box(work());
    }
    best.min(start.elapsed().as_nanos() as f64 / f64::from(MESSAGES_PER_ROUND))
}

/// Ratio of decode and check to the floor, for one vector.
fn print_ratio(file: &str) {
    let bytes = vector(file);
    let mut decoder = Decoder::new();
    let signed = decoder.decode(&bytes).expect("the vector can be read").signed_bytes();
    let document_len = signed.as_ptr() as usize - bytes.as_ptr() as usize + signed.len();
    let document = &bytes[..document_len];
    let (mut floor, mut codec) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        floor = best_ns(floor, || event_loop(black_box(document)));
        codec = best_ns(codec, || decode_and_check(&mut decoder, black_box(&bytes)));
    }
    let (len, ratio) = (bytes.len(), codec / floor);
    println!("{file}: {len} bytes, event loop {floor:.0} ns, decode + check {codec:.0} ns, ratio {ratio:.2}");
}

/// What the switch does with a payment after the check, and its answer.
fn print_writing() {
    let bytes = vector("pay-201.rsa-2048-sha256.msg");
    let mut decoder = Decoder::new();
    let request = decoder.decode(&bytes).and_then(|message| message.check()).expect("a good vector");
    let header = request.header();
    let batch_id = BatchId::at(header.sent_at).to_text();
    let mut leg = Values::new();
    leg.set(Field::RPFlg, b"1").set(Field::BatchId, &batch_id);
    let mut receipt = Values::new();
    receipt
        .set(Field::SysRtnCd, b"00000000")
        .set_text(Field::SysRtnDesc, "成功")
        .set(Field::SysRtnTm, b"2026-11-20T10:06:54")
        .set(Field::TrxStatus, b"00")
        .set(Field::TrxId, request.field(Field::TrxId).unwrap_or_default());
    let mut out = BytesMut::with_capacity(4_096);
    let (mut forwarding, mut encoding) = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        forwarding = best_ns(forwarding, || {
            out.clear();
            forward(&mut out, black_box(&request), &header, black_box(&leg)).len()
        });
        encoding = best_ns(encoding, || {
            out.clear();
            let span = encode(&mut out, MessageType::Epcc206, &header, black_box(&receipt));
            span.expect("a good receipt").len()
        });
    }
    println!("forward of a 201 {forwarding:.0} ns, encode of a 206 {encoding:.0} ns");
}

/// The dearest refusals: what a stranger can make the codec spend, at the largest size.
fn print_refusals() {
    let query = String::from_utf8(vector("query-301.rsa-2048-sha256.msg")).expect("vectors are UTF-8");
    let fill = |piece: &str| {
        let count = (MESSAGE_BYTES_MAX - query.len()) / piece.len();
        query.replace("</MsgBody>", &format!("{}</MsgBody>", piece.repeat(count)))
    };
    let attributes: String = (0..80_000).map(|index| format!(" a{index}=''")).collect();
    let cases = [
        ("one long text", fill("x")),
        ("references", fill("&amp;")),
        ("white space", fill(" ")),
        ("brackets", fill("]]")),
        ("elements", fill("<a/>")),
        ("depth", fill("<a>")),
        ("80,000 attributes", query.replace("<MsgBody>", &format!("<MsgBody{attributes}>"))),
        ("attributes at full size", query.replace("<MsgBody>", &format!("<MsgBody{}>", &attributes[..60_000]))),
        ("quotes", fill("<a b='' c='>")),
        ("open tag", fill("<a ")),
    ];
    let mut decoder = Decoder::new();
    for (name, text) in cases {
        let mut best = f64::MAX;
        for _ in 0..5 {
            best = best_ns(best, || decoder.decode(black_box(text.as_bytes())).is_ok().into());
        }
        println!("{name}, {} bytes: {:.1} us", text.len(), best / 1_000.0);
    }
}

fn vector(file: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(file)).expect("the vectors are here")
}

fn main() {
    for case in ["pay-201", "pay-201-leg1", "refund-205", "query-301", "escaped-text"] {
        print_ratio(&format!("{case}.rsa-2048-sha256.msg"));
    }
    print_writing();
    print_refusals();
}
