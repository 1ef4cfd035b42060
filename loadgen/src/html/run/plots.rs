//! The plots of a run. One that has nothing to draw is left out.

use crate::histogram::Quantiles;
use crate::html::Figure;
use crate::plot::{Axis, Chart, Colour, Mark, Series, Shape, Unit};
use crate::record::{CurvePoint, RunRecord, Slice};
use crate::slo::{self, Measure};

/// Which requests of a slice are counted.
type Count = fn(&Slice) -> u64;

/// Latency second by second.
pub(super) fn latency_over_time(record: &RunRecord) -> Option<Figure> {
    let line = |pick: fn(&Quantiles) -> u64| -> Vec<(f64, f64)> {
        record.slices.iter().map(|slice| (middle(slice), latency(&slice.response_us, pick))).collect()
    };
    let chart = Chart {
        id: "latency-over-time".into(),
        title: "Response time, second by second".into(),
        description: worst_second(record),
        x: time_axis(record),
        y: Axis::log("response time", Unit::Micros),
        series: vec![
            Series::new("max", Colour::Red, Shape::Hair(line(|quantiles| quantiles.max))),
            Series::new("p99", Colour::Orange, Shape::Line(line(|quantiles| quantiles.p99))),
            Series::new("p50", Colour::Blue, Shape::Line(line(|quantiles| quantiles.p50))),
        ],
        marks: edges(record).into_iter().chain(limits(record)).collect(),
    };
    let note = "By the second in which the answer came.";
    record.slices.iter().any(|slice| slice.response_us.count > 0).then(|| Figure::of(&chart, note))
}

/// Percentiles of the whole measured window.
pub(super) fn percentile_curve(record: &RunRecord) -> Option<Figure> {
    let quantiles = &record.report.response_us;
    let chart = Chart {
        id: "percentiles".into(),
        title: "Percentiles".into(),
        description: format!(
            "Response time: p50 {}, p99 {}, p99.9 {}, slowest {}.",
            micros(quantiles.p50),
            micros(quantiles.p99),
            micros(quantiles.p999),
            micros(quantiles.max)
        ),
        x: Axis::percentile("percentile"),
        y: Axis::log("latency", Unit::Micros),
        series: [
            Series::new("response", Colour::Blue, Shape::Line(curve(&record.response_curve))),
            Series::new("service", Colour::Orange, Shape::Line(curve(&record.service_curve))),
            Series::new("inside the node", Colour::Teal, Shape::Line(curve(&record.internal_curve))),
        ]
        .into_iter()
        .filter(|series| !series.is_empty())
        .collect(),
        marks: Vec::new(),
    };
    let note = "Response from the intended instant, service from the actual sending.";
    (!record.response_curve.is_empty()).then(|| Figure::of(&chart, note))
}

/// A percentile curve for a plot. The slowest of n values stands at the quantile 1 - 1/n: it has a place, 1 has none.
pub(in crate::html) fn curve(points: &[CurvePoint]) -> Vec<(f64, f64)> {
    let count = points.iter().map(|point| point.count).max().unwrap_or(0).max(2) as f64;
    points.iter().map(|point| (point.quantile.min(1.0 - 1.0 / count), point.value_us as f64)).collect()
}

