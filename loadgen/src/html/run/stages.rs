//! The stage budget of a run: a cascade from the first stage to the total.

use crate::html::{Cell, Figure, Table, Tone};
use crate::plot::{Axis, Bars, Colour, Part, Row, Unit};
use crate::record::{Stage, StageBudget};

/// Time and CPU, each as a cascade.
pub(super) fn figures(budget: &StageBudget) -> Vec<Figure> {
    let wall = cascade(budget, "stages-wall", "Time of a payment", |stage| stage.wall_us, budget.total_wall_us);
    let cpu = cascade(budget, "stages-cpu", "CPU of a payment", |stage| stage.cpu_us, budget.total_cpu_us);
    vec![
        Figure::of_bars(&wall, "From the first byte of the request to the last byte of the receipt."),
        Figure::of_bars(&cpu, "Stages that only wait cost none and are left out."),
    ]
}

fn cascade(budget: &StageBudget, id: &str, title: &str, pick: fn(&Stage) -> f64, total: f64) -> Bars {
    let mut from = 0.0;
    let mut rows = Vec::new();
    for stage in budget.stages.iter().filter(|stage| pick(stage) > 0.0) {
        let value = pick(stage);
        rows.push(row(&stage.name, from, value, colour(stage)));
        from += value;
    }
    let residual = total - from;
    rows.push(row(
        "residual",
        from.min(total),
        residual.abs(),
        if residual < 0.0 { Colour::Red } else { Colour::Grey },
    ));
    if let Some(last) = rows.last_mut() {
        last.note = Unit::Micros.print(residual);
    }
    rows.push(row("total", 0.0, total, Colour::Ink));
    let description = format!("Stages sum to {} of {}.", Unit::Micros.print(from), Unit::Micros.print(total));
    let axis = Axis::linear("mean of a payment", Unit::Micros);
    Bars { id: id.into(), title: title.into(), description, axis, rows }
}

fn row(label: &str, from: f64, value: f64, colour: Colour) -> Row {
    Row { label: label.into(), from, parts: vec![Part::new("", colour, value)], note: Unit::Micros.print(value) }
}

/// Working stages are blue, signatures purple, waiting ones teal and ochre.
fn colour(stage: &Stage) -> Colour {
    match stage.name.as_str() {
        "verify" | "sign" => Colour::Purple,
        "commit-wait" => Colour::Ochre,
        "bank-wait" => Colour::Teal,
        "queue" => Colour::Orange,
        _ => Colour::Blue,
    }
}

/// The same in numbers; empty without a budget.
pub(super) fn table(budget: Option<&StageBudget>) -> Table {
    let mut table = Table::new("", &["stage", "#time", "#share of the total", "#CPU", "#share of the total"]);
    let Some(budget) = budget else { return table };
    let row = |name: &str, wall: f64, cpu: f64, tone: Tone| {
        let share = |part: f64, total: f64| if total > 0.0 { Unit::Share.print(part / total) } else { "–".into() };
        let cells = [
            name.to_owned(),
            Unit::Micros.print(wall),
            share(wall, budget.total_wall_us),
            Unit::Micros.print(cpu),
            share(cpu, budget.total_cpu_us),
        ];
        cells.map(|text| Cell::toned(tone, text))
    };
    for stage in &budget.stages {
        table.push(row(&stage.name, stage.wall_us, stage.cpu_us, Tone::Plain));
    }
    table.push(row("residual", budget.residual_wall_us(), budget.residual_cpu_us(), Tone::Quiet));
    table.push(row("total", budget.total_wall_us, budget.total_cpu_us, Tone::Plain));
    table
}
