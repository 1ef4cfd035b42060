//! Where a payment's time and CPU go, by the node's own account.

use serde::{Deserialize, Serialize};

/// One stage of a payment's way, summed over its messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// `read`, `decode`, `verify`, `admit`, `commit-wait`, `forward`, `sign`, `write`, `bank-wait`.
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
        self.total_wall_us - self.stages.iter().map(|stage| stage.wall_us).sum::<f64>()
    }

    /// CPU that no stage explains, in microseconds.
    pub fn residual_cpu_us(&self) -> f64 {
        self.total_cpu_us - self.stages.iter().map(|stage| stage.cpu_us).sum::<f64>()
    }
}
