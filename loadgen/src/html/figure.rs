//! A plot with its caption, drawn for a phone and for a desk; the style sheet shows one of them.

use crate::plot::{Bars, Chart, Size};
use askama::Template;

/// A plot with its caption.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/figure.html")]
pub struct Figure {
    id: String,
    title: String,
    note: String,
    phone: String,
    desk: String,
}

impl Figure {
    /// A chart; `note` stands beside its title.
    pub fn of(chart: &Chart, note: impl Into<String>) -> Self {
        let (phone, desk) = (chart.render(Size::Phone), chart.render(Size::Desk));
        Self { id: chart.id.clone(), title: chart.title.clone(), note: note.into(), phone, desk }
    }

    /// Rows of bars; `note` stands beside their title.
    pub fn of_bars(bars: &Bars, note: impl Into<String>) -> Self {
        let (phone, desk) = (bars.render(Size::Phone), bars.render(Size::Desk));
        Self { id: bars.id.clone(), title: bars.title.clone(), note: note.into(), phone, desk }
    }
}
