//! What is compared, figure by figure.

use crate::plot::Unit;
use crate::report::Report;

/// Which way a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Better {
    More,
    Less,
}

/// One compared figure.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) unit: Unit,
    pub(super) better: Better,
    pub(super) pick: fn(&Report) -> f64,
}

const fn row(name: &'static str, unit: Unit, better: Better, pick: fn(&Report) -> f64) -> Row {
    Row { name, unit, better, pick }
}

/// All of them.
pub(super) const ROWS: [Row; 14] = [
    row("offered", Unit::PerSecond, Better::More, |report| report.offered_per_s),
    row("sent", Unit::PerSecond, Better::More, |report| report.achieved_per_s),
    row("payments", Unit::PerSecond, Better::More, |report| report.payments_per_second),
    row("response p50", Unit::Micros, Better::Less, |report| report.response_us.p50 as f64),
    row("response p90", Unit::Micros, Better::Less, |report| report.response_us.p90 as f64),
    row("response p99", Unit::Micros, Better::Less, |report| report.response_us.p99 as f64),
    row("response p99.9", Unit::Micros, Better::Less, |report| report.response_us.p999 as f64),
    row("response max", Unit::Micros, Better::Less, |report| report.response_us.max as f64),
    row("service p99", Unit::Micros, Better::Less, |report| report.service_us.p99 as f64),
    row("inside the node p50", Unit::Micros, Better::Less, |report| report.internal_us.p50 as f64),
    row("inside the node p99", Unit::Micros, Better::Less, |report| report.internal_us.p99 as f64),
    row("lateness p99", Unit::Micros, Better::Less, |report| report.lateness_us.p99 as f64),
    row("errors", Unit::Count, Better::Less, |report| report.errors as f64),
    row("affected", Unit::Count, Better::Less, |report| report.affected as f64),
];

/// Ratio to the first run in words; `None` where there is nothing to divide by.
pub(super) fn ratio(value: f64, first: f64) -> Option<f64> {
    (first > 0.0).then(|| value / first)
}
