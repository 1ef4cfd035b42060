//! Little's law and queueing formulas beside what was measured.

use clearway_loadgen::html::Table;
use clearway_loadgen::plot::Unit;

use super::Section;
use super::form::known;
use crate::capacity::model::Answer;

pub(super) fn section(answer: &Answer) -> Section {
    let parts = [little(answer), queues(answer)];
    Section {
        id: "queues",
        title: "Checks by queueing theory",
        lead: vec!["Formulas beside measurements: where they part, one of the two is not what it seems.".into()],
        parts: parts.iter().filter(|table| !table.is_empty()).map(Table::to_string).collect(),
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

fn queues(answer: &Answer) -> Table {
    let headings = ["step", "station", "model", "#busy", "#wait", "#measured in the node", "remark"];
    let mut table = Table::new("Waits by formula", &headings);
    for check in &answer.queueing {
        table.push([
            check.step.clone(),
            check.station.clone(),
            check.model.clone(),
            Unit::Share.print(check.utilisation),
            known(check.wait_us, Unit::Micros),
            Unit::Micros.print(check.measured_us),
            check.remark.clone(),
        ]);
    }
    table
}
