//! The plots of a sweep: goodput and latency by offered load, and the way back.

use crate::html::Figure;
use crate::overload::{OverloadRecord, Recovery, Step};
use crate::plot::{Axis, Chart, Colour, Mark, Series, Shape, Unit};

/// Goodput, then latency.
pub(super) fn figures(record: &OverloadRecord) -> Vec<Figure> {
    if record.steps.is_empty() { Vec::new() } else { vec![goodput(record), latency(record)] }
}

fn goodput(record: &OverloadRecord) -> Figure {
    let seen = |pick: fn(&Step) -> f64| by_load(record, |step| step.is_offered, pick);
    let missed = by_load(record, |step| !step.is_offered, |step| step.goodput_per_s);
    let most = record.steps.iter().map(|step| step.rate_per_s).fold(0.0, f64::max);
    let capacity = record.plan.capacity_per_s;
    let mut series = vec![
        Series::new("ideal", Colour::Grey, Shape::Hair(vec![(0.0, 0.0), (capacity, capacity), (most, capacity)])),
        Series::new("final, late ones too", Colour::Orange, Shape::Beads(seen(|step| step.report.payments_per_second))),
        Series::new("goodput", Colour::Blue, Shape::Beads(seen(|step| step.goodput_per_s))),
    ];
    if !missed.is_empty() {
        series.push(Series::new("not offered in full", Colour::Grey, Shape::Rings(missed)));
    }
    let chart = Chart {
        id: "goodput".into(),
        title: "Goodput by offered load".into(),
        description: record.to_string(),
        x: Axis::linear("offered", Unit::PerSecond),
        y: Axis::linear("payments", Unit::PerSecond),
        series,
        marks: vec![Mark::upright(capacity, "capacity", Colour::Ink)],
    };
    let deadline = Unit::Seconds.short(record.plan.deadline.as_secs_f64());
    Figure::of(&chart, format!("Goodput: payments that were final within {deadline} of their intended instant."))
}

fn latency(record: &OverloadRecord) -> Figure {
    let of = |pick: fn(&Step) -> u64| -> Vec<(f64, f64)> {
        let steps = record.steps.iter().filter(|step| step.report.response_us.count > 0);
        steps.map(|step| (step.rate_per_s, pick(step).max(1) as f64)).collect()
    };
    let deadline = record.plan.deadline.as_secs_f64();
    let chart = Chart {
        id: "latency".into(),
        title: "Response time by offered load".into(),
        description: "p50 and p99 of what was answered, from the intended instant.".into(),
        x: Axis::linear("offered", Unit::PerSecond),
        y: Axis::log("response time", Unit::Micros),
        series: vec![
            Series::new("p99", Colour::Orange, Shape::Beads(of(|step| step.report.response_us.p99))),
            Series::new("p50", Colour::Blue, Shape::Beads(of(|step| step.report.response_us.p50))),
        ],
        marks: vec![
            Mark::level(deadline * 1e6, "deadline", Colour::Red),
            Mark::upright(record.plan.capacity_per_s, "capacity", Colour::Ink),
        ],
    };
    Figure::of(&chart, "Of what was answered, from the intended instant.")
}

/// The run that steps down from the highest load.
pub(super) fn recovery(recovery: &Recovery) -> Figure {
    let points =
        recovery.slices.iter().map(|slice| (slice.at_s + slice.seconds / 2.0, slice.in_time as f64 / slice.seconds));
    let told = match recovery.seconds {
        Some(seconds) => format!("It recovered {} after the step down.", Unit::Seconds.short(seconds)),
        None => "It did not recover while it was watched.".into(),
    };
    let reference = Mark::level(recovery.reference_per_s, "the same load before", Colour::Green);
    let down = Mark::upright(recovery.begins_s, "step down", Colour::Ink);
    let back = recovery.seconds.map(|seconds| Mark::upright(recovery.begins_s + seconds, "recovered", Colour::Green));
    let chart = Chart {
        id: "recovery".into(),
        title: format!("Goodput after the step down to {} ×", recovery.factor),
        description: told.clone(),
        x: Axis::linear("since the start of the run", Unit::Seconds),
        y: Axis::linear("goodput", Unit::PerSecond),
        series: vec![Series::new("", Colour::Blue, Shape::Line(points.collect()))],
        marks: [reference, down].into_iter().chain(back).collect(),
    };
    Figure::of(&chart, told)
}

fn by_load(record: &OverloadRecord, is_told: fn(&Step) -> bool, pick: fn(&Step) -> f64) -> Vec<(f64, f64)> {
    record.steps.iter().filter(|step| is_told(step)).map(|step| (step.rate_per_s, pick(step))).collect()
}
