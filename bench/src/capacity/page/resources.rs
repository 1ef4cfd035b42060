//! What a payment uses up, and which resource ends first.

use clearway_loadgen::html::{Cell, Table, Tone};
use clearway_loadgen::plot::Unit;

use super::Section;
use super::form::{NONE, known};
use crate::capacity::model::Answer;
use crate::capacity::model::answer::Resource;

pub(super) fn section(answer: &Answer) -> Section {
    let headings = ["resource", "#of a payment", "#of a node", "#used at the rated rate", "#ends at", "binds", "how"];
    let mut table = Table::new("The resource that ends first binds", &headings);
    for resource in &answer.resources {
        let mut cells: Vec<Cell> = [
            resource.name.clone(),
            with_unit(resource.per_payment, &resource.unit),
            with_unit(resource.capacity, &resource.capacity_unit),
            known(resource.used_at_rated, Unit::Share),
            known(resource.saturates_at_per_s, Unit::PerSecond),
        ]
        .map(Cell::from)
        .into();
        cells.push(binds(resource));
        cells.push(resource.remark.clone().into());
        table.push(cells);
    }
    Section {
        id: "resources",
        title: "What binds",
        lead: vec!["Rates are payments/s of one node at which that resource alone would be used up.".into()],
        parts: vec![table.to_string()],
    }
}

fn with_unit(value: Option<f64>, unit: &str) -> String {
    let Some(value) = value else { return NONE.to_owned() };
    match unit.strip_prefix("bytes") {
        Some(rest) => format!("{}{rest}", Unit::Bytes.print(value)),
        None => format!("{} {unit}", Unit::Number.print(value)),
    }
}

fn binds(resource: &Resource) -> Cell {
    if resource.binds { Cell::toned(Tone::Bad, "binds") } else { Cell::from("") }
}
