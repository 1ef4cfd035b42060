//! The plots of a comparison.

use crate::html::Figure;
use crate::html::run::curve;
use crate::plot::{Axis, Bars, Chart, Colour, Part, Row, Series, Shape, Unit};
use crate::record::RunRecord;

/// Percentiles over each other, p99 over time, stage budgets beneath each other.
pub(super) fn figures(runs: &[(String, RunRecord)]) -> Vec<Figure> {
    [percentiles(runs), over_time(runs), budgets(runs)].into_iter().flatten().collect()
}

fn percentiles(runs: &[(String, RunRecord)]) -> Option<Figure> {
    let of = |place: usize, (name, record): &(String, RunRecord)| {
        Series::new(name, Colour::of(place), Shape::Line(curve(&record.response_curve)))
    };
    let chart = Chart {
        id: "percentiles".into(),
        title: "Percentiles of the response time".into(),
        description: each(runs, |record| format!("p99 {}", Unit::Micros.print(record.report.response_us.p99 as f64))),
        x: Axis::percentile("percentile"),
        y: Axis::log("response time", Unit::Micros),
        series: runs.iter().enumerate().map(|(place, run)| of(place, run)).collect(),
        marks: Vec::new(),
    };
    let is_drawn = runs.iter().any(|(_, record)| !record.response_curve.is_empty());
    is_drawn.then(|| Figure::of(&chart, "From the intended instant."))
}

fn over_time(runs: &[(String, RunRecord)]) -> Option<Figure> {
    let of = |place: usize, (name, record): &(String, RunRecord)| {
        let answered = record.slices.iter().filter(|slice| slice.response_us.count > 0);
        let points = answered.map(|slice| (slice.at_s + slice.seconds / 2.0, slice.response_us.p99.max(1) as f64));
        Series::new(name, Colour::of(place), Shape::Line(points.collect()))
    };
    let chart = Chart {
        id: "p99-over-time".into(),
        title: "p99 of the response time, second by second".into(),
        description: each(runs, |record| {
            let worst = record.slices.iter().map(|slice| slice.response_us.p99).max().unwrap_or(0);
            format!("worst second {}", Unit::Micros.print(worst as f64))
        }),
        x: Axis::linear("since the start", Unit::Seconds),
        y: Axis::log("p99", Unit::Micros),
        series: runs.iter().enumerate().map(|(place, run)| of(place, run)).collect(),
        marks: Vec::new(),
    };
    runs.iter().any(|(_, record)| !record.slices.is_empty()).then(|| Figure::of(&chart, "Warm-up included."))
}

/// CPU of a payment by stage, a row for each run that has a budget.
fn budgets(runs: &[(String, RunRecord)]) -> Option<Figure> {
    let budgets: Vec<_> = runs.iter().filter_map(|(name, record)| Some((name, record.stages.as_ref()?))).collect();
    let mut names: Vec<&str> = Vec::new();
    for stage in budgets.iter().flat_map(|(_, budget)| &budget.stages).filter(|stage| stage.cpu_us > 0.0) {
        if !names.contains(&stage.name.as_str()) {
            names.push(&stage.name);
        }
    }
    let rows = budgets.iter().map(|(name, budget)| {
        let part = |(place, stage): (usize, &&str)| {
            let cpu_us = budget.stages.iter().filter(|it| it.name == **stage).map(|it| it.cpu_us).sum();
            Part::new(*stage, Colour::of(place), cpu_us)
        };
        let residual = Part::new("residual", Colour::Grey, budget.residual_cpu_us());
        let parts = names.iter().enumerate().map(part).chain([residual]).collect();
        Row { label: (*name).clone(), from: 0.0, parts, note: Unit::Micros.print(budget.total_cpu_us) }
    });
    let bars = Bars {
        id: "stages-cpu".into(),
        title: "CPU of a payment, by stage".into(),
        description: each(runs, |record| {
            let total = record.stages.as_ref().map(|budget| Unit::Micros.print(budget.total_cpu_us));
            total.unwrap_or_else(|| "not asked".into())
        }),
        axis: Axis::linear("CPU, mean of a payment", Unit::Micros),
        rows: rows.collect(),
    };
    (!budgets.is_empty()).then(|| Figure::of_bars(&bars, "By the node's own account."))
}

fn each(runs: &[(String, RunRecord)], tell: impl Fn(&RunRecord) -> String) -> String {
    let told = runs.iter().map(|(name, record)| format!("{name}: {}", tell(record)));
    told.collect::<Vec<_>>().join("; ")
}
