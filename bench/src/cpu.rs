//! CPU time, and which core does what.
//!
//! Invariant: whatever is set against a node's CPU time is measured as CPU time too, so that other work on the machine moves neither.

use std::time::Duration;

use rustix::thread::{CpuSet, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

/// More than one for the sending thread and two for the banks is of no use to the load.
const LOAD_CORES_MAX: usize = 3;

/// User and system time that the calling thread has used so far.
pub fn thread_cpu() -> Duration {
    cpu(ClockId::ThreadCPUTime)
}

/// User and system time that this process has used so far.
pub fn process_cpu() -> Duration {
    cpu(ClockId::ProcessCPUTime)
}

fn cpu(clock: ClockId) -> Duration {
    let read = clock_gettime(clock);
    Duration::new(u64::try_from(read.tv_sec).unwrap_or(0), u32::try_from(read.tv_nsec).unwrap_or(0))
}

/// Time that all cores of this machine together were busy since it started, time taken by the host included, and their number; `None` when the
/// system does not say.
pub fn machine_cpu() -> Option<(Duration, usize)> {
    busy_of(&std::fs::read_to_string("/proc/stat").ok()?, rustix::param::clock_ticks_per_second())
}

/// User and system time of all processes that this one has started and that have ended, and of theirs, to a tick of the
/// kernel's clock (usually 10 ms); `None` when the system does not say.
pub fn children_cpu() -> Option<Duration> {
    children_of(&std::fs::read_to_string("/proc/self/stat").ok()?, rustix::param::clock_ticks_per_second())
}

/// Columns 16 and 17 of proc(5); a program's name, in column 2, may hold anything.
fn children_of(stat: &str, ticks_per_s: u64) -> Option<Duration> {
    let (_, columns) = stat.rsplit_once(") ")?;
    let ticks = columns.split_whitespace().skip(13).take(2).map(|column| column.parse::<u64>().ok());
    let ticks = ticks.sum::<Option<u64>>()?;
    Duration::try_from_secs_f64(ticks as f64 / ticks_per_s.max(1) as f64).ok()
}

fn busy_of(stat: &str, ticks_per_s: u64) -> Option<(Duration, usize)> {
    let mut lines = stat.lines().filter(|line| line.starts_with("cpu"));
    let columns: Vec<u64> = lines.next()?.split_whitespace().skip(1).map_while(|column| column.parse().ok()).collect();
    // user nice system - idle iowait - irq softirq steal
    let busy: u64 = [0, 1, 2, 5, 6, 7].into_iter().filter_map(|column| columns.get(column)).sum();
    let seconds = busy as f64 / ticks_per_s.max(1) as f64;
    Some((Duration::try_from_secs_f64(seconds).ok()?, lines.count().max(1)))
}

/// Microseconds of a duration.
pub fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// Pins the calling thread, and what it starts from now on, to a core. Whether that worked.
pub fn pin(core: Option<usize>) -> bool {
    core.is_none_or(|id| core_affinity::set_for_current(core_affinity::CoreId { id }))
}

/// Pins the calling thread, and what it starts from now on, to these cores together; none = wherever it may. Whether that worked.
pub fn pin_among(cores: &[usize]) -> bool {
    let mut set = CpuSet::new();
    cores.iter().filter(|core| **core < CpuSet::MAX_CPU).for_each(|core| set.set(*core));
    cores.is_empty() || sched_setaffinity(None, &set).is_ok()
}

/// Who runs where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cores {
    /// Core of the node's whole process, the first of them when it has several workers; `None` = not pinned.
    pub node: Option<usize>,
    /// Its further ones, one for each further worker.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub node_further: Vec<usize>,
    /// Cores of the load, the sending thread's first; empty = not pinned.
    pub load: Vec<usize>,
    /// Cores that this process may use.
    pub available: usize,
}

impl Cores {
    /// By the cores that this process may use.
    pub fn choose() -> Self {
        Self::among(&usable())
    }

    /// The same for a node with so many workers; `None` when there are no cores left for the load then.
    pub fn choose_for(workers: usize) -> Option<Self> {
        Self::for_workers(&usable(), workers)
    }

