//! Latency against load: the curve, the objective, the knees, every step.

use clearway_loadgen::histogram::Quantiles;
use clearway_loadgen::html::{Cell, Figure, Table};
use clearway_loadgen::plot::{Axis, Chart, Colour, Mark, Series, Shape, Unit};
use clearway_loadgen::slo::{Measure, Series as Latency, Slo};

use super::Section;
use super::form::{known, micros, under, verdict};
use crate::capacity::model::Answer;
use crate::capacity::model::answer::Knee;
use crate::capacity::model::measurements::Step;

pub(super) fn section(answer: &Answer) -> Section {
    let steps = &answer.measurements.steps;
    let note = format!("from the intended instant, by requests/s asked for; {}", under(answer));
    Section {
        id: "latency",
        title: "Latency against load",
        lead: vec![format!(
            "Each step was held for its window after a warm-up, settled and judged. The objective is {}. Hollow points were INVALID and count for nothing.",
            answer.request.slo
        )],
        parts: vec![
            Figure::of(&chart(answer), note).to_string(),
            knees(&answer.knees).to_string(),
            table(steps).to_string(),
        ],
    }
}

/// Takes one of the quantiles.
type Quantile = fn(&Quantiles) -> u64;

fn chart(answer: &Answer) -> Chart {
    let steps = &answer.measurements.steps;
    let quantiles: [(&str, Colour, Quantile); 4] = [
        ("p50", Colour::Green, |seen| seen.p50),
        ("p99", Colour::Blue, |seen| seen.p99),
        ("p99.9", Colour::Orange, |seen| seen.p999),
        ("max", Colour::Grey, |seen| seen.max),
    ];
    let points = |of: Quantile, is_valid: bool| -> Vec<(f64, f64)> {
        let steps = steps.iter().filter(|step| step.is_valid() == is_valid);
        steps.map(|step| (step.offered_per_s, of(&step.response_us) as f64)).collect()
    };
    let drawn = quantiles.iter().flat_map(|(name, colour, of)| {
        let points = points(*of, true);
        let line = Series::new(*name, *colour, Shape::Line(medians(&points)));
        [line, Series::new(*name, *colour, Shape::Dots(points))]
    });
    let mut series: Vec<Series> = drawn.collect();
    let invalid = points(|seen| seen.p99, false);
    if !invalid.is_empty() {
        series.push(Series::new("p99, INVALID", Colour::Purple, Shape::Rings(invalid)));
    }
    Chart {
        id: "latency-by-load".into(),
        title: "Latency by load".into(),
        description: description(answer),
        x: Axis::linear("requests asked for", Unit::PerSecond),
        y: Axis::log("latency", Unit::Micros),
        series,
        marks: marks(answer),
    }
}

/// One point for each x of points that are in order of it: the middle one, the lower of two.
fn medians(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let of_rate = |points: &[(f64, f64)]| {
        let mut points = points.to_vec();
        points.sort_by(|one, other| one.1.total_cmp(&other.1));
        points.get((points.len() - 1) / 2).copied()
    };
    points.chunk_by(|one, other| one.0 == other.0).filter_map(of_rate).collect()
}

fn description(answer: &Answer) -> String {
    match &answer.rated {
        Some(rated) => format!(
            "The objective {} held up to {} payments/s, where p99 was {}.",
            answer.request.slo,
            Unit::Count.print(rated.measured_per_s),
            micros(rated.p99_us)
        ),
        None => format!("No step that counts held the objective {}.", answer.request.slo),
    }
}

/// Limits of the objective on what is drawn, and where the curve bends.
fn marks(answer: &Answer) -> Vec<Mark> {
    let slo: Option<Slo> = answer.request.slo.parse().ok();
    let limits = slo.iter().flat_map(Slo::criteria).filter_map(|criterion| match criterion.measure {
        Measure::Latency { series: Latency::Response, .. } => {
            Some(Mark::level(criterion.limit, criterion.to_string(), Colour::Red))
        }
        _ => None,
    });
    let knees = answer.knees.iter().filter_map(|knee| {
        Some(Mark::upright(
            knee.rate_per_s?,
            format!("{} {}", knee.name, Unit::PerSecond.print(knee.rate_per_s?)),
            Colour::Teal,
        ))
    });
    limits.chain(knees).collect()
}

fn knees(knees: &[Knee]) -> Table {
    let mut table =
        Table::new("Where the curve bends, by each definition", &["name", "#payments/s", "definition", "remark"]);
    for knee in knees {
        let rate = known(knee.rate_per_s, Unit::Count);
        table.push([knee.name.clone(), rate, knee.definition.clone(), knee.remark.clone()]);
    }
    table
}

fn table(steps: &[Step]) -> Table {
    let mut table = Table::new(
        "Every step, INVALID ones included",
        &[
            "raw file",
            "#asked",
            "#final",
            "#p50",
            "#p99",
            "#p99.9",
            "#max",
            "#under way",
            "#CPU a payment",
            "#node",
            "#load",
            "outcome",
        ],
    );
    for step in steps {
        let Quantiles { p50, p99, p999, max, .. } = step.response_us;
        let mut cells: Vec<Cell> = [
            step.name.clone(),
            Unit::PerSecond.print(step.offered_per_s),
            Unit::PerSecond.print(step.achieved_per_s),
            micros(p50),
            micros(p99),
            micros(p999),
            micros(max),
            Unit::Number.print(step.in_flight_mean),
            Unit::Micros.print(step.usage.cpu_us_per_payment),
            cores(step.usage.busy_cores),
            cores(step.usage.load_busy_cores),
        ]
        .map(Cell::from)
        .into();
        cells.push(verdict(step));
        table.push(cells);
    }
    table
}

fn cores(cores: f64) -> String {
    format!("{cores:.2} cores")
}
