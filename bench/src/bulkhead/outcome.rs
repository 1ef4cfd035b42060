//! What the bulkhead run found: the windows side by side, and the ratio that the goal is about.

use clearway_loadgen::Verdict;
use serde::Serialize;

use super::arguments::{Arguments, Trouble};
use crate::cpu::Cores;
use crate::machine::Machine;
use crate::rig::{Quantiles, Transport, Trial};

/// The p99 of the others with one bank in trouble may be this many times the p99 without.
pub const RATIO_MAX: f64 = 1.2;

/// What `bulkhead --json` writes.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// p99 with over p99 without; none when nothing was measured.
    pub ratio_p99: Option<f64>,
    /// The same of the medians.
    pub ratio_p50: Option<f64>,
    /// Most that is wanted of the ratio of the p99.
    pub goal: f64,
    /// Whether it was reached; none when the figures are not to be believed.
    pub met: Option<bool>,
    /// Time in the node of payments that do not touch the bank in trouble, waits for banks excluded: of the median window.
    pub without: Side,
    /// The same with the bank in trouble.
    pub with: Side,
    /// What is wrong with it.
    pub fault: Trouble,
    /// Payments a second asked for.
    pub rate: f64,
    /// What the node holds, if that was searched; the rate is 70 % of it.
    pub capacity: Option<f64>,
    /// Signature suite.
    pub suite: String,
    /// What messages travelled over.
    pub transport: Transport,
    /// Length of each window.
    pub seconds: f64,
    /// Windows in the order in which they were measured.
    pub windows: Vec<WindowOutcome>,
    /// `good` when no rule was broken in any window.
    pub verdict: &'static str,
    /// Whether the figures are to be believed.
    pub valid: bool,
    /// Why not.
    pub invalid_because: Vec<String>,
    /// Who ran where.
    pub cores: Cores,
    /// The machine.
    pub machine: Machine,
}

/// The median of the windows of one side, by quantile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Microseconds.
    pub p50_us: u64,
    /// Microseconds.
    pub p99_us: u64,
}

/// One window.
#[derive(Debug, Clone, Serialize)]
pub struct WindowOutcome {
    /// Whether the bank was in trouble.
    pub in_trouble: bool,
    /// Time in the node of payments that do not touch the bank.
    pub internal_us: Quantiles,
    /// From the intended instant to the last byte of the answer, the same payments.
    pub response_us: Quantiles,
    /// Final payments a second, all banks.
    pub payments_per_second: f64,
    /// Refused with a signed 303.
    pub refused: u64,
    /// Without a usable answer.
    pub unknown: u64,
    /// Share of a core that the node used.
    pub node_busy: f64,
    /// Share of its cores that the load used.
    pub load_busy: f64,
    /// Lost, debited twice, illegal, still open.
    pub verdict: Verdict,
    /// Why the window is not to be believed; empty = it is.
    pub invalid_because: Vec<String>,
}

impl WindowOutcome {
    pub(super) fn new(in_trouble: bool, trial: &Trial) -> Self {
        let (report, window) = (&trial.report, &trial.window);
        Self {
            in_trouble,
            internal_us: report.internal_us.into(),
            response_us: report.response_us.into(),
            payments_per_second: report.payments_per_second,
            refused: report.refused,
            unknown: report.unknown,
            node_busy: window.node_busy(),
            load_busy: window.load_busy,
            verdict: trial.verdict.clone(),
            invalid_because: trial.doubts(),
        }
    }
}

impl Outcome {
    pub(super) fn new(
        arguments: &Arguments,
        (rate, capacity): (f64, Option<f64>),
        windows: Vec<WindowOutcome>,
        cores: Cores,
        machine: Machine,
    ) -> Self {
        let (without, with) = (side(&windows, false), side(&windows, true));
        let mut doubts: Vec<String> =
            windows.iter().flat_map(|window| window.invalid_because.iter().cloned()).collect();
        doubts.sort_unstable();
        doubts.dedup();
        let is_safe = windows.iter().all(|window| window.verdict.is_safe());
        let ratio_p99 = ratio(with.p99_us, without.p99_us);
        let reached = ratio_p99.map(|ratio| ratio <= RATIO_MAX && is_safe);
        Self {
            ratio_p99,
            ratio_p50: ratio(with.p50_us, without.p50_us),
            goal: RATIO_MAX,
            met: reached.filter(|_| doubts.is_empty() || !is_safe),
            without,
            with,
            fault: arguments.fault,
            rate,
            capacity,
            suite: arguments.suite.to_string(),
            transport: Transport::of(arguments.run.tls),
            seconds: arguments.seconds,
            verdict: if is_safe { "good" } else { "bad" },
            valid: doubts.is_empty(),
            invalid_because: doubts,
            windows,
            cores,
            machine,
        }
    }
}

fn side(windows: &[WindowOutcome], in_trouble: bool) -> Side {
    let of = |quantile: fn(&Quantiles) -> u64| {
        let these = windows.iter().filter(|window| window.in_trouble == in_trouble);
        let mut values: Vec<u64> = these.map(|window| quantile(&window.internal_us)).collect();
        values.sort_unstable();
        values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0)
    };
    Side { p50_us: of(|quantiles| quantiles.p50), p99_us: of(|quantiles| quantiles.p99) }
}

fn ratio(value: u64, floor: u64) -> Option<f64> {
    (value > 0 && floor > 0).then(|| value as f64 / floor as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(in_trouble: bool, p50: u64, p99: u64) -> WindowOutcome {
        WindowOutcome {
            in_trouble,
            internal_us: Quantiles { p50, p99, ..Quantiles::default() },
            response_us: Quantiles::default(),
            payments_per_second: 1.0,
            refused: 0,
            unknown: 0,
            node_busy: 0.5,
            load_busy: 0.5,
            verdict: Verdict { ok: true, money_conserved: true, ..Verdict::default() },
            invalid_because: Vec::new(),
        }
    }

    #[test]
    fn each_side_is_the_median_of_its_windows() {
        let windows = [
            window(false, 10, 100),
            window(true, 12, 130),
            window(false, 30, 300),
            window(true, 11, 110),
            window(false, 20, 200),
        ];
        assert_eq!(side(&windows, false), Side { p50_us: 20, p99_us: 200 });
        assert_eq!(side(&windows, true), Side { p50_us: 11, p99_us: 110 });
        assert_eq!(side(&[], true), Side::default());
        assert_eq!((ratio(3, 2), ratio(3, 0), ratio(0, 3)), (Some(1.5), None, None));
    }
}
