//! The machine and the program behind a figure, written beside every run.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

use crate::disk::{Filesystem, SyncProbe, probe_sync};
use crate::error::Error;

/// What a reader needs to know before believing a figure.
#[derive(Debug, Clone, Serialize)]
pub struct Machine {
    /// Processor model.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Instruction sets that signature libraries care about.
    pub cpu_features: Vec<String>,
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
        let cpuinfo = read("/proc/cpuinfo");
        let flags = field(&cpuinfo, "flags").unwrap_or_default();
        let has = |flag: &str| flags.split_whitespace().any(|known| known == flag);
        const TOLD: [&str; 7] = ["aes", "avx2", "avx512f", "avx512ifma", "bmi2", "adx", "sha_ni"];
        Ok(Self {
            cpu: field(&cpuinfo, "model name").unwrap_or_else(|| "unknown".into()),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            cpu_features: TOLD.into_iter().filter(|flag| has(flag)).map(str::to_owned).collect(),
            memory_bytes: memory_bytes(&read("/proc/meminfo")),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            rustc: output("rustc", &["--version"]),
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            commit: output("git", &["describe", "--always", "--dirty", "--abbrev=12"]),
            virtual_machine: has("hypervisor"),
            load_average: read("/proc/loadavg").split_whitespace().next().and_then(|load| load.parse().ok()),
            filesystem: Filesystem::of(folder)?,
            sync: probe_sync(folder)?,
            command: std::env::args().map(without_folders).collect(),
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

/// An argument without the folders of this machine, which say nothing to a reader.
fn without_folders(argument: String) -> String {
    let path = Path::new(&argument);
    match path.file_name() {
        Some(name) if path.is_absolute() => name.to_string_lossy().into_owned(),
        _ => argument,
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn field(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

fn memory_bytes(meminfo: &str) -> u64 {
    let total = field(meminfo, "MemTotal").unwrap_or_default();
    total.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0).saturating_mul(1024)
}

/// First line of what a command prints, if it is there and content.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|output| output.status.success())?;
    let line = String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned();
    Some(line).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_no_folder_of_this_machine() {
        let told =
            ["/opt/x/clearway-bench", "demo", "--json", "runs/a.json", "/"].map(|text| without_folders(text.into()));
        assert_eq!(told, ["clearway-bench", "demo", "--json", "runs/a.json", "/"]);
    }

    #[test]
    fn fields_of_proc_are_found() {
        let text = "model name\t: AMD EPYC\nflags\t\t: fpu aes\nMemTotal:       24000 kB\n";
        assert_eq!(field(text, "model name").as_deref(), Some("AMD EPYC"));
        assert_eq!(field(text, "bogomips"), None);
        assert_eq!(memory_bytes(text), 24_000 * 1024);
    }
}
