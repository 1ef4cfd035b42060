//! What it takes to get a run's figures again.

use super::machine::Machine;
use super::program::Program;
use serde::{Deserialize, Serialize};

/// Program, machine, and what was given to the program.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// Seed of schedule, mix and contents.
    pub seed: u64,
    /// Digest of the configuration file, `sha256:...`; keys are files of their own and not in it. `None` = without one.
    pub config_digest: Option<String>,
    /// Where the target was.
    pub target: String,
    /// The program.
    pub program: Program,
    /// The machine.
    pub machine: Machine,
}

impl Manifest {
    /// Looks at program and machine.
    pub fn inspect(seed: u64, target: String, config_digest: Option<String>) -> Self {
        Self { seed, config_digest, target, program: Program::inspect(), machine: Machine::inspect() }
    }
}
