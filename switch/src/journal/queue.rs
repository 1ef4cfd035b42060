//! The groups in memory, from append to the writer.
//!
//! ```text
//!  append --> open group --(full, or kick)--> closed groups --> writer --> driver --> slots come back to `free`
//! ```
//!
//! Invariant: positions are given out in order and never taken back; a group's place is fixed when it opens, because the one
//! before it has its final length then. Nothing here waits for the disk while it holds the lock.

use std::collections::VecDeque;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::error::AppendError;
use super::frame::{BLOCK_BYTES, FRAME_HEADER_BYTES, GROUP_HEADER_BYTES};
use super::group::{Group, Measured, Place, Slot};
use super::options::Options;
use super::position::Position;
use super::segment::FIRST_GROUP_AT;
use super::storage::Waker;

/// Records that one `append_all` may take.
pub const RECORDS_AT_ONCE_MAX: usize = 16;

/// For whom a record is; decides who is refused first when room runs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Begins a payment: refused with [`AppendError::Full`] while there is still room for running ones.
    New,
    /// Carries on what was begun: refused only when there is no room at all.
    Running,
}

/// What a successful append gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Where the (first) record is.
    pub position: Position,
    /// The group that holds it: durable once [`durable_group`](super::Journal::durable_group) is at least this.
    pub group: u64,
}

/// Whether there is room for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// The next segments exist or are being made.
    Ok,
    /// No further segment can be made; new work is still taken.
    Low,
    /// New work is refused.
    Full,
}

/// Where the next group goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor {
    pub(crate) segment_base: u64,
    pub(crate) segment_end: u64,
    /// Position of the next group if it still fits into this segment.
    pub(crate) at: u64,
    pub(crate) index: u64,
}

/// What the writer gets when it asks for work.
pub(crate) enum Take {
    Write(Group),
    /// Nothing to write now (only if asked not to wait).
    Nothing,
    /// Everything is written; end.
    Stop,
}

/// How the writer asks.
pub(crate) struct Ask {
    /// Wait until there is something: no group is under way.
    pub(crate) may_wait: bool,
    /// The last group written holds records: write a seal when idle.
    pub(crate) unsealed: bool,
}

struct Inner {
    open: Option<Group>,
    closed: VecDeque<Group>,
    free: Vec<Slot>,
    cursor: Cursor,
    /// The open group is to be written; never set without one.
    kicked: bool,
    /// The writer waits here.
    parked: bool,
    /// The writer waits in its driver but could start another group.
    in_driver: bool,
    /// When the writer took a group; only kept where a linger time is set.
    last_taken_at: Option<Instant>,
    stopping: bool,
    stopped: Option<String>,
    /// No further segment can be made: the disk is full.
    disk_full: bool,
    /// End of the last segment that exists.
    prepared_end: u64,
}

/// What of the options matters here.
struct Limits {
    segment_bytes: u64,
    reserve_bytes: u64,
    slots: usize,
    linger: Duration,
    seal_after: Duration,
}

/// See the module head.
pub(crate) struct Queue {
    limits: Limits,
    inner: Mutex<Inner>,
    wake: Condvar,
    /// Ends the writer's wait in its driver.
    waker: OnceLock<Waker>,
}

impl Queue {
    pub(crate) fn new(options: &Options, cursor: Cursor, prepared_end: u64) -> Self {
        let limits = Limits {
            segment_bytes: options.segment_bytes,
            reserve_bytes: options.reserve_bytes,
            slots: options.slots(),
            linger: Duration::from_micros(options.linger_us),
            seal_after: Duration::from_millis(options.seal_after_ms),
        };
        let inner = Inner {
            open: None,
            closed: VecDeque::with_capacity(options.slots()),
            free: Vec::new(),
            cursor,
            kicked: false,
            parked: false,
            in_driver: false,
            last_taken_at: None,
            stopping: false,
            stopped: None,
            disk_full: false,
            prepared_end,
        };
        Self { limits, inner: Mutex::new(inner), wake: Condvar::new(), waker: OnceLock::new() }
    }

    /// Says how to wake the writer while it waits in its driver.
    pub(crate) fn set_waker(&self, waker: Option<Waker>) {
        if let Some(waker) = waker {
            let _ = self.waker.set(waker);
        }
    }

