//! Wall time of the switch's parts: transition, record, table, journal. `cargo bench -p clearway-bench --bench switch`.
//!
//! The journal's figures depend on the disk of the target folder; they are printed with its driver.

use std::hint::black_box;
use std::time::Duration;

use clearway::clock::Clock;
use clearway::domain::link::LinkNumber;
use clearway::domain::record::{Record, RecordKind};
use clearway::domain::{Event, Leg, Outcome, Payment, Timing, transition};
use clearway::journal::{Journal, Options, Work};
use clearway::metrics::Metrics;
use clearway::positions::Live;
use clearway::table::Table;
use clearway_bench::samples::{Accountant, Evidence, START_US, accepted, finished, trx_id};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

/// Payments in the table that is looked into.
const TABLE_PAYMENTS: u64 = 1_000_000;

fn next(payment: &Payment, event: Event, timing: &Timing) -> Payment {
    match transition(payment, event, START_US + 1, timing) {
        Outcome::Changed { next, .. } => next,
        Outcome::Unchanged { reason, .. } => panic!("{event:?}: {reason:?}"),
    }
}

fn bench_transition(criterion: &mut Criterion) {
    let timing = Timing::default();
    let payment = accepted(1, &timing);
    let paid = next(&payment, Event::LegSucceeded(Leg::One), &timing);
    let mut group = criterion.benchmark_group("transition");
    for (name, payment, event) in
        [("leg_1", payment, Event::LegSucceeded(Leg::One)), ("leg_2", paid, Event::LegSucceeded(Leg::Two))]
    {
        group.bench_function(name, |bencher| {
            bencher.iter(|| transition(black_box(&payment), event, START_US + 1, &timing))
        });
    }
    group.finish();
}

fn bench_record(criterion: &mut Criterion) {
    let (payment, evidence) = (finished(1, &Timing::default()), Evidence::compose().expect("samples"));
    let kind = RecordKind::Event(Event::LegSucceeded(Leg::One));
    let attachments = evidence.attachments(kind, START_US);
    let record = Record {
        kind,
        at_us: START_US,
        link: LinkNumber::NONE,
        payment: &payment,
        original: None,
        images: &[],
        attachments: &attachments,
    };
    let mut out = Vec::with_capacity(8192);
    criterion.bench_function("record/encode", |bencher| {
        bencher.iter(|| {
            out.clear();
            black_box(&record).encode(&mut out);
        });
    });
}

fn bench_table(criterion: &mut Criterion) {
    let timing = Timing::default();
    let table = Table::new(64, usize::MAX);
    for number in 0..TABLE_PAYMENTS {
        table.lock(trx_id(number)).insert(accepted(number, &timing)).expect("there is room");
    }
    let mut group = criterion.benchmark_group("table_of_1m");
    let (mut seen, mut fresh) = (0, TABLE_PAYMENTS);
    group.bench_function("get", |bencher| {
        bencher.iter(|| {
            // A stride that visits all of them, so that caches help no more than in life.
            seen = (seen + 7_919) % TABLE_PAYMENTS;
            table.get(black_box(trx_id(seen)))
        });
    });
    group.bench_function("replace", |bencher| {
        bencher.iter(|| {
            seen = (seen + 7_919) % TABLE_PAYMENTS;
            let mut guard = table.lock(trx_id(seen));
            let mut next = guard.get(trx_id(seen)).copied().expect("it is there");
            next.step += 1;
            guard.replace(next);
        });
    });
    group.bench_function("insert", |bencher| {
        bencher.iter_batched(
            || {
                fresh += 1;
                accepted(fresh, &timing)
            },
            |payment| table.lock(payment.trx_id).insert(payment),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

/// A payment's four records without the journal (encoded, and its after-image in the table), with and without the live books: what the
/// books add to what was done before there were any.
fn bench_books(criterion: &mut Criterion) {
    let (timing, evidence) = (Timing::default(), Evidence::compose().expect("samples"));
    let events = [Event::LegSucceeded(Leg::One), Event::LegSucceeded(Leg::Two), Event::ReceiptDelivered];
    let mut out = Vec::with_capacity(8192);
    let mut group = criterion.benchmark_group("payment_kept");
    for (name, has_books) in [("without_books", false), ("with_books", true)] {
        let (table, live, mut number) = (Table::new(64, usize::MAX), Live::new(1), 0);
        let mut keep = |before: Option<&Payment>, after: &Payment, kind| {
            let mut guard = table.lock(after.trx_id);
            let entry = has_books.then(|| live.enter(0, before, after).expect("nothing is closed"));
            let attachments = evidence.attachments(kind, START_US);
            let (link, images) = (LinkNumber::NONE, [].as_slice());
            out.clear();
            let record = Record {
                kind,
                at_us: START_US,
                link,
                payment: after,
                original: None,
                images,
                attachments: &attachments,
            };
            black_box(record).encode(&mut out);
            if let Some(entry) = entry {
                entry.book(after, number_of(after));
            }
            match before {
                None => guard.insert(*after).expect("there is room"),
                Some(_) => guard.replace(*after),
            }
        };
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                number += 1;
                let mut payment = accepted(number, &timing);
                keep(None, &payment, RecordKind::Accepted);
                for event in events {
                    let after = next(&payment, event, &timing);
                    keep(Some(&payment), &after, RecordKind::Event(event));
                    payment = after;
                }
            });
        });
    }
    group.finish();
}

/// What the account of the stages costs one payment that shares no burst, its readings of the clock included: to be set against
/// `cpu_us_per_payment`.
fn bench_stages(criterion: &mut Criterion) {
    let mut accountant = Accountant::new(Metrics::new(1, Vec::new(), Clock::real()).worker(0));
    criterion.bench_function("stages_of_one_payment", |bencher| bencher.iter(|| accountant.account()));
}

/// Some position in a journal.
fn number_of(payment: &Payment) -> u64 {
    payment.trx_id as u64
}

/// From append to durable, for bursts of records of real size: what a payment waits for at each of its three steps.
fn bench_journal(criterion: &mut Criterion) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let (journal, _) = Journal::open(Options::new(folder.path())).expect("a journal");
    let record = vec![b'x'; 3_000];
    let mut group = criterion.benchmark_group(format!("journal_commit/{}", journal.driver().replace('+', "_")));
    for burst in [1_usize, 16, 64, 256] {
        group.throughput(Throughput::Elements(burst as u64));
        group.bench_function(format!("burst_{burst}"), |bencher| {
            bencher.iter(|| {
                for _ in 0..burst {
                    journal.append(Work::Running, &[&record]).expect("there is room");
                }
                journal.flush().expect("the disk works");
            });
        });
    }
    group.finish();
}

/// Short runs: these are for people who change something and look.
fn quick() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
}

criterion_group! { name = switch; config = quick(); targets = bench_transition, bench_record, bench_table, bench_books, bench_stages, bench_journal }
criterion_main!(switch);
