//! Wall time of the codec: `cargo bench -p clearway-bench --bench codec`.

use std::hint::black_box;
use std::time::Duration;

use bytes::BytesMut;
use clearway_bench::samples::{
    QUERY_301, REFUND_205, REQUEST_201, REQUEST_201_RSA, header, leg_values, receipt_values,
};
use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::{BatchId, Decoder, Direction, MessageType, decode_signature, encode, forward};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SAMPLES: [(&str, &[u8]); 4] =
    [("pay_201", REQUEST_201), ("pay_201_rsa", REQUEST_201_RSA), ("refund_205", REFUND_205), ("query_301", QUERY_301)];

fn bench_decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    for (name, bytes) in SAMPLES {
        let mut decoder = Decoder::new();
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| decoder.decode(black_box(bytes)).is_ok()));
    }
    group.finish();
}

/// The walk of the schema is part of decode; this is what giving out the fields adds.
fn bench_check(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    for (name, bytes) in SAMPLES {
        let mut decoder = Decoder::new();
        let message = decoder.decode(bytes).expect("a sample can be read");
        group.bench_function(name, |bencher| bencher.iter(|| black_box(&message).check().is_ok()));
    }
    group.finish();
}

fn bench_signature_text(criterion: &mut Criterion) {
    let mut decoder = Decoder::new();
    let message = decoder.decode(REQUEST_201_RSA).expect("a sample can be read");
    let text = message.signature_text().expect("a sample is signed");
    let mut out = [0; SIGNATURE_BYTES_MAX];
    criterion
        .bench_function("decode_signature/rsa", |bencher| bencher.iter(|| decode_signature(black_box(text), &mut out)));
}

fn bench_forward(criterion: &mut Criterion) {
    let mut decoder = Decoder::new();
    let request =
        decoder.decode(REQUEST_201).and_then(|message| message.check()).expect("a sample keeps to its schema");
    let header = header(MessageType::Epcc201, Direction::SWITCH_TO_PAYER_BANK).expect("a sample header");
    let batch = BatchId::at(header.sent_at).to_text();
    let mut out = BytesMut::with_capacity(4096);
    criterion.bench_function("forward/pay_201", |bencher| {
        bencher.iter(|| {
            out.clear();
            forward(&mut out, black_box(&request), &header, &leg_values(&batch))
        });
    });
}

fn bench_encode(criterion: &mut Criterion) {
    let mut decoder = Decoder::new();
    let request =
        decoder.decode(REQUEST_201).and_then(|message| message.check()).expect("a sample keeps to its schema");
    let header = header(MessageType::Epcc206, Direction::SWITCH_TO_PI).expect("a sample header");
    let values = receipt_values(&request);
    let mut out = BytesMut::with_capacity(4096);
    criterion.bench_function("encode/receipt_206", |bencher| {
        bencher.iter(|| {
            out.clear();
            encode(&mut out, MessageType::Epcc206, &header, black_box(&values)).is_ok()
        });
    });
}

/// Short runs: these are for people who change something and look.
fn quick() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(30)
}

criterion_group! { name = codec; config = quick(); targets = bench_decode, bench_check, bench_signature_text, bench_forward, bench_encode }
criterion_main!(codec);
