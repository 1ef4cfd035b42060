//! One thing that an objective asks for.

use std::fmt;

/// Which figure, on which side of which limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Criterion {
    /// What is measured; it also says on which side of the limit it must lie, and in what unit the limit is.
    pub measure: Measure,
    /// Whether the limit itself is still good enough (`<=`, `>=`).
    pub is_inclusive: bool,
    /// The limit, in [`Measure::unit`].
    pub limit: f64,
}

impl Criterion {
    /// Whether a measured value, in [`Measure::unit`], is good enough.
    pub fn is_met_by(&self, value: f64) -> bool {
        match (self.measure.is_ceiling(), self.is_inclusive) {
            (true, false) => value < self.limit,
            (true, true) => value <= self.limit,
            (false, false) => value > self.limit,
            (false, true) => value >= self.limit,
        }
    }

    /// The sign between measure and limit.
    pub const fn sign(&self) -> &'static str {
        match (self.measure.is_ceiling(), self.is_inclusive) {
            (true, false) => "<",
            (true, true) => "<=",
            (false, false) => ">",
            (false, true) => ">=",
        }
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.measure, self.sign(), self.measure.unit().spell(self.limit))
    }
}

/// What a criterion looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// A latency.
    Latency {
        /// Which figure of its distribution.
        figure: Figure,
        /// Measured from where to where.
        series: Series,
    },
    /// Share of the scheduled requests that went wrong.
    Errors,
    /// Share of the intended rate that was answered.
    Achieved,
}

impl Measure {
    /// Whether the limit is an upper one.
    pub const fn is_ceiling(self) -> bool {
        !matches!(self, Self::Achieved)
    }

    /// What limit and measured value are given in.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Latency { .. } => Unit::Micros,
            Self::Errors | Self::Achieved => Unit::Percent,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency { figure, series: Series::Response } => figure.fmt(f),
            Self::Latency { figure, series } => write!(f, "{figure}.{}", series.name()),
            Self::Errors => f.write_str("errors"),
            Self::Achieved => f.write_str("achieved"),
        }
    }
}

/// A figure of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// The value that a share of all values does not exceed.
    Quantile(Quantile),
    /// The largest value.
    Max,
    /// The arithmetic mean.
    Mean,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quantile(quantile) => quantile.fmt(f),
            Self::Max => f.write_str("max"),
            Self::Mean => f.write_str("mean"),
        }
    }
}

/// A quantile in steps of one in a million: `p99.9` is 999,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantile(u32);

impl Quantile {
    /// The median.
    pub const P50: Self = Self(500_000);
    /// 90 in 100.
    pub const P90: Self = Self(900_000);
    /// 99 in 100.
    pub const P99: Self = Self(990_000);
    /// 999 in 1000.
    pub const P999: Self = Self(999_000);

    /// From a percentage; `None` unless it lies between 0 and 100, both excluded, and has at most four decimals.
    pub fn from_percent(percent: f64) -> Option<Self> {
        let millionths = percent * 10_000.0;
        let is_whole = (millionths - millionths.round()).abs() < 1e-6;
        (is_whole && (1.0..1e6).contains(&millionths.round())).then_some(Self(millionths.round() as u32))
    }

    /// As a share, 0 to 1.
    pub fn share(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

impl fmt::Display for Quantile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{}", f64::from(self.0) / 10_000.0)
    }
}

/// From where to where a latency is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Series {
    /// From the intended instant to the answer.
    Response,
    /// From the actual sending to the answer.
    Service,
    /// Within the node, by its own account.
    Internal,
}

impl Series {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Response, Self::Service, Self::Internal];

    /// Its name in an objective.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Service => "service",
            Self::Internal => "internal",
        }
    }
}

/// The unit of a limit and of what is measured against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Microseconds.
    Micros,
    /// Hundredths.
    Percent,
}

impl Unit {
    /// A value with its unit, as short as it can be without loss: 20000 us are `20ms`.
    pub fn spell(self, value: f64) -> String {
        let is_whole = |part: f64| value >= part && value % part == 0.0;
        match self {
            Self::Percent => format!("{value}%"),
            Self::Micros if is_whole(1e6) => format!("{}s", value / 1e6),
            Self::Micros if is_whole(1e3) => format!("{}ms", value / 1e3),
            Self::Micros => format!("{value}us"),
        }
    }

    /// A measured value with its unit, in as many digits as it was measured with.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Percent if value != 0.0 && value.abs() < 0.01 => format!("{value:.4} %"),
            // Not rounded up to the 100 % that it missed.
            Self::Percent => format!("{:.2} %", (value * 100.0).floor() / 100.0),
            Self::Micros if value >= 1e6 => format!("{:.2} s", value / 1e6),
            Self::Micros if value >= 1e4 => format!("{:.1} ms", value / 1e3),
            Self::Micros if value >= 1e3 => format!("{:.2} ms", value / 1e3),
            Self::Micros => format!("{value:.0} us"),
        }
    }
}
