//! Families of the text format: the one place that speaks prometheus-client's encoder.

use std::fmt;

use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet};
use prometheus_client::metrics::MetricType;

use super::histogram::HistogramSnapshot;
use super::reading::LinkLatency;
use super::stage::{TICK_NS, micros_of};

/// Upper bounds of the exported histogram spans, in microseconds; 71 ms is the published in-platform time of 2017.
const BOUNDS_US: [u64; 18] = [
    100, 200, 500, 1_000, 2_000, 4_000, 7_000, 10_000, 15_000, 20_000, 50_000, 71_000, 100_000, 200_000, 500_000,
    1_000_000, 5_000_000, 20_000_000,
];

/// Writes whole families.
pub(super) struct Page<'a> {
    encoder: DescriptorEncoder<'a>,
}

impl<'a> Page<'a> {
    pub(super) const fn new(encoder: DescriptorEncoder<'a>) -> Self {
        Self { encoder }
    }

    pub(super) fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        metric.encode_counter::<NoLabelSet, _, f64>(&value, None)
    }

    pub(super) fn seconds(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        metric.encode_counter::<NoLabelSet, _, f64>(&value, None)
    }

    pub(super) fn counters<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl Iterator<Item = (L, u64)>,
    ) -> fmt::Result {
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in values {
            metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, f64>(&value, None)?;
        }
        Ok(())
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: i64) -> fmt::Result {
        self.encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)
    }

    pub(super) fn gauges<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl Iterator<Item = (L, i64)>,
    ) -> fmt::Result {
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in values {
            metric.encode_family(&labels)?.encode_gauge(&value)?;
        }
        Ok(())
    }

    #[allow(clippy::cast_precision_loss)]
    pub(super) fn latencies<'l, L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl Iterator<Item = (L, &'l LinkLatency)>,
    ) -> fmt::Result {
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for (labels, latency) in values {
            let bounded = latency.buckets.iter().map(|(bound, count)| (*bound as f64, *count));
            let buckets: Vec<_> = bounded.chain([(f64::INFINITY, latency.above)]).collect();
            let family = metric.encode_family(&labels)?;
            { family }.encode_histogram::<NoLabelSet>(latency.sum_us as f64, latency.count(), &buckets, None)?;
        }
        Ok(())
    }

    pub(super) fn info<const N: usize>(&mut self, name: &str, help: &str, labels: [(&str, &str); N]) -> fmt::Result {
        self.encoder.encode_descriptor(name, help, None, MetricType::Info)?.encode_info(&labels)
    }

    #[allow(clippy::cast_precision_loss)]
    pub(super) fn histogram(&mut self, name: &str, help: &str, values: &HistogramSnapshot) -> fmt::Result {
        let buckets = buckets(values.spans(&BOUNDS_US));
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
        metric.encode_histogram::<NoLabelSet>(values.sum() as f64, values.count(), &buckets, None)
    }

    /// A histogram of ticks, in microseconds.
    pub(super) fn ticks(&mut self, name: &str, help: &str, values: &HistogramSnapshot) -> fmt::Result {
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
        let (sum_us, buckets) = tick_buckets(values);
        metric.encode_histogram::<NoLabelSet>(sum_us, values.count(), &buckets, None)
    }

    /// Histograms of ticks, in microseconds.
    pub(super) fn all_ticks<'h, L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl Iterator<Item = (L, &'h HistogramSnapshot)>,
    ) -> fmt::Result {
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for (labels, values) in values {
            let (sum_us, buckets) = tick_buckets(values);
            let family = metric.encode_family(&labels)?;
            { family }.encode_histogram::<NoLabelSet>(sum_us, values.count(), &buckets, None)?;
        }
        Ok(())
    }

    /// Counters of fractions.
    pub(super) fn sums<L: EncodeLabelSet>(
        &mut self,
        name: &str,
        help: &str,
        values: impl Iterator<Item = (L, f64)>,
    ) -> fmt::Result {
        let mut metric = self.encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in values {
            metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, f64>(&value, None)?;
        }
        Ok(())
    }
}

/// The sum of ticks and their exported buckets, in microseconds.
fn tick_buckets(values: &HistogramSnapshot) -> (f64, Vec<(f64, u64)>) {
    let bounds = BOUNDS_US.map(|bound| bound.saturating_mul(1_000) / TICK_NS);
    (micros_of(values.sum()), buckets(values.spans(&bounds)))
}

/// The exported buckets, with their bounds in microseconds.
#[allow(clippy::cast_precision_loss)]
fn buckets(spans: Vec<u64>) -> Vec<(f64, u64)> {
    BOUNDS_US.iter().map(|bound| *bound as f64).chain([f64::INFINITY]).zip(spans).collect()
}

pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
