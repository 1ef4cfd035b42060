//! The page of a sweep, from its record.

use super::plots;
use crate::html::{Cell, Facts, Figure, Notice, Shell, Table, Tiles, Tone};
use crate::overload::{End, OverloadPlan, OverloadRecord, Recovery, Step};
use crate::plot::Unit;
use askama::Template;
use std::time::Duration;

/// A goodput at three times the capacity of less than this share of that at the capacity is a collapse.
const KEPT_MIN: f64 = 0.9;

#[derive(Template)]
#[template(path = "overload.html")]
struct Body {
    notices: Vec<Notice>,
    tiles: Tiles,
    goodput: Vec<Figure>,
    steps: Table,
    recovery: Option<Figure>,
    plan: Facts,
    origin: Facts,
}

/// The page of a sweep: a document that stands alone.
pub fn overload_page(record: &OverloadRecord) -> String {
    let body = Body {
        notices: [Some(end(record)), not_offered(record)].into_iter().flatten().collect(),
        tiles: tiles(record),
        goodput: plots::figures(record),
        steps: steps(&record.steps),
        recovery: record.recovery.as_ref().map(plots::recovery),
        plan: plan(&record.plan),
        origin: Facts::of(record.manifest.as_ref()),
    };
    let lead = format!(
        "from {} to {} times a capacity of {}, suite {}",
        record.plan.factors.first().unwrap_or(&0.0),
        record.plan.factors.last().unwrap_or(&0.0),
        Unit::PerSecond.short(record.plan.capacity_per_s),
        record.steps.first().map_or("unknown", |step| &step.report.suite)
    );
    Shell::new("Overload", lead, body.to_string(), FOOT).to_string()
}

const FOOT: &str =
    "clearway-loadgen overload. Every figure stands in the sweep's JSON record under its documented name.";

fn end(record: &OverloadRecord) -> Notice {
    let (tone, head, said) = match (record.end, record.goodput_at_3x) {
        (End::Complete, Some(_)) if !record.is_offered() => {
            (Tone::Warn, "Not proven: not every load reached the target", "Every load was run.")
        }
        (End::Complete, Some(kept)) if kept >= KEPT_MIN => (Tone::Good, "Holds under overload", "Every load was run."),
        (End::Complete, Some(_)) => (Tone::Bad, "Collapses under overload", "Every load was run."),
        (End::Complete, None) => (Tone::Warn, "Not taken to three times the capacity", "Every load was run."),
        (End::Unsafe, _) => (Tone::Bad, "Ended early", "The target broke a rule, which no load excuses."),
        (End::TargetDown, _) => (Tone::Bad, "Ended early", "The target answered nothing at all."),
        (End::Stopped, _) => (Tone::Warn, "Ended early", "It was stopped."),
    };
    Notice::new(tone, head, [said])
}

/// Loads that the target has not seen.
fn not_offered(record: &OverloadRecord) -> Option<Notice> {
    let told = |step: &&Step| {
        let sent = Unit::PerSecond.print(step.report.achieved_per_s);
        format!("{} ×: {sent} of {} left in time", step.factor, Unit::PerSecond.print(step.rate_per_s))
    };
    let missed: Vec<String> = record.steps.iter().filter(|step| !step.is_offered).map(|step| told(&step)).collect();
    let head = "INVALID at some loads: the generator was the limit";
    (!missed.is_empty()).then(|| Notice::new(Tone::Bad, head, missed))
}

fn tiles(record: &OverloadRecord) -> Tiles {
    let mut tiles = Tiles::new();
    if let Some(kept) = record.goodput_at_3x {
        let note = "goodput at 3 × / goodput at the capacity";
        tiles = tiles.with_toned(Tone::of(kept >= KEPT_MIN), "goodput kept at 3 ×", Unit::Share.print(kept), note);
    }
    let deadline = Unit::Seconds.short(record.plan.deadline.as_secs_f64());
    let tile = |tiles: Tiles, label: &str, factor: f64| match record.at(factor) {
        Some(step) => tiles.with(label, Unit::PerSecond.print(step.goodput_per_s), format!("final within {deadline}")),
        None => tiles,
    };
    tiles = tile(tiles, "goodput at the capacity", 1.0);
    tiles = tile(tiles, "goodput at 3 ×", 3.0);
    match &record.recovery {
        Some(Recovery { seconds: Some(seconds), factor, .. }) => {
            let note = format!("after the step down to {factor} ×");
            tiles.with_toned(Tone::Good, "recovered after", Unit::Seconds.short(*seconds), note)
        }
        Some(Recovery { factor, begins_s, ends_s, .. }) => {
            let note = format!("within {} at {factor} ×", Unit::Seconds.short(ends_s - begins_s));
            tiles.with_toned(Tone::Bad, "recovered", "no", note)
        }
        None => tiles,
    }
}

fn steps(steps: &[Step]) -> Table {
    const HEADINGS: [&str; 12] = [
        "#load",
        "#offered",
        "#sent",
        "#goodput",
        "#final",
        "#p50",
        "#p99",
        "#refused",
        "#unknown",
        "#dropped",
        "#connections",
        "#sender's core",
    ];
    let mut table = Table::new("", &HEADINGS);
    for step in steps {
        let (report, tone) = (&step.report, if step.is_offered { Tone::Plain } else { Tone::Bad });
        let factor = Cell::toned(tone, format!("{} ×", step.factor));
        let factor = if step.is_offered { factor } else { factor.noted("NOT OFFERED") };
        let rates = [step.rate_per_s, report.achieved_per_s, step.goodput_per_s, report.payments_per_second];
        let latencies = [report.response_us.p50, report.response_us.p99];
        let counts = [report.refused, report.unknown, report.dropped, report.connections as u64];
        let cells = rates.into_iter().map(|rate| Unit::PerSecond.print(rate));
        let cells = cells.chain(latencies.into_iter().map(|value| Unit::Micros.print(value as f64)));
        let cells = cells.chain(counts.into_iter().map(|value| Unit::Count.print(value as f64)));
        let cells = cells.chain([Unit::Share.print(report.sender_busy)]).map(Cell::from);
        table.push([factor].into_iter().chain(cells));
    }
    table
}

fn plan(plan: &OverloadPlan) -> Facts {
    let seconds = |length: Duration| Unit::Seconds.short(length.as_secs_f64());
    Facts::new()
        .with("capacity", Unit::PerSecond.short(plan.capacity_per_s))
        .with("deadline", format!("{} from the intended instant", seconds(plan.deadline)))
        .with("each load", format!("{} measured after {} of warm-up", seconds(plan.measured), seconds(plan.warm_up)))
        .with("cool-down", seconds(plan.cool_down))
        .with("recovery", format!("watched for {} at {} ×", seconds(plan.recovery), plan.recovery_factor))
}
