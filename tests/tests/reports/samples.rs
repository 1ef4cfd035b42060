//! Records as runs leave them, made up from a seed: an afternoon's swell, a stall, a tail.

use clearway_loadgen::histogram::Latencies;
use clearway_loadgen::manifest::{Machine, Manifest, Program};
use clearway_loadgen::overload::{self, OverloadPlan, OverloadRecord, Stage as Load};
use clearway_loadgen::record::{Recording, RunRecord, Slice, Stage, StageBudget};
use clearway_loadgen::report::OfKind;
use clearway_loadgen::search::{Attempt, Search, SearchPlan, SearchRecord, Site, carry_out};
use clearway_loadgen::{Profile, Report, Settled, Slo, Verdict};
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
    let mut recording = Recording::default();
    for second in 0..seconds {
        let (slice, response, service) = slice(&mut random, second, rate_per_s, second == seconds / 2);
        recording.slices.push(slice);
        recording.measured.response.merge(&response);
        recording.measured.service.merge(&service);
    }
    recording.measured.internal = latencies(&mut random, 610.0, u64::from(seconds) * rate_per_s);
    let report = report(&mut random, seconds, rate_per_s, &recording);
    let mut record = RunRecord::new(report, &recording);
    record.manifest = Some(manifest(seed));
    let slo: Slo = "p99<20ms,p50<5ms,errors<0.01%".parse().expect("an objective");
    record.judgement = Some(slo.judge(&(&record).into()));
    record.stages = Some(stages());
    record.settled = Some(Settled { open: 3, queries: 5, rounds: 2, seconds: 1.25, ..Settled::default() });
    record.verdict = Some(verdict(u64::from(seconds) * rate_per_s));
    record
}

