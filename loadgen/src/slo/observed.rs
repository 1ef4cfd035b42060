//! What an objective may look at of a run.

use super::criterion::{Figure, Measure, Quantile, Series};
use crate::histogram::Quantiles;
use crate::record::{CurvePoint, RunRecord, Slice};
use crate::report::Report;

/// The part of a run's record that objectives are judged over.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// Figures.
    pub report: &'a Report,
    /// Second by second; without a whole one in the window `achieved` was not measured.
    pub slices: &'a [Slice],
    /// Latency from the intended instant; empty = percentiles other than 50, 90, 99 and 99.9 were not measured.
    pub response_curve: &'a [CurvePoint],
    /// Latency from the actual sending; likewise.
    pub service_curve: &'a [CurvePoint],
    /// The node's own account; likewise.
    pub internal_curve: &'a [CurvePoint],
}

impl<'a> From<&'a RunRecord> for Observed<'a> {
    fn from(record: &'a RunRecord) -> Self {
        Self {
            report: &record.report,
            slices: &record.slices,
            response_curve: &record.response_curve,
            service_curve: &record.service_curve,
            internal_curve: &record.internal_curve,
        }
    }
}

impl<'a> From<&'a Report> for Observed<'a> {
    fn from(report: &'a Report) -> Self {
        Self { report, slices: &[], response_curve: &[], service_curve: &[], internal_curve: &[] }
    }
}

impl Observed<'_> {
    /// The measured value in [`Measure::unit`]; `None` = there is nothing to measure it by.
    pub fn value(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::Latency { figure, series } => self.latency_us(figure, series),
            Measure::Errors => (self.report.scheduled > 0).then(|| 100.0 * self.error_share()),
            Measure::Achieved => self.achieved_share().map(|share| 100.0 * share),
        }
    }

    /// Requests that went wrong / all that were scheduled, 0 to 1.
    pub fn error_share(&self) -> f64 {
        self.report.errors as f64 / self.report.scheduled.max(1) as f64
    }

    /// Answers / scheduled requests, both within the whole slices of the measured window; above 1 when a backlog is worked
    /// off in it.
    pub fn achieved_share(&self) -> Option<f64> {
        let from = self.report.window_start_s;
        let to = from + self.report.window_seconds;
        let is_inside = |slice: &&Slice| slice.at_s >= from - 1e-6 && slice.at_s + slice.seconds <= to + 1e-6;
        let window = self.slices.iter().filter(is_inside);
        let (scheduled, answered) = window.fold((0, 0), |(scheduled, answered), slice| {
            (scheduled + slice.scheduled, answered + slice.completed.saturating_sub(slice.unknown))
        });
        (scheduled > 0).then(|| answered as f64 / scheduled as f64)
    }

    fn latency_us(&self, figure: Figure, series: Series) -> Option<f64> {
        let (quantiles, curve) = match series {
            Series::Response => (&self.report.response_us, self.response_curve),
            Series::Service => (&self.report.service_us, self.service_curve),
            Series::Internal => (&self.report.internal_us, self.internal_curve),
        };
        if quantiles.count == 0 {
            return None;
        }
        match figure {
            Figure::Max => Some(quantiles.max as f64),
            Figure::Mean => Some(quantiles.mean),
            Figure::Quantile(quantile) => named(quantiles, quantile).or_else(|| drawn(curve, quantile)),
        }
    }
}

fn named(quantiles: &Quantiles, quantile: Quantile) -> Option<f64> {
    let named = [
        (Quantile::P50, quantiles.p50),
        (Quantile::P90, quantiles.p90),
        (Quantile::P99, quantiles.p99),
        (Quantile::P999, quantiles.p999),
    ];
    named.into_iter().find(|(name, _)| *name == quantile).map(|(_, value)| value as f64)
}

/// The curve's first value that enough others do not exceed: never less than what was measured.
fn drawn(curve: &[CurvePoint], quantile: Quantile) -> Option<f64> {
    let enough = curve.last()?.count as f64 * quantile.share() - 1e-6;
    curve.iter().find(|point| point.count as f64 >= enough).map(|point| point.value_us as f64)
}