    /// Gives the memory for groups; until then there is none.
    pub(crate) fn give_slots(&self, slots: Vec<Slot>) {
        // Taken from the end: the lowest numbers first, again and again, so that their memory stays in the cache.
        self.inner.lock().free = slots.into_iter().rev().collect();
    }

    /// Copies the records, all into one group.
    pub(crate) fn append(&self, work: Work, records: &[(Measured, &[&[u8]])]) -> Result<Appended, AppendError> {
        let frames_bytes = records.iter().map(|(record, _)| FRAME_HEADER_BYTES + record.bytes).sum();
        let mut inner = self.inner.lock();
        if inner.stopped.is_some() || inner.stopping {
            return Err(AppendError::Poisoned);
        }
        if work == Work::New && self.refuses_new(&inner) {
            return Err(AppendError::Full);
        }
        if !inner.open.as_ref().is_some_and(|group| group.fits(frames_bytes)) {
            self.open_another(&mut inner, frames_bytes)?;
        }
        let Some(group) = inner.open.as_mut() else { return Err(AppendError::Full) };
        let mut first = None;
        for (record, parts) in records {
            let position = group.push(*record, parts);
            first.get_or_insert(position);
        }
        let position = first.unwrap_or_else(|| group.used_end());
        Ok(Appended { position, group: group.index() })
    }

    fn open_another(&self, inner: &mut Inner, frames_bytes: usize) -> Result<(), AppendError> {
        if inner.close_open() {
            self.notify(inner);
        }
        inner.open = Some(inner.new_group(frames_bytes, self.limits.segment_bytes)?);
        Ok(())
    }

    fn refuses_new(&self, inner: &Inner) -> bool {
        let crowded = inner.free.len() < self.limits.slots / 4;
        crowded || (inner.disk_full && inner.bytes_left() < self.limits.reserve_bytes)
    }

    pub(crate) fn space(&self) -> Space {
        let inner = self.inner.lock();
        match (self.refuses_new(&inner), inner.disk_full) {
            (true, _) => Space::Full,
            (false, true) => Space::Low,
            (false, false) => Space::Ok,
        }
    }

    /// Lets the writer take the open group.
    pub(crate) fn kick(&self) {
        let mut inner = self.inner.lock();
        // Once is enough: a writer that lingers has its timer, a busy one looks when it is free.
        if inner.open.is_some() && !inner.kicked {
            inner.kicked = true;
            self.notify(&mut inner);
        }
    }

    /// Puts an empty group behind what is there; gives its index, or `None` if there is no room for it.
    pub(crate) fn seal_now(&self) -> Option<u64> {
        let mut inner = self.inner.lock();
        inner.close_open();
        let group = inner.new_group(0, self.limits.segment_bytes).ok()?;
        let index = group.index();
        inner.open = Some(group);
        inner.close_open();
        self.notify(&mut inner);
        Some(index)
    }

    fn notify(&self, inner: &mut Inner) {
        if inner.parked {
            inner.parked = false;
            self.wake.notify_one();
        } else if inner.in_driver {
            inner.in_driver = false;
            if let Some(waker) = self.waker.get() {
                waker();
            }
        }
    }

    /// For the writer: gives back the memory of `spent` groups and takes the next group.
    pub(crate) fn take(&self, spent: &mut Vec<Group>, ask: &Ask) -> Take {
        let mut inner = self.inner.lock();
        inner.free.extend(spent.drain(..).map(Group::into_slot));
        inner.in_driver = false;
        let mut idle = false;
        loop {
            if let Some(group) = inner.closed.pop_front() {
                if !self.limits.linger.is_zero() {
                    inner.last_taken_at = Some(Instant::now());
                }
                return Take::Write(group);
            }
            let wanted = inner.kicked || inner.stopping;
            let lingers = if wanted { inner.linger_left(self.limits.linger) } else { None };
            if ((wanted && lingers.is_none()) || idle) && inner.close_open() {
                continue;
            }
            if !ask.may_wait {
                inner.in_driver = true;
                return Take::Nothing;
            }
            if inner.stopping || idle {
                match self.seal_or_stop(&mut inner, ask) {
                    Take::Nothing => {}
                    take => return take,
                }
            }
            inner.parked = true;
            if let Some(left) = lingers {
                self.wake.wait_for(&mut inner, left);
            } else if ask.unsealed && !idle {
                idle = self.wake.wait_for(&mut inner, self.limits.seal_after).timed_out();
            } else {
                self.wake.wait(&mut inner);
            }
            inner.parked = false;
        }
    }

