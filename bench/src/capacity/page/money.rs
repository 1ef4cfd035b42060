//! What a month costs, what is kept on disk, and how long the books of an hour take.

use clearway_loadgen::html::{Facts, Notice, Table, Tone};
use clearway_loadgen::plot::Unit;

use super::Section;
use super::form::{count, known};
use crate::capacity::model::Answer;
use crate::capacity::model::answer::{BatchWindow, Cost};

pub(super) fn cost_section(answer: &Answer) -> Section {
    let part = match (&answer.cost, &answer.request.prices) {
        (Some(cost), _) => costs(cost).to_string(),
        (None, None) => {
            Notice::new(Tone::Plain, "Not computed", ["No prices were given: name a file with --prices."]).to_string()
        }
        (None, Some(_)) => Notice::new(Tone::Plain, "Not computed", ["There is no rated node to price."]).to_string(),
    };
    Section {
        id: "cost",
        title: "Cost",
        lead: vec!["Of the installation, in the first month, by the prices given.".into()],
        parts: vec![part],
    }
}

fn costs(cost: &Cost) -> Facts {
    let money = |sum: f64| format!("{} {}", cost.currency, Unit::Number.print(sum));
    Facts::new()
        .with("per million payments", money(cost.per_million_payments))
        .with("per payment/s at the peak, a month", money(cost.per_peak_payment_per_s))
        .with("a month", money(cost.total_per_month))
        .with("of that nodes", money(cost.nodes_per_month))
        .with("of that storage", money(cost.storage_per_month))
        .with("of that traffic", money(cost.traffic_per_month))
        .with("payments a month", count(cost.payments_per_month))
}

pub(super) fn storage_section(answer: &Answer) -> Section {
    let storage = &answer.storage;
    let headings = ["kind", "#of a payment", "#a day", "#kept for", "#in all"];
    let mut table = Table::new("Bytes on disk, one copy", &headings);
    for kind in &storage.kinds {
        table.push([
            kind.name.clone(),
            known(kind.bytes_per_payment, Unit::Bytes),
            known(kind.bytes_per_day, Unit::Bytes),
            format!("{} days", count(kind.days)),
            known(kind.bytes_retained, Unit::Bytes),
        ]);
    }
    table.push([
        "all".to_owned(),
        String::new(),
        Unit::Bytes.print(storage.bytes_per_day),
        String::new(),
        Unit::Bytes.print(storage.bytes_retained),
    ]);
    Section {
        id: "storage",
        title: "Storage",
        lead: vec![format!(
            "{} payments on a mean day of the first month: the peak / {} × 86,400 s.",
            count(storage.payments_per_day),
            answer.request.peak_to_mean
        )],
        parts: vec![table.to_string()],
    }
}

pub(super) fn books_section(answer: &Answer) -> Section {
    let part = match &answer.books {
        Some(window) => books(window).to_string(),
        None => Notice::new(Tone::Warn, "Not measured", ["No batch was closed."]).to_string(),
    };
    Section { id: "books", title: "Batch windows", lead: Vec::new(), parts: vec![part] }
}

fn books(window: &BatchWindow) -> Table {
    let hour = window.hour_payments.map_or_else(
        || "no rated rate to scale to".to_owned(),
        |payments| format!("an hour of {} at the rated rate of one node, in proportion: EXTRAPOLATED", count(payments)),
    );
    let caption = format!("{} payments closed; {hour}", count(window.measured_payments as f64));
    let mut table = Table::new(caption, &["part", "#measured", "#payments/s", "#of that hour"]);
    for part in &window.parts {
        table.push([
            part.name.clone(),
            Unit::Seconds.print(part.seconds),
            count(part.payments_per_s),
            known(part.hour_seconds, Unit::Seconds),
        ]);
    }
    table
}
