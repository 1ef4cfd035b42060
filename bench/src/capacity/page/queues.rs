//! Little's law and queueing formulas beside what was measured.

use clearway_loadgen::html::Table;
use clearway_loadgen::plot::Unit;

use super::Section;
use super::form::{Paragraph, known};
use crate::capacity::model::Answer;

pub(super) fn section(answer: &Answer) -> Section {
    let mut parts = vec![little(answer).to_string()];
    for check in &answer.queueing {
        let table = queue(answer, &check.model, &check.station).to_string();
        if !parts.contains(&table) {
            parts.extend([table, Paragraph { text: check.remark.clone() }.to_string()]);
        }
    }
    Section {
        id: "queues",
        title: "Checks by queueing theory",
        lead: vec!["Formulas beside measurements: where they part, one of the two is not what it seems.".into()],
        parts,
    }
}

fn little(answer: &Answer) -> Table {
    let mut table = Table::new("Little's law: requests under way", &["step", "#rate × time", "#counted", "#ratio"]);
    for check in &answer.little {
        let numbers = [check.computed, check.counted, check.ratio].map(|number| Unit::Number.print(number));
        table.push(std::iter::once(check.step.clone()).chain(numbers));
    }
    table
}

/// One formula over all steps.
fn queue(answer: &Answer, model: &str, station: &str) -> Table {
    let checks = answer.queueing.iter().filter(|check| check.model == model && check.station == station);
    let headings = ["step", "#busy", "#waits", "#wait by the formula", "#in the node, measured"];
    let mut table = Table::new(format!("{model}, {station}"), &headings);
    for check in checks {
        table.push([
            check.step.clone(),
            Unit::Share.print(check.utilisation),
            known(check.wait_probability, Unit::Share),
            known(check.wait_us, Unit::Micros),
            Unit::Micros.print(check.measured_us),
        ]);
    }
    table
}
