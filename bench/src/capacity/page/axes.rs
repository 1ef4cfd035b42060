//! One thing different at a time: suites, transports, journal drivers.

use clearway_loadgen::html::{Cell, Figure, Table, Tone};
use clearway_loadgen::plot::{Axis, Bars, Colour, Part, Row, Unit};

use super::Section;
use super::form::known;
use crate::capacity::model::Answer;
use crate::capacity::model::answer::AxisPoint;

pub(super) fn section(answer: &Answer) -> Section {
    let mut parts = Vec::new();
    if !answer.suites.is_empty() {
        let note = "signatures at their floor, and all the rest; INVALID ones are left out";
        parts.push(Figure::of_bars(&bars(&answer.suites), note).to_string());
    }
    for (caption, points) in [
        ("Signature suites, each at half of what its floors let expect", &answer.suites),
        ("Transports, at half of the rated rate", &answer.transports),
        ("Journal drivers, at half of the rated rate", &answer.durabilities),
    ] {
        parts.push(table(caption, points).to_string());
    }
    Section {
        id: "axes",
        title: "Security and durability",
        lead: vec![
            "Every journal driver syncs before it answers: there is no switch to turn that off. Payments per core-second are 10⁶ / CPU µs: an upper bound of what a core carries."
                .into(),
        ],
        parts,
    }
}

fn bars(points: &[AxisPoint]) -> Bars {
    let rows = points.iter().filter(|point| point.invalid.is_empty()).map(|point| {
        let floor = point.crypto_floor_us.unwrap_or(0.0).min(point.cpu_us_per_payment);
        Row {
            label: point.name.clone(),
            from: 0.0,
            parts: vec![
                Part::new("3 signatures + 3 verifications, floor", Colour::Orange, floor),
                Part::new("all the rest", Colour::Blue, point.cpu_us_per_payment - floor),
            ],
            note: Unit::Micros.print(point.cpu_us_per_payment),
        }
    });
    Bars {
        id: "suites-cpu".into(),
        title: "CPU of a payment by suite".into(),
        description: "What a payment costs one core with each signature suite.".into(),
        axis: Axis::linear("", Unit::Micros),
        rows: rows.collect(),
    }
}

fn table(caption: &str, points: &[AxisPoint]) -> Table {
    let headings = [
        "",
        "#asked",
        "#CPU a payment",
        "#beside the headline's",
        "#payments per core-second",
        "#p99",
        "#journal",
        "outcome",
    ];
    let mut table = Table::new(caption, &headings);
    for point in points {
        let headline = if point.headline { " (headline)" } else { "" };
        let detail = if point.detail.is_empty() { String::new() } else { format!(", {}", point.detail) };
        let mut cells: Vec<Cell> = [
            format!("{}{headline}{detail}", point.name),
            Unit::PerSecond.print(point.offered_per_s),
            Unit::Micros.print(point.cpu_us_per_payment),
            known(point.cpu_ratio, Unit::Number),
            Unit::Count.print(point.payments_per_core_second),
            Unit::Micros.print(point.p99_us as f64),
            Unit::Bytes.print(point.journal_bytes_per_payment),
        ]
        .map(Cell::from)
        .into();
        cells.push(outcome(point));
        table.push(cells);
    }
    table
}

fn outcome(point: &AxisPoint) -> Cell {
    match (point.invalid.as_slice(), point.breaches.as_slice()) {
        ([], []) => Cell::toned(Tone::Good, "held"),
        ([], breaches) => Cell::toned(Tone::Bad, format!("broke {}", breaches.join(", "))),
        (reasons, _) => Cell::toned(Tone::Warn, format!("INVALID, not used: {}", reasons.join("; "))),
    }
}
