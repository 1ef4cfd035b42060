//! What has failed, and when it is tried again.

use std::collections::BTreeMap;

use super::task::Task;

/// The first pause; each is twice as long as the one before, up to the longest. Ours.
const FIRST_PAUSE_US: u64 = 1_000_000;
const PAUSE_US_MAX: u64 = 60_000_000;

/// One task that has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Retry {
    pub(super) attempts: u32,
    next_at_us: u64,
}

/// The tasks that have failed and were not done since.
#[derive(Debug, Default)]
pub(super) struct Retries {
    waiting: BTreeMap<Task, Retry>,
}

impl Retries {
    /// Whether `task` may be tried.
    pub(super) fn allow(&self, task: Task, now_us: u64) -> bool {
        self.waiting.get(&task).is_none_or(|retry| now_us >= retry.next_at_us)
    }

    /// `task` has failed once more; how often by now.
    pub(super) fn failed(&mut self, task: Task, now_us: u64) -> u32 {
        let attempts = self.waiting.get(&task).map_or(0, |retry| retry.attempts).saturating_add(1);
        let doublings = attempts.saturating_sub(1).min(10);
        let pause_us = (FIRST_PAUSE_US << doublings).min(PAUSE_US_MAX);
        self.waiting.insert(task, Retry { attempts, next_at_us: now_us.saturating_add(pause_us) });
        attempts
    }

    /// Forgets what is not to be done any more, or is to be tried at once.
    pub(super) fn keep(&mut self, still: impl Fn(&Task) -> bool) {
        self.waiting.retain(|task, _| still(task));
    }

    /// `task` was done; whether it had failed before.
    pub(super) fn succeeded(&mut self, task: Task) -> bool {
        self.waiting.remove(&task).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute() {
        let task = Task::Close("B202611200001".parse().expect("a batch"));
        let (mut retries, mut now_us) = (Retries::default(), 0);
        for (attempt, pause_s) in [1, 2, 4, 8, 16, 32, 60, 60].into_iter().enumerate() {
            assert!(retries.allow(task, now_us));
            assert_eq!(retries.failed(task, now_us) as usize, attempt + 1);
            now_us += pause_s * 1_000_000;
            assert!(!retries.allow(task, now_us - 1));
        }
        assert!(retries.succeeded(task) && !retries.succeeded(task) && retries.allow(task, 0));
    }
}
