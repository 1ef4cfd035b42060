//! The writer thread: takes groups, seals them, hands them to the driver, publishes what is durable.
//!
//! ```text
//!   take -> seal -> submit ... wait -> publish (in order) -> on_progress -> take
//! ```
//!
//! Invariant: `durable_group` is n only if groups 1..=n are on the disk. A group that failed, or came back after one that
//! failed, is never published, and nothing is written after a failure (fsync reports an error once and may drop the data:
//! a second try would prove nothing).

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use super::group::{Group, Stamp};
use super::preparer::{Prepared, Preparer};
use super::queue::{Ask, Queue, Take};
use super::status::Counters;
use super::storage::{Completion, Driver, Job};
use crate::metrics::thread_cpu_ns;

/// Called after each durable group and when the journal stops.
pub type Progress = Arc<dyn Fn() + Send + Sync>;

/// What writer, preparer and the journal's owner share.
pub(crate) struct Shared {
    pub(crate) queue: Queue,
    pub(crate) preparer: Preparer,
    /// The last durable group.
    pub(crate) durable: AtomicU64,
    /// Position after the last durable record.
    pub(crate) durable_end: AtomicU64,
    pub(crate) progress: Mutex<Option<Progress>>,
    pub(crate) counters: Mutex<Counters>,
    pub(crate) waiters: Waiters,
    /// Segments with groups: base and length.
    pub(crate) catalogue: Mutex<BTreeMap<u64, u64>>,
}

/// Threads that wait until a group is durable.
#[derive(Default)]
pub(crate) struct Waiters {
    waiting: AtomicUsize,
    lock: Mutex<()>,
    changed: Condvar,
}

impl Waiters {
    fn wake(&self) {
        // SeqCst pairs with `wait_until`: either the waiter is seen here or it sees the new state there.
        if self.waiting.load(Ordering::SeqCst) > 0 {
            let _guard = self.lock.lock();
            self.changed.notify_all();
        }
    }

