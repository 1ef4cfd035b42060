//! The machine that a figure was measured on.

use serde::{Deserialize, Serialize};
use std::fs;

/// Instruction sets that signature libraries care about.
const FEATURES_TOLD: [&str; 7] = ["aes", "avx2", "avx512f", "avx512ifma", "bmi2", "adx", "sha_ni"];

/// What a reader needs to know of the machine before believing a figure.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// Processor model.
    pub cpu: String,
    /// Cores that this process may use.
    pub cores: usize,
    /// Instruction sets that signature libraries care about.
    pub cpu_features: Vec<String>,
    /// How the kernel chooses the clock rate; `None` where it has no say, as in most virtual machines.
    pub governor: Option<String>,
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// Groups of cores with memory of their own.
    pub numa_nodes: usize,
    /// Kernel.
    pub kernel: String,
    /// Whether something runs beneath the kernel.
    pub virtual_machine: bool,
    /// Load of the last minute when the run began: others on this machine.
    pub load_average: Option<f64>,
}

impl Machine {
    /// Looks at this machine. What cannot be found out is empty.
    pub fn inspect() -> Self {
        let cpuinfo = read("/proc/cpuinfo");
        let flags = field(&cpuinfo, "flags").unwrap_or_default();
        let has = |flag: &str| flags.split_whitespace().any(|known| known == flag);
        let governor = read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").trim().to_owned();
        Self {
            cpu: field(&cpuinfo, "model name").unwrap_or_else(|| "unknown".into()),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            cpu_features: FEATURES_TOLD.into_iter().filter(|flag| has(flag)).map(str::to_owned).collect(),
            governor: Some(governor).filter(|governor| !governor.is_empty()),
            memory_bytes: memory_bytes(&read("/proc/meminfo")),
            numa_nodes: numa_nodes(&read("/sys/devices/system/node/online")),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            virtual_machine: has("hypervisor"),
            load_average: read("/proc/loadavg").split_whitespace().next().and_then(|load| load.parse().ok()),
        }
    }

    /// Processor, cores, memory and kernel in one line.
    pub fn describe(&self) -> String {
        let gib = self.memory_bytes as f64 / f64::from(1 << 30);
        format!("{}, {} cores, {gib:.0} GiB, Linux {}", self.cpu, self.cores, self.kernel)
    }

    /// What figures of several runs may be compared within: processor, cores, and whether it is a machine of its own.
    pub fn family(&self) -> String {
        let kind = if self.virtual_machine { "virtual" } else { "bare" };
        format!("{}, {} cores, {kind}", self.cpu, self.cores)
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

/// The kernel's list of nodes: `0-1,4`. At least one.
fn numa_nodes(online: &str) -> usize {
    let count = |range: &str| -> Option<usize> {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        last.parse::<usize>().ok()?.checked_sub(first.parse().ok()?)?.checked_add(1)
    };
    online.trim().split(',').filter_map(count).sum::<usize>().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_proc_are_found() {
        let text = "model name\t: AMD EPYC\nflags\t\t: fpu aes\nMemTotal:       24000 kB\n";
        assert_eq!(field(text, "model name").as_deref(), Some("AMD EPYC"));
        assert_eq!(field(text, "bogomips"), None);
        assert_eq!(memory_bytes(text), 24_000 * 1024);
    }

    #[test]
    fn nodes_of_memory_are_counted() {
        let cases = [("0\n", 1), ("0-3\n", 4), ("0-1,4\n", 3), ("", 1), ("x-y", 1), ("3-1", 1)];
        assert_eq!(cases.map(|(online, _)| numa_nodes(online)), cases.map(|(_, nodes)| nodes));
    }

    #[test]
    fn this_machine_has_a_core_and_memory() {
        let machine = Machine::inspect();
        assert!(machine.cores > 0 && machine.memory_bytes > 0 && !machine.kernel.is_empty(), "{machine:?}");
        let json = serde_json::to_string(&machine).unwrap();
        assert_eq!(serde_json::from_str::<Machine>(&json).unwrap(), machine);
    }
}
