//! Where a payment's time and CPU go, and what the stages do not explain.

use clearway_loadgen::html::{Figure, Notice, Table, Tone};
use clearway_loadgen::plot::{Axis, Bars, Colour, Part, Row, Unit};
use clearway_loadgen::record::{Stage, StageBudget};

use super::Section;
use super::form;
use crate::capacity::model::Answer;

pub(super) fn section(answer: &Answer) -> Section {
    let parts = match &answer.measurements.stages {
        Some(budget) => vec![
            Figure::of_bars(
                &bars("time", "Time of a payment by stage", budget, |stage| stage.wall_us),
                form::under(answer),
            )
            .to_string(),
            Figure::of_bars(
                &bars("cpu", "CPU of a payment by stage", budget, |stage| stage.cpu_us),
                form::under(answer),
            )
            .to_string(),
            table(budget).to_string(),
        ],
        None => vec![Notice::new(Tone::Warn, "Not measured", ["The node was not asked for its stages."]).to_string()],
    };
    Section { id: "stages", title: "Stage budget", lead: lead(answer), parts }
}

fn lead(answer: &Answer) -> Vec<String> {
    let step = answer.rated.as_ref().map(|rated| format!(" at the rated step {}", rated.step)).unwrap_or_default();
    vec![format!(
        "Means over the payments{step}, by the node's own account. Totals are measured by themselves; the residual is what no stage explains."
    )]
}

/// A cascade: each stage begins where the one before ended.
fn bars(id: &str, title: &str, budget: &StageBudget, of: fn(&Stage) -> f64) -> Bars {
    let mut from = 0.0;
    let rows = budget.stages.iter().filter(|stage| of(stage) > 0.0).enumerate().map(|(place, stage)| {
        let (value, begin) = (of(stage), from);
        from += value;
        let parts = vec![Part::new("", Colour::of(place), value)];
        Row { label: stage.name.clone(), from: begin, parts, note: Unit::Micros.print(value) }
    });
    Bars {
        id: format!("stages-{id}"),
        title: title.to_owned(),
        description: format!("{} stages of {} payments.", budget.stages.len(), budget.payments),
        axis: Axis::linear("", Unit::Micros),
        rows: rows.collect(),
    }
}

fn table(budget: &StageBudget) -> Table {
    let mut table = Table::new(
        format!("Stages of {} payments", form::count(budget.payments as f64)),
        &["stage", "#time", "#of the total", "#CPU", "#of the total"],
    );
    let mut push = |name: &str, wall_us: f64, cpu_us: f64| {
        let [wall_us, cpu_us] = [wall_us, cpu_us].map(visible);
        table.push([
            name.to_owned(),
            Unit::Micros.print(wall_us),
            Unit::Share.print(wall_us / budget.total_wall_us.max(f64::MIN_POSITIVE)),
            Unit::Micros.print(cpu_us),
            Unit::Share.print(cpu_us / budget.total_cpu_us.max(f64::MIN_POSITIVE)),
        ]);
    };
    budget.stages.iter().for_each(|stage| push(&stage.name, stage.wall_us, stage.cpu_us));
    push("residual", budget.residual_wall_us(), budget.residual_cpu_us());
    push("total", budget.total_wall_us, budget.total_cpu_us);
    table
}

/// What is left of a sum of fractions is nothing.
fn visible(value_us: f64) -> f64 {
    if value_us.abs() < 0.05 { 0.0 } else { value_us }
}