    pub(crate) fn wait_until(&self, mut is_so: impl FnMut() -> bool) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut guard = self.lock.lock();
        while !is_so() {
            self.changed.wait(&mut guard);
        }
        drop(guard);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Shared {
    pub(crate) fn poison(&self, reason: &str) {
        if self.queue.poison(reason) {
            tracing::error!(reason, "journal stopped");
        }
        self.waiters.wake();
        self.announce_progress();
    }

    fn announce_progress(&self) {
        let progress = self.progress.lock().clone();
        if let Some(progress) = progress {
            progress();
        }
    }
}

/// Where the writer starts.
pub(crate) struct Start {
    pub(crate) journal: u64,
    pub(crate) term: u64,
    pub(crate) durable_index: u64,
    pub(crate) previous_crc: u32,
    pub(crate) segment: Prepared,
}

/// A group under way, in order of index.
struct Flight {
    index: u64,
    submitted_at: Instant,
    landed: Option<Group>,
}

/// See the module head.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    driver: Box<dyn Driver>,
    depth: usize,
    start: Start,
    flights: VecDeque<Flight>,
    done: Vec<Completion>,
    spent: Vec<Group>,
    unsealed: bool,
    failed: bool,
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, driver: Box<dyn Driver>, depth: usize, start: Start) -> Self {
        let (flights, done) = (VecDeque::with_capacity(depth), Vec::with_capacity(depth));
        Self {
            shared,
            driver,
            depth,
            start,
            flights,
            done,
            spent: Vec::with_capacity(depth),
            unsealed: false,
            failed: false,
        }
    }

    /// The thread; returns when stopped and everything is written, or after a failure.
    pub(crate) fn run(mut self) {
        let guard = PoisonOnPanic(Arc::clone(&self.shared));
        self.shared.queue.set_waker(self.driver.waker());
        while self.submit_what_waits() {
            self.wait(self.flights.len() < self.depth);
        }
        while !self.flights.is_empty() {
            self.wait(false);
        }
        drop(guard);
    }

    /// Hands over groups up to the depth; waits for one if none is under way. `false`: the end.
    fn submit_what_waits(&mut self) -> bool {
        // What a blocking driver has finished is published before more is written.
        while self.flights.len() < self.depth && self.done.is_empty() && !self.failed {
            let ask = Ask { may_wait: self.flights.is_empty(), unsealed: self.unsealed };
            match self.shared.queue.take(&mut self.spent, &ask) {
                Take::Write(group) => self.submit(group),
                Take::Nothing => return true,
                Take::Stop => return false,
            }
        }
        !self.failed
    }

    fn submit(&mut self, mut group: Group) {
        if group.segment_base() != self.start.segment.header.base && !self.next_segment(group.segment_base()) {
            return;
        }
        self.start.previous_crc = group.seal(&Stamp {
            journal: self.start.journal,
            term: self.start.term,
            durable_index: self.start.durable_index,
            previous_crc: self.start.previous_crc,
        });
        self.unsealed = group.frame_count() > 0;
        self.flights.push_back(Flight { index: group.index(), submitted_at: Instant::now(), landed: None });
        self.driver.submit(Job { group, file: Arc::clone(&self.start.segment.file) }, &mut self.done);
    }

    fn next_segment(&mut self, base: u64) -> bool {
        // The next segment may take a while.
        self.driver.issue();
        match self.shared.preparer.take(base) {
            Ok(segment) => {
                self.shared.preparer.want_beyond(segment.header.end());
                self.shared.catalogue.lock().insert(base, segment.header.segment_bytes);
                self.start.segment = segment;
                true
            }
            Err(reason) => {
                self.fail(&reason);
                false
            }
        }
    }

    fn wait(&mut self, may_be_woken: bool) {
        match self.driver.wait(may_be_woken, &mut self.done) {
            Ok(()) => self.land(),
            Err(error) => {
                self.fail(&format!("the {} driver failed: {error}", self.driver.name()));
                self.flights.clear();
            }
        }
    }

    fn land(&mut self) {
        let mut done = std::mem::take(&mut self.done);
        for completion in done.drain(..) {
            let index = completion.group.index();
            match completion.result {
                Ok(()) => {
                    if let Some(flight) = self.flights.iter_mut().find(|flight| flight.index == index) {
                        flight.landed = Some(completion.group);
                    }
                }
                Err(error) => {
                    self.fail(&describe(&completion.group, &error));
                    self.flights.retain(|flight| flight.index != index);
                }
            }
        }
        self.done = done;
        if self.failed {
            self.flights.retain(|flight| flight.landed.is_none());
        } else {
            self.publish();
        }
    }

    /// Makes the durable prefix known.
    fn publish(&mut self) {
        let now = Instant::now();
        let before = self.start.durable_index;
        let mut frames = 0;
        while let Some(group) = self.flights.front_mut().and_then(|flight| flight.landed.take()) {
            let Some(flight) = self.flights.pop_front() else { break };
            self.start.durable_index = flight.index;
            self.shared.durable_end.store(group.used_end().0, Ordering::Release);
            frames += group.frame_count();
            let took = now.duration_since(flight.submitted_at);
            self.shared.counters.lock().count(group.frame_count(), group.padded_bytes(), took);
            self.spent.push(group);
        }
        if self.start.durable_index != before {
            self.shared.counters.lock().cpu_ns = thread_cpu_ns();
            self.shared.durable.store(self.start.durable_index, Ordering::SeqCst);
            self.shared.waiters.wake();
            if frames > 0 {
                self.shared.announce_progress();
            }
        }
    }

    fn fail(&mut self, reason: &str) {
        self.failed = true;
        self.shared.poison(reason);
    }
}

fn describe(group: &Group, error: &io::Error) -> String {
    let segment = super::segment::segment_name(group.segment_base());
    format!("writing group {} at byte {} of {segment} failed: {error}", group.index(), group.offset())
}

/// If the writer thread panics nothing more becomes durable: everybody must know.
struct PoisonOnPanic(Arc<Shared>);

impl Drop for PoisonOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison("the writer thread panicked");
        }
    }
}
