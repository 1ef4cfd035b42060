//! `report.html`: the answer as a page.
//!
//! ```text
//! Answer -> sections, in the order in which a planner asks -> body -> Shell -> the document
//! ```
//!
//! Invariant: a page is a function of its [`Answer`]: every number of it stands in `report.json`.

mod axes;
mod budget;
mod caveats;
mod form;
mod growth;
mod latency;
mod law;
mod lead;
mod money;
mod queues;
mod resources;
mod topology;

#[cfg(test)]
mod tests;

use askama::Template;
use clearway_loadgen::html::Shell;

use super::model::Answer;

/// A part of the page under a heading of its own.
#[derive(Debug, Clone, Default)]
struct Section {
    /// Within the page.
    id: &'static str,
    title: &'static str,
    /// Paragraphs of text.
    lead: Vec<String>,
    /// Tables, figures, notices: HTML.
    parts: Vec<String>,
}

#[derive(Template)]
#[template(path = "capacity.html")]
struct Body {
    sections: Vec<Section>,
}

/// The page.
pub fn page(answer: &Answer) -> String {
    let sections = vec![
        lead::section(answer),
        latency::section(answer),
        law::section(answer),
        queues::section(answer),
        budget::section(answer),
        resources::section(answer),
        topology::section(answer),
        growth::section(answer),
        money::cost_section(answer),
        money::storage_section(answer),
        money::books_section(answer),
        axes::section(answer),
        caveats::section(answer),
        caveats::manifest_section(answer),
    ];
    let body = Body { sections }.to_string();
    let quick = if answer.measurements.quick { " (quick course: not for quoting)" } else { "" };
    let title = format!("Capacity: {} payments/s{quick}", form::count(answer.request.target_per_s));
    Shell::new(
        title,
        form::setting(answer),
        body,
        "clearway-bench capacity. Every number is derived from the raw files beside this page.",
    )
    .to_string()
}