    /// A core for each worker, up to three others for the load.
    pub fn for_workers(ids: &[usize], workers: usize) -> Option<Self> {
        let (node, load) = ids.split_at_checked(workers).filter(|(node, load)| !node.is_empty() && !load.is_empty())?;
        let (first, further) = node.split_first()?;
        Some(Self {
            node: Some(*first),
            node_further: further.to_vec(),
            load: load.iter().take(LOAD_CORES_MAX).copied().collect(),
            available: ids.len(),
        })
    }

    /// The node gets the first core, the load up to three others. One core alone is shared and nothing is pinned.
    pub fn among(ids: &[usize]) -> Self {
        let shared = || Self { node: None, node_further: Vec::new(), load: Vec::new(), available: ids.len() };
        Self::for_workers(ids, 1).unwrap_or_else(shared)
    }

    /// All cores of the node; empty = not pinned.
    pub fn node_cores(&self) -> Vec<usize> {
        self.node.into_iter().chain(self.node_further.iter().copied()).collect()
    }

    /// Cores that the load can use up.
    pub fn load_capacity(&self) -> usize {
        self.load.len().max(1)
    }

    /// Cores of the banks: those that the sending thread leaves free, or the same.
    pub fn bank_cores(&self) -> Vec<usize> {
        match self.load.as_slice() {
            [sender] => vec![*sender],
            [_, banks @ ..] => banks.to_vec(),
            [] => Vec::new(),
        }
    }

    /// For people.
    pub fn describe(&self) -> String {
        match self.node_cores().as_slice() {
            [node] => format!("node on core {node}, load on {:?} of {} cores", self.load, self.available),
            nodes @ [_, ..] => format!("node on cores {nodes:?}, load on {:?} of {} cores", self.load, self.available),
            [] => "not pinned: one core for node and load together".to_owned(),
        }
    }
}

/// Cores that this process may use.
fn usable() -> Vec<usize> {
    core_affinity::get_core_ids().unwrap_or_default().into_iter().map(|core| core.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_workers_get_a_core_each_and_leave_one_for_the_load() {
        let seen = |ids: &[usize], workers| {
            Cores::for_workers(ids, workers).map(|cores| (cores.node_cores(), cores.load.clone()))
        };
        assert_eq!(seen(&[0, 1], 1), Some((vec![0], vec![1])));
        assert_eq!([seen(&[0, 1], 2), seen(&[0, 1], 3), seen(&[0, 1], 0), seen(&[], 1)], [None, None, None, None]);
        assert_eq!(seen(&[0, 1, 2, 3], 2), Some((vec![0, 1], vec![2, 3])));
        assert_eq!(seen(&[0, 1, 2, 3, 4, 5, 6, 7], 4), Some((vec![0, 1, 2, 3], vec![4, 5, 6])));
    }

    #[test]
    fn the_node_never_shares_a_core_when_there_are_two() {
        let seen = |ids: &[usize]| {
            let cores = Cores::among(ids);
            (cores.node, cores.load.clone(), cores.bank_cores(), cores.load_capacity())
        };
        assert_eq!(seen(&[]), (None, vec![], vec![], 1));
        assert_eq!(seen(&[5]), (None, vec![], vec![], 1));
        assert_eq!(seen(&[0, 1]), (Some(0), vec![1], vec![1], 1));
        assert_eq!(seen(&[2, 3, 7]), (Some(2), vec![3, 7], vec![7], 2));
        assert_eq!(seen(&[0, 1, 2, 3, 4, 5]), (Some(0), vec![1, 2, 3], vec![2, 3], 3));
    }

    #[test]
    fn idle_time_is_not_busy() {
        let stat = "cpu  100 10 50 900 40 5 5 30 0 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nintr 5\n";
        assert_eq!(busy_of(stat, 100), Some((Duration::from_secs(2), 2)));
        assert_eq!(busy_of("intr 5\n", 100), None);
    }

    #[test]
    fn time_of_children_is_behind_any_name() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194304 100 200 0 0 11 12 250 150 20 0 1 0 5 6 7";
        assert_eq!(children_of(stat, 100), Some(Duration::from_secs(4)));
        assert_eq!(children_of("7 (a) S 1", 100), Some(Duration::ZERO));
        assert_eq!(children_of("", 100), None);
    }

    #[test]
    fn cpu_time_grows_with_work() {
        let before = thread_cpu();
        let mut sum = 0_u64;
        while thread_cpu() == before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(process_cpu() >= thread_cpu().saturating_sub(before));
    }
}
