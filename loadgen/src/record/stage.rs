//! Where a payment's time and CPU go, by the node's own account.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One stage of a payment's way, summed over its messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// `read`, `queue`, `decode`, `verify`, `admit`, `sign`, `commit-wait`, `forward`, `bank-wait`, `write`, and `reactor`, which
    /// is CPU alone: what the node's workers spend on waiting for sockets and timers, found by difference.
    pub name: String,
    /// Mean time of a payment in it, in microseconds.
    pub wall_us: f64,
    /// Mean CPU of a payment in it, in microseconds; 0 where it only waits.
    pub cpu_us: f64,
}

/// All stages, and what they do not explain.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StageBudget {
    /// Payments that it is the mean of.
    pub payments: u64,
    /// In the order of the way.
    pub stages: Vec<Stage>,
    /// Mean time from the first byte of the request to the last byte of the receipt, measured by itself, in
    /// microseconds.
    pub total_wall_us: f64,
    /// CPU time of the node's process / payments, measured by itself, in microseconds.
    pub total_cpu_us: f64,
}

impl StageBudget {
    /// Time that no stage explains, in microseconds; negative when stages count some of it twice.
    pub fn residual_wall_us(&self) -> f64 {
        rest(self.total_wall_us, self.stages.iter().map(|stage| stage.wall_us))
    }

    /// CPU that no stage explains, in microseconds.
    pub fn residual_cpu_us(&self) -> f64 {
        rest(self.total_cpu_us, self.stages.iter().map(|stage| stage.cpu_us))
    }
}

/// What `parts` leave of `total`; what is less than sums of fractions are exact to is nothing.
fn rest(total: f64, parts: impl Iterator<Item = f64>) -> f64 {
    const EXACT: f64 = 1e-9;
    let rest = total - parts.sum::<f64>();
    if rest.abs() <= total.abs() * EXACT { 0.0 } else { rest }
}

/// A table for a terminal, microseconds of a payment.
impl fmt::Display for StageBudget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "stages of {} payments, mean us of one: time, CPU", self.payments)?;
        for Stage { name, wall_us, cpu_us } in &self.stages {
            writeln!(out, "  {name:<11} {wall_us:>11.1} {cpu_us:>9.1}")?;
        }
        writeln!(out, "  {:<11} {:>11.1} {:>9.1}", "residual", self.residual_wall_us(), self.residual_cpu_us())?;
        write!(out, "  {:<11} {:>11.1} {:>9.1}", "total", self.total_wall_us, self.total_cpu_us)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_that_sum_to_the_total_leave_nothing() {
        let stage = |wall_us, cpu_us| Stage { name: "x".into(), wall_us, cpu_us };
        let stages = vec![stage(0.1, 0.5), stage(0.2, 0.0), stage(0.3, 0.25)];
        let budget = StageBudget { payments: 1, stages, total_wall_us: 0.6, total_cpu_us: 0.5 };
        assert_eq!((budget.residual_wall_us(), budget.residual_cpu_us()), (0.0, -0.25));
        assert!((0.6 - (0.1 + 0.2 + 0.3_f64)).abs() > 0.0, "it is no matter of course");
    }

    #[test]
    fn the_table_says_what_no_stage_explains() {
        let stage = |name: &str, wall_us, cpu_us| Stage { name: name.into(), wall_us, cpu_us };
        let budget = StageBudget {
            payments: 7,
            stages: vec![stage("verify", 120.5, 80.0), stage("bank-wait", 1_000.0, 0.0)],
            total_wall_us: 1_121.0,
            total_cpu_us: 90.25,
        };
        let lines: Vec<String> = budget.to_string().lines().map(str::to_owned).collect();
        assert_eq!(lines.first().map(String::as_str), Some("stages of 7 payments, mean us of one: time, CPU"));
        let words = |line: &String| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&lines[3]), ["residual", "0.5", "10.2"]);
        assert_eq!(words(&lines[4]), ["total", "1121.0", "90.2"]);
    }
}