/// What was offered, what left, what came back.
pub(super) fn rates(record: &RunRecord) -> Option<Figure> {
    let per_s = |pick: Count| -> Vec<(f64, f64)> {
        record.slices.iter().map(|slice| (middle(slice), rate(slice, pick))).collect()
    };
    let mut series = vec![
        Series::new("scheduled", Colour::Grey, Shape::Area(per_s(|slice| slice.scheduled))),
        Series::new("sent", Colour::Blue, Shape::Line(per_s(|slice| slice.sent))),
        Series::new("completed", Colour::Green, Shape::Hair(per_s(|slice| slice.completed))),
    ];
    let faults: [(&str, Colour, Count); 3] = [
        ("late", Colour::Ochre, |slice| slice.late),
        ("dropped", Colour::Red, |slice| slice.dropped),
        ("unanswered", Colour::Purple, |slice| slice.unknown),
    ];
    for (name, colour, pick) in faults {
        if record.slices.iter().any(|slice| pick(slice) > 0) {
            series.push(Series::new(name, colour, Shape::Line(per_s(pick))));
        }
    }
    let report = &record.report;
    let chart = Chart {
        id: "rates".into(),
        title: "Offered and achieved".into(),
        description: format!(
            "{} requests were scheduled, {} sent, {} of them late, {} dropped, {} unanswered.",
            report.scheduled, report.sent, report.late, report.dropped, report.unknown
        ),
        x: time_axis(record),
        y: Axis::linear("requests", Unit::PerSecond),
        series,
        marks: edges(record),
    };
    (!record.slices.is_empty())
        .then(|| Figure::of(&chart, "Requests a second; late and dropped ones only where there were any."))
}

/// Requests under way.
pub(super) fn in_flight(record: &RunRecord) -> Option<Figure> {
    let ends = record.slices.iter().map(|slice| (slice.at_s + slice.seconds, slice.in_flight as f64));
    let most = record.slices.iter().map(|slice| slice.in_flight).max()?;
    let chart = Chart {
        id: "in-flight".into(),
        title: "Requests under way".into(),
        description: format!("At most {most} at the end of a second."),
        x: time_axis(record),
        y: Axis::linear("requests under way", Unit::Count),
        series: vec![Series::new("", Colour::Blue, Shape::Line(ends.collect()))],
        marks: edges(record),
    };
    Some(Figure::of(&chart, "Waiting for a connection or for an answer, at the end of each second."))
}

fn time_axis(record: &RunRecord) -> Axis {
    let end = record.slices.last().map_or(0.0, |slice| slice.at_s + slice.seconds);
    Axis::linear("since the start", Unit::Seconds).between(0.0, end.max(1.0))
}

/// Where the measured window begins and ends.
fn edges(record: &RunRecord) -> Vec<Mark> {
    let plan = &record.report.plan;
    let (warm_up, duration) = (plan.warm_up.as_secs_f64(), plan.duration.as_secs_f64());
    let end = record.slices.last().map_or(0.0, |slice| slice.at_s + slice.seconds);
    let mut marks = Vec::new();
    if warm_up > 0.0 {
        marks.push(Mark::span(0.0, warm_up, "warm-up"));
    }
    if end > duration {
        marks.push(Mark::span(duration, end, "drain"));
    }
    marks
}

/// Limits of the objective for response times.
fn limits(record: &RunRecord) -> Vec<Mark> {
    let criteria = record.judgement.iter().flat_map(|judgement| judgement.slo.criteria());
    let of_response = criteria
        .filter(|criterion| matches!(criterion.measure, Measure::Latency { series: slo::Series::Response, .. }));
    of_response.map(|criterion| Mark::level(criterion.limit, criterion.to_string(), Colour::Ink)).collect()
}

fn middle(slice: &Slice) -> f64 {
    slice.at_s + slice.seconds / 2.0
}

/// A gap where a slice is so short, as the last of a drain may be, that a single request would be a peak.
fn rate(slice: &Slice, pick: Count) -> f64 {
    const SHORTEST_S: f64 = 0.5;
    if slice.seconds < SHORTEST_S { f64::NAN } else { pick(slice) as f64 / slice.seconds }
}

/// A gap where nothing was answered.
fn latency(quantiles: &Quantiles, pick: fn(&Quantiles) -> u64) -> f64 {
    if quantiles.count == 0 { f64::NAN } else { pick(quantiles).max(1) as f64 }
}

fn worst_second(record: &RunRecord) -> String {
    let worst = record.slices.iter().max_by_key(|slice| slice.response_us.p99);
    worst.map_or_else(String::new, |slice| {
        format!(
            "The worst p99 of a second is {}, {} after the start.",
            micros(slice.response_us.p99),
            Unit::Seconds.short(slice.at_s)
        )
    })
}

fn micros(value: u64) -> String {
    Unit::Micros.print(value as f64)
}
