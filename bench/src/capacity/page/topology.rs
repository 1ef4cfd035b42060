//! How many nodes each situation takes.

use clearway_loadgen::html::{Cell, Table, Tone};
use clearway_loadgen::plot::Unit;

use super::Section;
use super::form::{count, known, text_or_none};
use crate::capacity::model::Answer;

pub(super) fn section(answer: &Answer) -> Section {
    let headings = [
        "situation",
        "#centres left",
        "#nodes a centre",
        "#nodes in all",
        "#the installation carries",
        "#its nodes are used to",
    ];
    let mut table = Table::new(
        format!("{} at the peak of {}", Unit::PerSecond.print(answer.request.target_per_s), answer.request.start),
        &headings,
    );
    for situation in &answer.topology {
        let tone = Tone::of(situation.installed_utilisation.is_some_and(|used| used <= 1.0));
        table.push([
            Cell::from(situation.name.clone()),
            Cell::from(situation.centres_left.to_string()),
            Cell::from(text_or_none(situation.nodes_per_centre)),
            Cell::from(situation.nodes_total.map_or_else(|| super::form::NONE.to_owned(), |nodes| count(nodes as f64))),
            Cell::from(Unit::PerSecond.print(situation.installed_carries_per_s)),
            Cell::toned(tone, known(situation.installed_utilisation, Unit::Share)),
        ]);
    }
    let request = &answer.request;
    Section {
        id: "topology",
        title: "Nodes, with something lost",
        lead: vec![format!(
            "{} centres in {} cities, held as evenly as they go. Each remaining node is used to {} of its rated rate, with {} on top of the target. Computed from one node: no centre was lost in a drill, and how long a loss takes to be noticed is not in here.",
            request.centres,
            request.cities,
            Unit::Share.print(request.utilisation),
            Unit::Share.print(request.buffer)
        )],
        parts: vec![table.to_string()],
    }
}
