//! What holds for a whole course.

use serde::{Deserialize, Serialize};

use crate::capacity::model::measurements::MachineFacts;

/// Name and version of the file's form.
pub const FORMAT: &str = "clearway-capacity-course/1";

/// `course.json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CourseFile {
    /// [`FORMAT`].
    pub format: String,
    /// Whether this was the short course.
    pub quick: bool,
    /// Seed of schedules and contents.
    pub seed: u64,
    /// Where it ran.
    pub machine: MachineFacts,
    /// Stems of the runs' files, in their order.
    pub runs: Vec<String>,
    /// What could not be measured here, and why.
    pub skipped: Vec<String>,
}

/// What a run varies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// The rate.
    Steps,
    /// Cores of the node.
    Cores,
    /// The signature suite.
    Suites,
    /// Plain HTTP or mutual TLS.
    Transports,
    /// The driver of the journal.
    Durability,
}

impl Axis {
    /// As files are named.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Cores => "cores",
            Self::Suites => "suites",
            Self::Transports => "transports",
            Self::Durability => "durability",
        }
    }
}
