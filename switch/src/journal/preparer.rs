//! The background thread that makes segments before they are needed.
//!
//! Invariant: segments are made in order, each whole before the next begins. A full disk is tried again every second and
//! after [`Preparer::retry`]; any other failure ends the thread and, once the writer needs the segment, the journal.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::error::Error;
use super::queue::Queue;
use super::segment::{self, SegmentHeader};
use super::storage::{Storage, StoredFile};
use crate::metrics::thread_cpu_ns;

const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Zeroing pauses for this many times the time each piece took, unless the writer is waiting: groups come first.
const PAUSE_FACTOR: u32 = 3;

/// A segment without groups.
pub(crate) struct Prepared {
    pub(crate) header: SegmentHeader,
    pub(crate) file: Arc<dyn StoredFile>,
}

struct Inner {
    ready: VecDeque<Prepared>,
    /// The header of the next segment to make.
    next: SegmentHeader,
    /// Position up to which segments should exist.
    wanted_end: u64,
    urgent: bool,
    stopping: bool,
    is_last_chance: bool,
    is_disk_full: bool,
    failure: Option<String>,
}

/// See the module head.
pub(crate) struct Preparer {
    storage: Arc<dyn Storage>,
    segments_ahead: u64,
    inner: Mutex<Inner>,
    work: Condvar,
    ready: Condvar,
    cpu_ns: AtomicU64,
}

impl Preparer {
    /// `ready` are segments that exist already, `next` is the first one to make.
    pub(crate) fn new(
        storage: Arc<dyn Storage>,
        ready: VecDeque<Prepared>,
        next: SegmentHeader,
        segments_ahead: usize,
    ) -> Self {
        let inner = Inner {
            ready,
            next,
            wanted_end: 0,
            urgent: false,
            stopping: false,
            is_last_chance: false,
            is_disk_full: false,
            failure: None,
        };
        Self {
            storage,
            segments_ahead: segments_ahead as u64,
            inner: Mutex::new(inner),
            work: Condvar::new(),
            ready: Condvar::new(),
            cpu_ns: AtomicU64::new(0),
        }
    }

    /// CPU that the thread has used, in nanoseconds, as of its last piece of work.
    pub(crate) fn cpu_ns(&self) -> u64 {
        self.cpu_ns.load(Ordering::Relaxed)
    }

    /// Asks for segments beyond `end`, the end of the one being written.
    pub(crate) fn want_beyond(&self, end: u64) {
        let mut inner = self.inner.lock();
        inner.wanted_end = end + self.segments_ahead * inner.next.segment_bytes;
        self.work.notify_one();
    }

    /// The segment at `base`, waiting for it to be made.
    ///
    /// # Errors
    /// Why there will be none.
    pub(crate) fn take(&self, base: u64) -> Result<Prepared, String> {
        let mut inner = self.inner.lock();
        loop {
            while let Some(prepared) = inner.ready.pop_front() {
                if prepared.header.base == base {
                    inner.urgent = false;
                    return Ok(prepared);
                }
            }
            if let Some(failure) = &inner.failure {
                return Err(failure.clone());
            }
            if inner.stopping {
                return Err(format!("stopped before there was room for the segment at {base}"));
            }
            inner.urgent = true;
            inner.wanted_end = inner.wanted_end.max(base + 1);
            self.work.notify_one();
            self.ready.wait(&mut inner);
        }
    }

    /// Tries again at once if the disk was full.
    pub(crate) fn retry(&self) {
        self.inner.lock().is_disk_full = false;
        self.work.notify_one();
    }

    /// From now on a full disk is not waited out: whoever waits for a segment gets none.
    pub(crate) fn give_up_waiting(&self) {
        self.inner.lock().is_last_chance = true;
        self.work.notify_one();
    }

    /// Waits until nothing is left to make or the disk is full.
    pub(crate) fn wait_idle(&self) {
        let mut inner = self.inner.lock();
        while inner.next.base < inner.wanted_end && !inner.is_disk_full && inner.failure.is_none() {
            self.ready.wait(&mut inner);
        }
    }

    /// Ends the thread.
    pub(crate) fn stop(&self) {
        self.inner.lock().stopping = true;
        self.work.notify_one();
        self.ready.notify_all();
    }

    /// The thread.
    pub(crate) fn run(&self, queue: &Queue) {
        let guard = FailOnPanic(self);
        let mut inner = self.inner.lock();
        while !inner.stopping && inner.failure.is_none() {
            if inner.next.base >= inner.wanted_end {
                self.work.wait(&mut inner);
                continue;
            }
            let header = inner.next;
            let made =
                MutexGuard::unlocked(&mut inner, || segment::prepare(&*self.storage, &header, &mut self.pacer()));
            match made {
                Ok(Some(file)) => {
                    inner.ready.push_back(Prepared { header, file });
                    inner.next.base = header.end();
                    inner.is_disk_full = false;
                    queue.set_prepared_end(header.end());
                }
                Ok(None) => {}
                Err(error) => self.take_failure(&mut inner, queue, &error),
            }
            self.ready.notify_all();
            if inner.is_disk_full && inner.failure.is_none() {
                self.work.wait_for(&mut inner, RETRY_AFTER);
            }
        }
        drop(inner);
        drop(guard);
    }

    /// A full disk may have room again, anything else is the end.
    fn take_failure(&self, inner: &mut Inner, queue: &Queue, error: &Error) {
        if error.is_disk_full() {
            queue.set_disk_full(true);
            inner.is_disk_full = true;
            // What was begun takes room that running work may still use.
            let _ = self.storage.remove(&segment::preparing_name(inner.next.base));
        }
        if !error.is_disk_full() || inner.is_last_chance {
            inner.failure = Some(error.to_string());
        }
    }

    /// Waits between pieces so that zeroing takes a small share of the disk.
    fn pacer(&self) -> impl FnMut() -> bool {
        let mut since = Instant::now();
        move || {
            self.cpu_ns.store(thread_cpu_ns(), Ordering::Relaxed);
            let mut inner = self.inner.lock();
            if !inner.urgent && !inner.stopping {
                self.work.wait_for(&mut inner, since.elapsed() * PAUSE_FACTOR);
            }
            since = Instant::now();
            !inner.stopping
        }
    }
}

/// If the thread panics there will be no further segment: whoever waits for one must know.
struct FailOnPanic<'p>(&'p Preparer);

impl Drop for FailOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.inner.lock().failure = Some("the thread that prepares segments panicked".to_owned());
            self.0.ready.notify_all();
        }
    }
}
