//! What the keeper shows of itself, and what it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use serde::Serialize;

use super::task::Task;
use crate::domain::clearing::BatchName;

/// A task that waits, or fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trouble {
    /// What is to be done.
    pub task: String,
    /// Why it is not.
    pub why: String,
    /// How often it has failed; 0: it waits for its time.
    pub attempts: u32,
    /// Since when, unix microseconds.
    pub since_us: u64,
}

/// Shared by the keeper and whoever looks at it.
#[derive(Debug, Default)]
pub struct Board {
    troubles: Mutex<BTreeMap<Task, Trouble>>,
    asked: Mutex<BTreeSet<BatchName>>,
    failures: AtomicU64,
    /// When the keeper last went through all there is to do, unix microseconds.
    turned_us: AtomicU64,
    /// When it first looked.
    began_us: AtomicU64,
    stopped: AtomicU64,
}

impl Board {
    /// Has a batch that was stopped computed again, and what has failed of it tried at once.
    pub fn ask(&self, batch: BatchName) {
        self.asked.lock().insert(batch);
    }

    /// What waits or fails, the urgent first.
    #[must_use]
    pub fn troubles(&self) -> Vec<Trouble> {
        self.troubles.lock().values().cloned().collect()
    }

    /// What a batch waits for.
    #[must_use]
    pub fn trouble(&self, batch: BatchName) -> Option<Trouble> {
        self.troubles.lock().iter().find(|(task, _)| task.batch() == Some(batch)).map(|(_, trouble)| trouble.clone())
    }

    /// How often anything has failed since the node started.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    /// How many tasks are failing now.
    #[must_use]
    pub fn failing(&self) -> usize {
        self.troubles.lock().values().filter(|trouble| trouble.attempts > 0).count()
    }

    /// When the keeper was last through with everything; 0: never yet.
    #[must_use]
    pub fn turned_us(&self) -> u64 {
        self.turned_us.load(Ordering::Relaxed)
    }

    /// When it first looked what there is to do; 0: never yet.
    #[must_use]
    pub fn began_us(&self) -> u64 {
        self.began_us.load(Ordering::Relaxed)
    }

    /// Batches that are stopped.
    #[must_use]
    pub fn stopped(&self) -> u64 {
        self.stopped.load(Ordering::Relaxed)
    }

    /// A turn begins; the first one is remembered.
    pub(super) fn begins(&self, now_us: u64) {
        let _ = self.began_us.compare_exchange(0, now_us, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(super) fn sees_stopped(&self, batches: usize) {
        self.stopped.store(batches as u64, Ordering::Relaxed);
    }

    pub(super) fn take_asked(&self) -> BTreeSet<BatchName> {
        std::mem::take(&mut self.asked.lock())
    }

    pub(super) fn turned(&self, now_us: u64) {
        self.turned_us.store(now_us, Ordering::Relaxed);
    }

    pub(super) fn waits(&self, task: Task, why: String, now_us: u64) {
        self.put(task, why, 0, now_us);
    }

    pub(super) fn fails(&self, task: Task, why: String, attempts: u32, now_us: u64) {
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.put(task, why, attempts, now_us);
    }

    pub(super) fn clear(&self, task: Task) {
        self.troubles.lock().remove(&task);
    }

    /// Forgets what is not to be done any more.
    pub(super) fn keep(&self, still: impl Fn(&Task) -> bool) {
        self.troubles.lock().retain(|task, _| still(task));
    }

    fn put(&self, task: Task, why: String, attempts: u32, now_us: u64) {
        let mut troubles = self.troubles.lock();
        let since_us = troubles.get(&task).map_or(now_us, |known| known.since_us);
        troubles.insert(task, Trouble { task: task.to_string(), why, attempts, since_us });
    }
}
