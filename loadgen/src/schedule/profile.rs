//! How fast requests are due, over the time of a run.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Requests a second over all institutions and kinds, as a function of the time since the start of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Profile {
    /// The same rate all the time.
    Constant {
        /// Requests a second.
        rate_per_s: f64,
    },
}

impl Profile {
    /// The same rate all the time, in requests a second.
    pub const fn constant(rate_per_s: f64) -> Self {
        Self::Constant { rate_per_s }
    }

    /// Requests that are due within a run of this length, on average.
    pub fn expected(&self, duration: Duration) -> f64 {
        match self {
            Self::Constant { rate_per_s } => rate_per_s * duration.as_secs_f64(),
        }
    }

    /// Mean rate over a run of this length, in requests a second.
    pub fn mean_per_s(&self, duration: Duration) -> f64 {
        self.expected(duration) / duration.as_secs_f64()
    }

    /// The highest rate within a run of this length, in requests a second.
    pub fn peak_per_s(&self, _duration: Duration) -> f64 {
        match self {
            Self::Constant { rate_per_s } => *rate_per_s,
        }
    }

    /// What makes it impossible; `None` = it can be carried out.
    pub fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Constant { rate_per_s } => {
                (!(rate_per_s.is_finite() && *rate_per_s > 0.0)).then_some("rate must be above 0")
            }
        }
    }
}
