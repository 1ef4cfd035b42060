//! The stages as `GET /status` tells them.

use serde::Serialize;

use super::totals::StageTotals;
use super::{STAGES, TICK_NS};
use crate::metrics::Stage;
use crate::metrics::histogram::HistogramSnapshot;

/// Where payments' time and CPU go. Time is of payments whose final receipt was delivered to who asked for it; CPU is all that
/// the node used, queries, notices and refusals too, for each payment that became final. Over the window, unless it says that
/// it is since the start.
#[derive(Debug, Clone, Serialize)]
pub struct StagesReading {
    /// Payments whose final receipt was delivered.
    pub payments: u64,
    /// Payments that became final.
    pub finals: u64,
    /// `payments` since the start.
    pub payments_since_start: u64,
    /// `finals` since the start.
    pub finals_since_start: u64,
    /// From the first byte of the request to the last byte of the receipt, and the CPU of the whole process: both measured
    /// without the stages.
    pub total: StageReading,
    /// The stages in the order of the way.
    pub stages: Vec<StageReading>,
    /// Mean time that no stage explains, microseconds.
    pub residual_wall_us: f64,
    /// Mean CPU that no stage explains, microseconds: threads that belong to no stage, such as checkpoints, books and this page.
    pub residual_cpu_us: f64,
}

/// One stage.
#[derive(Debug, Clone, Serialize)]
pub struct StageReading {
    /// Its name.
    pub name: &'static str,
    /// Payments counted.
    pub count: u64,
    /// Mean time of a payment in it, all its messages together, microseconds.
    pub mean_us: f64,
    /// Half of all payments spent no more in it, microseconds, two significant digits.
    pub p50_us: f64,
    /// 99 % of all payments spent no more in it, microseconds, two significant digits.
    pub p99_us: f64,
    /// Mean CPU of a payment in it, microseconds.
    pub cpu_us: f64,
    /// Time of all payments in it since the start, microseconds.
    pub wall_sum_us: f64,
    /// CPU of all payments in it since the start, microseconds.
    pub cpu_sum_us: f64,
}

impl StagesReading {
    /// `all` is since the start, `earlier` where the window began.
    pub(in crate::metrics) fn new(all: &StageTotals, earlier: Option<&StageTotals>) -> Self {
        let window = earlier.map_or_else(|| all.clone(), |earlier| all.since(earlier));
        let stages: Vec<_> = (0..STAGES).map(|stage| StageReading::of_stage(stage, all, &window)).collect();
        let cpu_us = [all, &window].map(|totals| float(totals.process_us));
        let total = StageReading::new("total", [&all.whole, &window.whole].map(Some), cpu_us, window.finals);
        let sum = |value: fn(&StageReading) -> f64| stages.iter().map(value).sum::<f64>();
        Self {
            payments: window.whole.count(),
            finals: window.finals,
            payments_since_start: all.whole.count(),
            finals_since_start: all.finals,
            residual_wall_us: total.mean_us - sum(|stage| stage.mean_us),
            residual_cpu_us: total.cpu_us - sum(|stage| stage.cpu_us),
            total,
            stages,
        }
    }
}

impl StageReading {
    fn of_stage(stage: usize, all: &StageTotals, window: &StageTotals) -> Self {
        let name = Stage::ALL.get(stage).map_or("", |stage| stage.export_name());
        let cpu_us = [all, window].map(|totals| totals.spent_ns.get(stage).map_or(0.0, |ns| micros_of_ns(*ns)));
        Self::new(name, [all, window].map(|totals| totals.passed.get(stage)), cpu_us, window.finals)
    }

    /// Time and CPU, each since the start and in the window.
    fn new(
        name: &'static str,
        [all, window]: [Option<&HistogramSnapshot>; 2],
        [all_cpu_us, cpu_us]: [f64; 2],
        finals: u64,
    ) -> Self {
        let micros = |of: &dyn Fn(&HistogramSnapshot) -> u64| window.map_or(0.0, |window| micros_of(of(window)));
        let count = window.map_or(0, HistogramSnapshot::count);
        Self {
            name,
            count,
            mean_us: micros(&HistogramSnapshot::sum) / float(count.max(1)),
            p50_us: micros(&|window| window.quantile(50_000)),
            p99_us: micros(&|window| window.quantile(99_000)),
            cpu_us: cpu_us / float(finals.max(1)),
            wall_sum_us: all.map_or(0.0, |all| micros_of(all.sum())),
            cpu_sum_us: all_cpu_us,
        }
    }
}

/// Ticks as microseconds.
pub(in crate::metrics) fn micros_of(ticks: u64) -> f64 {
    float(ticks) * (float(TICK_NS) / 1_000.0)
}

/// Nanoseconds as microseconds.
pub(in crate::metrics) fn micros_of_ns(ns: u64) -> f64 {
    float(ns) / 1_000.0
}

/// Exact below 2^53: for microseconds, 285 years.
#[allow(clippy::cast_precision_loss)]
const fn float(value: u64) -> f64 {
    value as f64
}
