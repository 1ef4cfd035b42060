//! The page of one run, from its record.

use super::{plots, stages, tables};
use crate::html::{Facts, Figure, Notice, Shell, Table, Tiles, Tone};
use crate::plot::Unit;
use crate::record::RunRecord;
use crate::report::Report;
use crate::slo::Judgement;
use askama::Template;

#[derive(Template)]
#[template(path = "run.html")]
struct Body {
    validity: Notice,
    aborted: Option<Notice>,
    judgement: Option<Notice>,
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
        aborted: aborted(report),
        judgement: record.judgement.as_ref().map(objective),
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
    let suite = if is_bare(report) { "bare HTTP".to_owned() } else { format!("suite {}", report.suite) };
    let rate = Unit::PerSecond.short(report.plan.profile.mean_per_s(report.plan.duration));
    let length = Unit::Seconds.short(report.plan.duration.as_secs_f64());
    let begun = report.started_at.get(..19).map(|begun| format!(", begun {} UTC", begun.replace('T', " ")));
    format!(
        "{rate} offered for {length}, {} arrivals, {suite}, seed {}{}",
        tables::arrival(report),
        report.plan.seed,
        begun.unwrap_or_default()
    )
}

/// Whether there is no wire in it: one request again and again.
fn is_bare(report: &Report) -> bool {
    report.suite == "none"
}

/// That the run ended itself.
fn aborted(report: &Report) -> Option<Notice> {
    let aborted = report.aborted.as_ref()?;
    let told = format!("After {}: {}", Unit::Seconds.print(aborted.at_s), aborted.reason);
    Some(Notice::new(Tone::Warn, "The run ended itself before its schedule did", [told]))
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

/// The objective, asked beside measured.
fn objective(judgement: &Judgement) -> Notice {
    let head = if judgement.is_met() { "SLO met" } else { "SLO NOT met" };
    let told = judgement.criteria.iter().map(|judged| {
        let missed = if judged.is_met { "" } else { ": MISSED" };
        format!("{} measured {}{missed}", judged.asked, judged.shown)
    });
    Notice::new(Tone::of(judgement.is_met()), head, told)
}

fn tiles(report: &Report) -> Tiles {
    let micros = |value: u64| Unit::Micros.print(value as f64);
    let (window, offered) = (Unit::Seconds.short(report.window_seconds), Unit::PerSecond.short(report.offered_per_s));
    let good = if is_bare(report) { "good answers" } else { "payments" };
    let share = report.errors as f64 / report.scheduled.max(1) as f64;
    let errors = format!("{} of {} scheduled", Unit::Share.short(share), Unit::Count.print(report.scheduled as f64));
    let response = &report.response_us;
    let tiles = Tiles::new()
        .with(good, Unit::PerSecond.print(report.payments_per_second), format!("over {window} of {offered} offered"))
        .with("response p50", micros(response.p50), "from the intended instant")
        .with("response p99", micros(response.p99), format!("p99.9 {}", micros(response.p999)))
        .with("slowest", micros(response.max), format!("of {}", Unit::Count.print(response.count as f64)));
    let tiles = if report.internal_us.count > 0 {
        tiles.with("inside the node p99", micros(report.internal_us.p99), "waits for banks left out")
    } else {
        tiles
    };
    tiles.with_toned(Tone::of(report.errors == 0), "errors", Unit::Count.print(report.errors as f64), errors)
}
