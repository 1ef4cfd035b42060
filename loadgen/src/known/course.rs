//! When each answer is due, worked out from when its request was read. Reads no clock.
//!
//! Invariant: answers are due in the order of their requests, and none before its request.

use super::behaviour::KnownBehaviour;
use std::time::Duration;

/// The instants of a server's answers. Times are nanoseconds since the server's start.
///
/// ```
/// use clearway_loadgen::known::{Course, KnownBehaviour};
/// use std::time::Duration;
///
/// // One server, 2 ms each, standing still from 900 ms to 1,000 ms.
/// let behaviour = KnownBehaviour {
///     service: Duration::from_millis(2),
///     servers: Some(1),
///     stall: Some("100ms/1s".parse()?),
///     ..KnownBehaviour::default()
/// };
/// let mut course = Course::new(&behaviour);
/// assert_eq!(course.due_ns(1_000_000), 3_000_000);
/// assert_eq!(course.due_ns(1_500_000), 5_000_000, "behind the first");
/// assert_eq!(course.due_ns(899_000_000), 1_001_000_000, "half done when the stall came");
/// assert_eq!(course.due_ns(950_000_000), 1_003_000_000);
/// # Ok::<(), clearway_loadgen::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Course {
    service_ns: u64,
    /// When each server of the queue is free, in working time, from the one that is free first; empty without a queue.
    free_ns: Vec<u64>,
    next: usize,
    working: WorkingTime,
}

impl Course {
    /// A server that has not been asked yet.
    pub fn new(behaviour: &KnownBehaviour) -> Self {
        let (stall_ns, period_ns) =
            behaviour.stall.map_or((0, u64::MAX), |stall| (nanos(stall.length), nanos(stall.period).max(1)));
        Self {
            service_ns: nanos(behaviour.service),
            free_ns: vec![0; behaviour.servers.unwrap_or(0)],
            next: 0,
            working: WorkingTime { busy_ns: period_ns.saturating_sub(stall_ns).max(1), period_ns },
        }
    }

    /// Whether every request is answered the moment it is read.
    pub fn is_immediate(&self) -> bool {
        self.service_ns == 0 && self.working.busy_ns == self.working.period_ns
    }

    /// When the answer is due to the request that was read at this instant, not before the one of the last call.
    pub fn due_ns(&mut self, read_ns: u64) -> u64 {
        let from_ns = self.working.resume(read_ns);
        let mut start = self.working.worked(from_ns);
        if let Some(free) = self.free_ns.get_mut(self.next) {
            start = start.max(*free);
            // All requests are the same work: the server that has begun first is free first.
            *free = start.saturating_add(self.service_ns);
            self.next = (self.next + 1) % self.free_ns.len();
        }
        self.working.instant(start.saturating_add(self.service_ns)).max(from_ns)
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Working time runs for the first `busy_ns` of every `period_ns` and stands still for the rest.
#[derive(Debug, Clone, Copy)]
struct WorkingTime {
    busy_ns: u64,
    period_ns: u64,
}

impl WorkingTime {
    /// The instant itself, or the end of the stall that it lies in.
    fn resume(self, at_ns: u64) -> u64 {
        if at_ns % self.period_ns < self.busy_ns {
            at_ns
        } else {
            (at_ns / self.period_ns + 1).saturating_mul(self.period_ns)
        }
    }

    /// Time worked by then.
    fn worked(self, at_ns: u64) -> u64 {
        at_ns / self.period_ns * self.busy_ns + (at_ns % self.period_ns).min(self.busy_ns)
    }

    /// The first instant by which so much is worked.
    fn instant(self, worked_ns: u64) -> u64 {
        match (worked_ns / self.busy_ns, worked_ns % self.busy_ns) {
            (0, rest) => rest,
            (periods, 0) => (periods - 1).saturating_mul(self.period_ns).saturating_add(self.busy_ns),
            (periods, rest) => periods.saturating_mul(self.period_ns).saturating_add(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::Stall;
    use crate::random::Draws;

    fn behaviour(service_us: u64, servers: Option<usize>, stall_ms: Option<(u64, u64)>) -> KnownBehaviour {
        let stall = stall_ms.map(|(length, period)| Stall {
            length: Duration::from_millis(length),
            period: Duration::from_millis(period),
        });
        KnownBehaviour { service: Duration::from_micros(service_us), servers, stall, ..KnownBehaviour::default() }
    }

    #[test]
    fn a_service_time_is_the_latency() {
        let mut course = Course::new(&behaviour(500, None, None));
        for read_ns in [0, 10, 10, 7_000_000, u64::from(u32::MAX)] {
            assert_eq!(course.due_ns(read_ns) - read_ns, 500_000);
        }
        assert!(!course.is_immediate());
        assert!(Course::new(&behaviour(0, None, None)).is_immediate());
        assert!(!Course::new(&behaviour(0, None, Some((1, 10)))).is_immediate());
    }

    #[test]
    fn work_without_end_is_never_done() {
        let mut course = Course::new(&behaviour(3_600_000_000, Some(1), Some((1, 10))));
        let due: Vec<u64> = (0..6_000_000).map(|at| course.due_ns(at)).collect();
        assert!(due.is_sorted());
        assert_eq!(due.last(), Some(&u64::MAX));
    }

    #[test]
    fn a_stall_holds_everybody_until_its_end() {
        let mut course = Course::new(&behaviour(0, None, Some((100, 1_000))));
        let millis = |ms: u64| ms * 1_000_000;
        for (read, due) in
            [(0, 0), (899, 899), (900, 1_000), (950, 1_000), (1_000, 1_000), (1_899, 1_899), (1_901, 2_000)]
        {
            assert_eq!(course.due_ns(millis(read)), millis(due), "read at {read} ms");
        }
    }

    /// Any queue, against a simulation that steps through time: D/c queues with stalls, random arrivals.
    #[test]
    fn queues_and_stalls_agree_with_a_step_by_step_simulation() {
        for seed in 0..40_u64 {
            let mut draws = Draws::new(seed, 0);
            let mut below = |max: u64| draws.bits() % max;
            let (service, servers) = (1 + below(5), 1 + below(3) as usize);
            let stall = (below(2) == 1).then(|| (1 + below(4), 10 + below(5)));
            let mut arrivals: Vec<u64> = (0..60).map(|_| below(150)).collect();
            arrivals.sort_unstable();
            let mut course = Course::new(&behaviour(service * 1_000, Some(servers), stall));
            let got: Vec<u64> = arrivals.iter().map(|at| course.due_ns(at * 1_000_000)).collect();
            let simulated = simulate(&arrivals, service, servers, stall);
            assert_eq!(got, simulated, "seed {seed}: {service} ms, {servers} servers, stall {stall:?}");
        }
    }

    /// Steps of a millisecond, as all arguments are. Work of a step is done at its end.
    fn simulate(arrivals: &[u64], service: u64, servers: usize, stall: Option<(u64, u64)>) -> Vec<u64> {
        let mut left: Vec<u64> = vec![service; arrivals.len()];
        let mut due = vec![0; arrivals.len()];
        for step in 0_u64.. {
            let is_stalled = stall.is_some_and(|(length, period)| step % period >= period - length);
            let waiting = (0..left.len()).filter(|index| left[*index] > 0 && arrivals[*index] <= step);
            for index in waiting.take(if is_stalled { 0 } else { servers }).collect::<Vec<_>>() {
                left[index] -= 1;
                due[index] = (step + 1) * 1_000_000;
            }
            if left.iter().all(|left| *left == 0) {
                break;
            }
        }
        due
    }
}
