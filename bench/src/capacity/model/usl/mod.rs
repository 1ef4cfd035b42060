//! The Universal Scalability Law: throughput against concurrency.
//!
//! ```text
//! X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1))      lambda > 0, 0 <= sigma <= 1, kappa >= 0
//! ```
//!
//! N. J. Gunther, "Guerrilla Capacity Planning", Springer 2007, chapters 4 to 6, with the three-parameter form of B.
//! Schwartz, "Practical Scalability Analysis with the Universal Scalability Law", 2015: lambda is fitted too, so that no
//! measurement at N = 1 is needed. In an open loop N is the mean number of requests under way, which load steps give.

mod bootstrap;
mod fit;
mod law;

#[cfg(test)]
mod published;

pub(crate) use law::{Terms, law};

use serde::{Deserialize, Serialize};

/// The three coefficients.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Usl {
    /// Throughput of one, per second.
    pub lambda: f64,
    /// Contention: the share that is done one after the other.
    pub sigma: f64,
    /// Coherency: what each pair costs.
    pub kappa: f64,
}

/// One measured load: `n` at a time gave `per_s`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Concurrency, above 0.
    pub n: f64,
    /// Throughput, above 0.
    pub per_s: f64,
}

/// Fewest different loads that three coefficients and an interval of them may be drawn from.
pub const LOADS_MIN: usize = 6;

impl Usl {
    /// Throughput at `n`.
    ///
    /// ```
    /// use clearway_bench::capacity::model::usl::Usl;
    ///
    /// // Cisco's router benchmark as fitted by Schwartz: 12,341 at 35.
    /// let law = Usl { lambda: 995.6486, sigma: 0.02671591, kappa: 7.690945e-4 };
    /// assert_eq!(law.at(35.0).round(), 12_342.0);
    /// assert_eq!(law.peak().unwrap().floor(), 35.0);
    /// ```
    #[must_use]
    pub fn at(&self, n: f64) -> f64 {
        self.lambda * capacity(n, self.sigma, self.kappa)
    }

    /// Concurrency of the highest throughput: sqrt((1 - sigma) / kappa); `None` when nothing makes it fall again.
    #[must_use]
    pub fn peak(&self) -> Option<f64> {
        (self.kappa > 0.0).then(|| ((1.0 - self.sigma) / self.kappa).sqrt())
    }
}

/// Throughput in units of lambda.
fn capacity(n: f64, sigma: f64, kappa: f64) -> f64 {
    n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0))
}
