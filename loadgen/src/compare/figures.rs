//! The figures that runs are compared by, under their names in the record.

use crate::histogram::Quantiles;
use crate::record::RunRecord;

/// How to read one figure off a record; `None` where the run does not have it.
pub(super) type Reading = fn(&RunRecord) -> Option<f64>;

/// Name in the record, and reading.
pub(super) const FIGURES: [(&str, Reading); 21] = [
    ("payments_per_second", |run| Some(run.report.payments_per_second)),
    ("offered_per_s", |run| Some(run.report.offered_per_s)),
    ("achieved_per_s", |run| Some(run.report.achieved_per_s)),
    ("response_us.p50", |run| of(&run.report.response_us, |quantiles| quantiles.p50)),
    ("response_us.p90", |run| of(&run.report.response_us, |quantiles| quantiles.p90)),
    ("response_us.p99", |run| of(&run.report.response_us, |quantiles| quantiles.p99)),
    ("response_us.p999", |run| of(&run.report.response_us, |quantiles| quantiles.p999)),
    ("response_us.max", |run| of(&run.report.response_us, |quantiles| quantiles.max)),
    ("service_us.p50", |run| of(&run.report.service_us, |quantiles| quantiles.p50)),
    ("service_us.p99", |run| of(&run.report.service_us, |quantiles| quantiles.p99)),
    ("internal_us.p50", |run| of(&run.report.internal_us, |quantiles| quantiles.p50)),
    ("internal_us.p99", |run| of(&run.report.internal_us, |quantiles| quantiles.p99)),
    ("internal_us.p999", |run| of(&run.report.internal_us, |quantiles| quantiles.p999)),
    ("lateness_us.p99", |run| of(&run.report.lateness_us, |quantiles| quantiles.p99)),
    ("errors", |run| Some(run.report.errors as f64)),
    ("late", |run| Some(run.report.late as f64)),
    ("dropped", |run| Some(run.report.dropped as f64)),
    ("unknown", |run| Some(run.report.unknown as f64)),
    ("sender_cpu_us_per_request", |run| Some(run.report.sender_cpu_us_per_request)),
    ("stages.total_wall_us", |run| run.stages.as_ref().map(|stages| stages.total_wall_us)),
    ("stages.total_cpu_us", |run| run.stages.as_ref().map(|stages| stages.total_cpu_us)),
];

fn of(quantiles: &Quantiles, pick: fn(&Quantiles) -> u64) -> Option<f64> {
    (quantiles.count > 0).then(|| pick(quantiles) as f64)
}
