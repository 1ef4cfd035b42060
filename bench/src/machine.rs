//! The machine and the program behind a figure, written beside every run.

use std::path::Path;

use clearway_loadgen::manifest;
use serde::Serialize;

use crate::disk::{Filesystem, SyncProbe, probe_sync};
use crate::error::Error;

/// What a reader needs to know before believing a figure.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// When it was looked at, RFC 3339, UTC: before what it stands beside was measured.
    pub started_at: String,
    /// Processor model.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Instruction sets that signature libraries care about.
    pub cpu_features: Vec<String>,
    /// How the kernel chooses the clock rate; none where it has no say.
    pub governor: Option<String>,
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// Kernel.
    pub kernel: String,
    /// Compiler in the path now; built with it unless told otherwise.
    pub rustc: Option<String>,
    /// `release` or `debug`.
    pub build: &'static str,
    /// Commit of the working tree, `-dirty` when it was changed since.
    pub commit: Option<String>,
    /// Whether something runs beneath the kernel.
    pub virtual_machine: bool,
    /// Load of the last minute when the run began: others on this machine.
    pub load_average: Option<f64>,
    /// File system of the journal.
    pub filesystem: Filesystem,
    /// What one small durable write costs there.
    pub sync: SyncProbe,
    /// The command line, absolute paths by their last part.
    pub command: Vec<String>,
}

impl Machine {
    /// Looks at this machine; `folder` is where the journal will be.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn inspect(folder: &Path) -> Result<Self, Error> {
        let (hardware, program) = (manifest::Machine::inspect(), manifest::Program::inspect());
        Ok(Self {
            started_at: manifest::now(),
            commit: program.describe_commit(),
            cpu: hardware.cpu,
            cores: hardware.cores,
            cpu_features: hardware.cpu_features,
            governor: hardware.governor,
            memory_bytes: hardware.memory_bytes,
            kernel: hardware.kernel,
            rustc: program.rustc,
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            virtual_machine: hardware.virtual_machine,
            load_average: hardware.load_average,
            filesystem: Filesystem::of(folder)?,
            sync: probe_sync(folder)?,
            command: program.command,
        })
    }

    /// One line for people.
    pub fn describe(&self) -> String {
        format!(
            "{}, {} cores, {:.0} GiB, Linux {}, {} ({:.0} us a durable 4 KiB write), {} build{}",
            self.cpu,
            self.cores,
            self.memory_bytes as f64 / f64::from(1 << 30),
            self.kernel,
            self.filesystem.kind,
            self.sync.median_us,
            self.build,
            self.commit.as_ref().map(|commit| format!(", {commit}")).unwrap_or_default()
        )
    }
}