fn report(random: &mut ChaCha8Rng, seconds: u32, rate_per_s: u64, recording: &Recording) -> Report {
    let seen = &recording.measured;
    let all = u64::from(seconds) * rate_per_s;
    let mut report = Report {
        started_at: "2026-11-20T19:35:46.123Z".into(),
        run_number: 4711,
        suite: "ECDSA-P256-SHA256".into(),
        window_start_s: 5.0,
        window_seconds: f64::from(seconds) - 5.0,
        drain_seconds: 0.012,
        offered_per_s: rate_per_s as f64,
        achieved_per_s: rate_per_s as f64 * 0.9996,
        payments_per_second: rate_per_s as f64 * 0.9,
        response_us: seen.response.quantiles(),
        service_us: seen.service.quantiles(),
        internal_us: seen.internal.quantiles(),
        lateness_us: latencies(random, 40.0, all).quantiles(),
        scheduled: all,
        sent: all,
        late: 61,
        finals: all * 9 / 10,
        refused: all / 40,
        affected: 400,
        connections: 64,
        sender_cpu_us_per_request: 61.4,
        sender_busy: 0.031,
        ..Report::default()
    };
    report.plan.profile = Profile::constant(rate_per_s as f64);
    report.plan.duration = Duration::from_secs(u64::from(seconds));
    report.plan.warm_up = Duration::from_secs(5);
    let outcomes = [("00".to_owned(), all * 9 / 10), ("01".to_owned(), all / 40)].into();
    let of_kind = OfKind { sent: all, outcomes, response_us: seen.response.quantiles() };
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

fn manifest(seed: u64) -> Manifest {
    Manifest {
        seed,
        config_digest: Some(format!("sha256:{}", "5e".repeat(32))),
        target: "http://127.0.0.1:8443/preSvr".into(),
        program: Program {
            version: "0.1.0".into(),
            build: "release".into(),
            rustc: Some("rustc 1.95.0".into()),
            commit: Some("0123456789ab".into()),
            dirty: false,
            command: ["clearway-loadgen", "run", "--config", "loadgen.toml", "--rate", "500"].map(Into::into).to_vec(),
        },
        machine: Machine {
            cpu: "AMD EPYC 9R45".into(),
            cores: 2,
            cpu_features: ["aes", "avx2", "sha_ni"].map(Into::into).to_vec(),
            memory_bytes: 24 << 30,
            numa_nodes: 1,
            kernel: "6.12.0".into(),
            virtual_machine: true,
            load_average: Some(0.12),
            ..Machine::default()
        },
    }
}

/// A server whose p99 grows like a queue's, to be searched.
struct Queue {
    random: ChaCha8Rng,
    capacity_per_s: f64,
    runs: u32,
}

impl Site for Queue {
    type Error = std::convert::Infallible;

    fn run(&mut self, attempt: &Attempt) -> Result<Option<RunRecord>, Self::Error> {
        self.runs += 1;
        let room = (1.0 - attempt.rate_per_s / self.capacity_per_s).max(0.002);
        let median_us = 700.0 / room;
        let mut recording = Recording::default();
        recording.measured.response = latencies(&mut self.random, median_us, 4_000);
        let mut report = report(&mut self.random, 20, attempt.rate_per_s as u64, &recording);
        if self.runs.is_multiple_of(7) {
            report.invalid.push("generator late: p99 lateness 1,320 us".into());
        }
        Ok(Some(RunRecord::new(report, &recording)))
    }
}

/// A search that found something, with trials of every outcome.
pub(crate) fn search_record(seed: u64) -> SearchRecord {
    let mut queue = Queue { random: ChaCha8Rng::seed_from_u64(seed), capacity_per_s: 1_300.0, runs: 0 };
    let search = Search::new(SearchPlan::default()).expect("the default can be carried out");
    let slo = "p99<20ms,errors<0.01%".parse().expect("an objective");
    match carry_out(search, &slo, &mut queue) {
        Ok(record) => SearchRecord { manifest: Some(manifest(seed)), ..record },
        Err(never) => match never {},
    }
}

/// A server that does a little less than its best when it is asked for more.
struct Overloaded {
    random: ChaCha8Rng,
    capacity_per_s: f64,
}

impl overload::Site for Overloaded {
    type Error = clearway_loadgen::Error;

    fn run(&mut self, load: &Load) -> Result<Option<RunRecord>, Self::Error> {
        let offered_per_s = load.profile.peak_per_s(load.duration);
        let excess = (offered_per_s / self.capacity_per_s - 1.0).max(0.0);
        let goodput_per_s = offered_per_s.min(self.capacity_per_s) * (1.0 - 0.02 * excess);
        let mut recording = Recording::default();
        recording.measured.response = latencies(&mut self.random, 900.0 + 400_000.0 * excess, 4_000);
        for second in 0..load.duration.as_secs() as u32 {
            let before = load.is_recovery && second < 10;
            let after_s = f64::from(second) - 10.0;
            let in_time =
                if before { goodput_per_s } else { self.capacity_per_s / 2.0 * (0.6 + 0.2 * after_s).min(1.0) };
            let slice = Slice { at_s: f64::from(second), seconds: 1.0, in_time: in_time as u64, ..Slice::default() };
            recording.slices.push(slice);
        }
        let mut report = report(&mut self.random, 10, offered_per_s as u64, &recording);
        report.offered_per_s = offered_per_s;
        report.achieved_per_s = if load.factor > 2.6 { offered_per_s * 0.8 } else { offered_per_s };
        report.goodput_per_s = goodput_per_s;
        report.payments_per_second = goodput_per_s * (1.0 + 0.04 * excess);
        Ok(Some(RunRecord::new(report, &recording)))
    }
}

/// A sweep that is not offered in full at its highest load, and a target that recovers after two seconds.
pub(crate) fn overload_record(seed: u64) -> OverloadRecord {
    let mut site = Overloaded { random: ChaCha8Rng::seed_from_u64(seed), capacity_per_s: 1_500.0 };
    let plan = OverloadPlan { capacity_per_s: 1_500.0, ..OverloadPlan::default() };
    let record = overload::carry_out(plan, &mut site).expect("the default can be carried out");
    OverloadRecord { manifest: Some(manifest(seed)), ..record }
}
