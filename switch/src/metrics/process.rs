//! What the operating system says about this process.

use rustix::time::{ClockId, clock_gettime};

/// User and system time of all threads of this process so far, in microseconds.
#[must_use]
pub fn cpu_micros() -> u64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or(0);
    let nanos = u64::try_from(spent.tv_nsec).unwrap_or(0);
    seconds.saturating_mul(1_000_000).saturating_add(nanos / 1000)
}

/// User and system time of the calling thread so far, in nanoseconds: what a worker learns the cost of a payment from.
#[inline]
#[must_use]
pub fn thread_cpu_ns() -> u64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(spent.tv_sec).unwrap_or(0);
    seconds.saturating_mul(1_000_000_000).saturating_add(u64::try_from(spent.tv_nsec).unwrap_or(0))
}

/// Resident memory of this process, in bytes; 0 where `/proc` cannot be read.
#[must_use]
pub fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_ascii_whitespace().nth(1)?.parse::<u64>().ok());
    pages.unwrap_or(0).saturating_mul(rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_grows_with_work_and_memory_is_seen() {
        let before = cpu_micros();
        let mut value = 1_u64;
        while cpu_micros() == before {
            value = value.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        }
        assert!(std::hint::black_box(value) != 0 && cpu_micros() > before);
        assert!(resident_bytes() > 100_000);
        assert!(thread_cpu_ns() / 1000 <= cpu_micros(), "a thread is a part of its process");
    }
}
