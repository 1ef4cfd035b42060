//! How this page writes what it is told.

use askama::Template;
use clearway_loadgen::html::{Cell, Tone};
use clearway_loadgen::plot::Unit;

use crate::capacity::model::Answer;
use crate::capacity::model::measurements::Step;

/// What stands for a figure that is not there.
pub(super) const NONE: &str = "–";

/// What every figure of the page was taken with.
pub(super) fn setting(answer: &Answer) -> String {
    let (setting, machine) = (&answer.measurements.setting, &answer.measurements.machine);
    format!(
        "{}; {}, {} core{} for the node",
        under(answer),
        machine.cpu,
        machine.node_cores,
        plural(machine.node_cores)
    ) + &format!(" of {}, Linux {}, {} build; mix {}", machine.cores, machine.kernel, machine.build, setting.mix)
}

/// Suite, transport and durability: what must stand beside every rate.
pub(super) fn under(answer: &Answer) -> String {
    let (setting, machine) = (&answer.measurements.setting, &answer.measurements.machine);
    format!(
        "{}, {}, {} ({} on {})",
        setting.suite, setting.transport, setting.durability, setting.journal_driver, machine.filesystem
    )
}

pub(super) const fn plural(number: u32) -> &'static str {
    if number == 1 { "" } else { "s" }
}

/// A whole number with its thousands apart.
pub(super) fn count(number: f64) -> String {
    Unit::Count.print(number)
}

pub(super) fn known(number: Option<f64>, unit: Unit) -> String {
    number.map_or_else(|| NONE.to_owned(), |number| unit.print(number))
}

pub(super) fn text_or_none(text: Option<impl ToString>) -> String {
    text.map_or_else(|| NONE.to_owned(), |text| text.to_string())
}

/// Whether a run counts, and whether the SLO held in it.
pub(super) fn verdict(step: &Step) -> Cell {
    match (step.invalid.as_slice(), step.breaches.as_slice()) {
        ([], []) => Cell::toned(Tone::Good, "held"),
        ([], breaches) => Cell::toned(Tone::Bad, format!("broke {}", breaches.join(", "))),
        (reasons, _) => Cell::toned(Tone::Warn, format!("INVALID, not used: {}", reasons.join("; "))),
    }
}

/// A paragraph between two parts.
#[derive(Template)]
#[template(source = "<p>{{ text }}</p>", ext = "html")]
pub(super) struct Paragraph {
    pub(super) text: String,
}

/// Micros of a count.
pub(super) fn micros(value: u64) -> String {
    Unit::Micros.print(value as f64)
}