    /// Nothing is open or closed, and the journal is idle or stopping: a seal, the end, or `Nothing` to go on waiting.
    fn seal_or_stop(&self, inner: &mut Inner, ask: &Ask) -> Take {
        if ask.unsealed && inner.stopped.is_none() {
            // Without room for the seal nothing is lost: the next opening syncs and seals.
            if let Ok(group) = inner.new_group(0, self.limits.segment_bytes) {
                inner.cursor.at += group.padded_bytes() as u64;
                return Take::Write(group);
            }
        }
        if inner.stopping { Take::Stop } else { Take::Nothing }
    }

    /// Ends the writer once everything taken is written.
    pub(crate) fn stop(&self) {
        let mut inner = self.inner.lock();
        inner.stopping = true;
        self.notify(&mut inner);
    }

    /// Refuses everything from now on; the first reason counts. Gives whether this was the first.
    pub(crate) fn poison(&self, reason: &str) -> bool {
        let mut inner = self.inner.lock();
        inner.stopping = true;
        inner.closed.clear();
        inner.open = None;
        let first = inner.stopped.is_none();
        if first {
            inner.stopped = Some(reason.to_owned());
        }
        self.notify(&mut inner);
        first
    }

    pub(crate) fn poisoned(&self) -> Option<String> {
        self.inner.lock().stopped.clone()
    }

    pub(crate) fn set_disk_full(&self, disk_full: bool) {
        self.inner.lock().disk_full = disk_full;
    }

    pub(crate) fn set_prepared_end(&self, prepared_end: u64) {
        let mut inner = self.inner.lock();
        inner.prepared_end = prepared_end;
        inner.disk_full = false;
    }

    /// Where the next record goes at the earliest, and the last group that holds any now.
    pub(crate) fn end(&self) -> (Position, u64) {
        let inner = self.inner.lock();
        match &inner.open {
            Some(group) => (group.used_end(), group.index()),
            None => (Position(inner.cursor.at), inner.cursor.index - 1),
        }
    }
}

impl Inner {
    /// Moves the open group to the closed ones; whether there was one.
    fn close_open(&mut self) -> bool {
        let Some(group) = self.open.take() else { return false };
        self.kicked = false;
        self.cursor.at += group.padded_bytes() as u64;
        self.closed.push_back(group);
        true
    }

    /// A group at the cursor, in the next segment if this one has not the room.
    fn new_group(&mut self, frames_bytes: usize, segment_bytes: u64) -> Result<Group, AppendError> {
        let needed = (GROUP_HEADER_BYTES + frames_bytes).next_multiple_of(BLOCK_BYTES) as u64;
        let mut cursor = self.cursor;
        if cursor.at + needed > cursor.segment_end {
            cursor.segment_base = cursor.segment_end;
            cursor.segment_end += segment_bytes;
            cursor.at = cursor.segment_base + FIRST_GROUP_AT;
            if self.disk_full && cursor.segment_end > self.prepared_end {
                return Err(AppendError::Full);
            }
        }
        let slot = self.free.pop().ok_or(AppendError::Full)?;
        let place = Place {
            index: cursor.index,
            segment_base: cursor.segment_base,
            offset: cursor.at - cursor.segment_base,
            room: cursor.segment_end - cursor.at,
        };
        cursor.index += 1;
        self.cursor = cursor;
        Ok(Group::new(slot, place))
    }

    fn bytes_left(&self) -> u64 {
        let at = self.open.as_ref().map_or(self.cursor.at, |group| group.used_end().0);
        self.prepared_end.saturating_sub(at)
    }

    /// How long the open group still waits for more records; `None`: it goes now.
    fn linger_left(&self, linger: Duration) -> Option<Duration> {
        let since = self.last_taken_at.filter(|_| !self.stopping)?.elapsed();
        linger.checked_sub(since).filter(|left| !left.is_zero())
    }
}
