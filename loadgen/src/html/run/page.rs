//! The page of one run, from its record.

use super::{plots, stages, tables};
use crate::html::{Facts, Figure, Notice, Shell, Table, Tiles, Tone};
use crate::plot::Unit;
use crate::record::RunRecord;
use crate::report::Report;
use askama::Template;

#[derive(Template)]
#[template(path = "run.html")]
struct Body {
    validity: Notice,
    verdict: Option<Notice>,
    tiles: Tiles,
    latency: Vec<Figure>,
    quantiles: Table,
    load: Vec<Figure>,
    counts: Table,
    stages: Vec<Figure>,
    payments: String,
    budget: Table,
    kinds: Table,
    judged: Option<Facts>,
    examples: Table,
    plan: Facts,
}

/// The page of one run: a document that stands alone.
pub fn run_page(record: &RunRecord) -> String {
    let report = &record.report;
    let body = Body {
        validity: validity(report),
        verdict: record.verdict.as_ref().map(tables::verdict_notice),
        tiles: tiles(report),
        latency: [plots::latency_over_time(record), plots::percentile_curve(record)].into_iter().flatten().collect(),
        quantiles: tables::quantiles(report),
        load: [plots::rates(record), plots::in_flight(record)].into_iter().flatten().collect(),
        counts: tables::counts(report),
        stages: record.stages.as_ref().map(stages::figures).unwrap_or_default(),
        payments: Unit::Count.print(record.stages.as_ref().map_or(0.0, |stages| stages.payments as f64)),
        budget: stages::table(record.stages.as_ref()),
        kinds: tables::kinds(report),
        judged: record.verdict.as_ref().map(|verdict| tables::judged(verdict, record.settled.as_ref())),
        examples: tables::examples(record.verdict.as_ref()),
        plan: tables::plan(record),
    };
    let title = format!("Load run {}", report.plan.profile);
    Shell::new(title, lead(report), body.to_string(), FOOT).to_string()
}

const FOOT: &str = "clearway-loadgen. Every figure stands in the run's JSON record under its documented name.";

/// What was run, in a sentence.
fn lead(report: &Report) -> String {
    format!(
        "{} offered for {}, {} arrivals, suite {}, seed {}",
        Unit::PerSecond.print(report.plan.profile.mean_per_s(report.plan.duration)),
        Unit::Seconds.short(report.plan.duration.as_secs_f64()),
        tables::arrival(report),
        report.suite,
        report.plan.seed
    )
}

/// Whether the figures are to be believed.
fn validity(report: &Report) -> Notice {
    if report.invalid.is_empty() {
        let why = "The generator was on time and sent what was scheduled: the latencies are the target's.";
        Notice::new(Tone::Good, "VALID", [why])
    } else {
        Notice::new(Tone::Bad, "INVALID: do not quote these figures", report.invalid.iter().cloned())
    }
}

fn tiles(report: &Report) -> Tiles {
    let micros = |value: u64| Unit::Micros.print(value as f64);
    let share = report.errors as f64 / report.scheduled.max(1) as f64;
    Tiles::new()
        .with(
            "payments",
            Unit::PerSecond.print(report.payments_per_second),
            format!(
                "final, over {} of {} offered",
                Unit::Seconds.short(report.window_seconds),
                Unit::PerSecond.print(report.offered_per_s)
            ),
        )
        .with("response p50", micros(report.response_us.p50), "from the intended instant")
        .with("response p99", micros(report.response_us.p99), format!("p99.9 {}", micros(report.response_us.p999)))
        .with(
            "slowest",
            micros(report.response_us.max),
            format!("of {}", Unit::Count.print(report.response_us.count as f64)),
        )
        .with("inside the node p99", micros(report.internal_us.p99), "waits for banks left out")
        .with_toned(
            Tone::of(report.errors == 0),
            "errors",
            Unit::Count.print(report.errors as f64),
            format!("{} of {} scheduled", Unit::Share.print(share), Unit::Count.print(report.scheduled as f64)),
        )
}
