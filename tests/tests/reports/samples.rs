//! Records as runs leave them, made up from a seed: an afternoon's swell, a stall, a tail.

use clearway_loadgen::histogram::Latencies;
use clearway_loadgen::record::{CurvePoint, RunRecord, Slice, Stage, StageBudget};
use clearway_loadgen::report::OfKind;
use clearway_loadgen::{Profile, Report, Settled, Verdict};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::time::Duration;

/// Latencies of so many answers around `median_us`, with a tail of one in a hundred and another of one in a thousand.
fn latencies(random: &mut ChaCha8Rng, median_us: f64, count: u64) -> Latencies {
    let mut latencies = Latencies::new();
    for _ in 0..count {
        let unit = f64::from(random.next_u32()) / f64::from(u32::MAX);
        let tail = 1.0 + 0.25 / (1.0001 - unit).sqrt();
        latencies.record((median_us * tail * 0.75) as u64);
    }
    latencies
}

/// As many points as a record holds.
fn curve(latencies: &Latencies) -> Vec<CurvePoint> {
    let histogram = latencies.histogram();
    let quantiles = (0..=100).map(|step| 1.0 - 10f64.powf(-f64::from(step) / 20.0)).chain([1.0]);
    let point = |quantile| {
        let value_us = histogram.value_at_quantile(quantile);
        CurvePoint { quantile, value_us, count: histogram.count_between(0, value_us) }
    };
    quantiles.map(point).collect()
}

/// One second of a run at `rate` a second.
fn slice(random: &mut ChaCha8Rng, second: u32, rate: u64, stalled: bool) -> (Slice, Latencies, Latencies) {
    let median_us = 900.0 + f64::from(random.next_u32() % 120);
    let service = latencies(random, median_us, rate);
    let response = latencies(random, if stalled { 420_000.0 } else { median_us + 30.0 }, rate);
    let slice = Slice {
        at_s: f64::from(second),
        seconds: 1.0,
        scheduled: rate,
        sent: rate,
        late: u64::from(random.next_u32() % 3),
        completed: rate,
        finals: rate * 9 / 10,
        refused: rate / 40,
        in_flight: if stalled { 430 } else { 3 + u64::from(random.next_u32() % 4) },
        response_us: response.quantiles(),
        service_us: service.quantiles(),
        ..Slice::default()
    };
    (slice, response, service)
}

/// A run of `seconds` at `rate_per_s`, with a stall in the middle.
pub(crate) fn run_record(seed: u64, seconds: u32, rate_per_s: u64) -> RunRecord {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut responses, mut services) = (Latencies::new(), Latencies::new());
    let mut record = RunRecord::new(Report::default());
    for second in 0..seconds {
        let (slice, response, service) = slice(&mut random, second, rate_per_s, second == seconds / 2);
        record.slices.push(slice);
        responses.merge(&response);
        services.merge(&service);
    }
    record.response_curve = curve(&responses);
    record.service_curve = curve(&services);
    record.report = report(&mut random, seconds, rate_per_s, (&responses, &services));
    record.stages = Some(stages());
    record.settled = Some(Settled { open: 3, queries: 5, rounds: 2, seconds: 1.25, ..Settled::default() });
    record.verdict = Some(verdict(u64::from(seconds) * rate_per_s));
    record
}

fn report(random: &mut ChaCha8Rng, seconds: u32, rate_per_s: u64, seen: (&Latencies, &Latencies)) -> Report {
    let all = u64::from(seconds) * rate_per_s;
    let mut report = Report {
        run_number: 4711,
        suite: "ECDSA-P256-SHA256".into(),
        window_seconds: f64::from(seconds) - 5.0,
        payments_per_second: rate_per_s as f64 * 0.9,
        response_us: seen.0.quantiles(),
        service_us: seen.1.quantiles(),
        internal_us: latencies(random, 610.0, all).quantiles(),
        lateness_us: latencies(random, 40.0, all).quantiles(),
        scheduled: all,
        sent: all,
        late: 61,
        finals: all * 9 / 10,
        refused: all / 40,
        affected: 400,
        connections: 64,
        sender_cpu_us_per_request: 61.4,
        ..Report::default()
    };
    report.plan.profile = Profile::constant(rate_per_s as f64);
    report.plan.duration = Duration::from_secs(u64::from(seconds));
    report.plan.warm_up = Duration::from_secs(5);
    let outcomes = [("00".to_owned(), all * 9 / 10), ("01".to_owned(), all / 40)].into();
    let of_kind = OfKind { sent: all, outcomes, response_us: seen.0.quantiles() };
    report.kinds = [("payment".to_owned(), of_kind)].into();
    report
}

fn stages() -> StageBudget {
    const STAGES: [(&str, f64, f64); 10] = [
        ("read", 14.2, 9.1),
        ("queue", 41.0, 0.0),
        ("decode", 11.9, 11.2),
        ("verify", 112.4, 108.0),
        ("admit", 6.3, 5.8),
        ("sign", 61.7, 58.1),
        ("commit-wait", 318.5, 4.2),
        ("forward", 22.8, 18.8),
        ("bank-wait", 384.0, 0.0),
        ("write", 12.6, 9.9),
    ];
    let stage = |&(name, wall_us, cpu_us): &(&str, f64, f64)| Stage { name: name.into(), wall_us, cpu_us };
    StageBudget {
        payments: 27_000,
        stages: STAGES.iter().map(stage).collect(),
        total_wall_us: 992.1,
        total_cpu_us: 241.3,
    }
}

fn verdict(all: u64) -> Verdict {
    let finals = all * 9 / 10;
    let fen = u128::from(finals) * 1_234;
    Verdict {
        accepted: finals,
        finals,
        refused: all - finals,
        debited_fen: fen,
        credited_fen: fen,
        money_conserved: true,
        ok: true,
        ..Verdict::default()
    }
}
