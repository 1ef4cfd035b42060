//! [`Journal`]: what everybody else holds.
//!
//! Invariant: between `open` and `shutdown` exactly one writer thread and one preparer thread live, and this value owns both.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;

use parking_lot::Mutex;

use super::aligned::AlignedBuffer;
use super::directory::Directory;
use super::error::{AppendError, Error};
use super::frame::{BLOCK_BYTES, FRAME_HEADER_BYTES, Frame, payload_bytes};
use super::group::{Measured, Slot};
use super::options::Options;
use super::position::Position;
use super::preparer::Preparer;
use super::queue::{Appended, Cursor, Queue, RECORDS_AT_ONCE_MAX, Space, Work};
use super::recover::{self, Recovered, Tail};
use super::replay::Consumer;
use super::segment::{self, FIRST_GROUP_AT, SegmentHeader};
use super::status::{Counters, Status};
use super::storage::{DriverRequest, LockGuard, Storage, StoredFile};
use super::stored::Stored;
use super::writer::{Shared, Start, Waiters, Writer};

/// A write-ahead journal: records in, durable in order, read back after a crash.
///
/// See the [module head](super) for the rules and an example.
pub struct Journal {
    options: Options,
    storage: Arc<dyn Storage>,
    shared: Arc<Shared>,
    recovered: Recovered,
    journal: u64,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Held until the threads have ended.
    _lock: Arc<dyn LockGuard>,
}

impl Journal {
    /// Opens the journal in `options.dir`, making it if there is none: finds its end, cuts what was never acknowledged, starts
    /// the threads.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Hole`], [`Error::Corrupt`], [`Error::MissingSegment`], [`Error::Version`] (nothing was changed
    /// then), [`Error::Options`], [`Error::Full`], [`Error::Io`], and [`Error::Poisoned`] if the first write fails.
    pub fn open(options: Options) -> Result<(Self, Recovered), Error> {
        options.check()?;
        let storage = Arc::new(Directory::open(&options.dir)?);
        Self::open_with(options, storage)
    }

    /// [`Journal::open`] on another disk than the system's.
    ///
    /// # Errors
    /// As for [`Journal::open`].
    pub fn open_with(options: Options, storage: Arc<dyn Storage>) -> Result<(Self, Recovered), Error> {
        options.check()?;
        let lock = storage.lock()?;
        let tail = recover::find_tail(&*storage, &options)?;
        let recovered = tail.recovered.clone();
        let is_sealed = tail.is_sealed;
        let has_room = tail.has_room();
        let journal = Self::start(options, storage, lock, tail)?;
        if !has_room {
            // The seal would need a segment that a full disk may never have room for. The first group will say what it would have
            // said; whether there can be one must be known before anybody appends.
            journal.shared.preparer.wait_idle();
        } else if !is_sealed {
            // Says that all that was kept is durable, and that this disk takes writes.
            let sealed = journal.shared.queue.seal_now().map(|group| journal.wait_durable(group));
            if let Some(Err(error)) = sealed {
                journal.shutdown();
                return Err(error);
            }
        }
        Ok((journal, recovered))
    }

    fn start(options: Options, storage: Arc<dyn Storage>, lock: Arc<dyn LockGuard>, tail: Tail) -> Result<Self, Error> {
        let recovered = tail.recovered.clone();
        let header = tail.segment.header;
        let prepared_end = tail.ready.back().map_or_else(|| header.end(), |last| last.header.end());
        let next = SegmentHeader { journal: tail.journal, base: prepared_end, segment_bytes: options.segment_bytes };
        let cursor = Cursor {
            segment_base: header.base,
            segment_end: header.end(),
            at: recovered.next.0,
            index: recovered.last_group + 1,
        };
        let shared = Arc::new(Shared {
            queue: Queue::new(&options, cursor, prepared_end),
            preparer: Preparer::new(Arc::clone(&storage), tail.ready, next, options.segments_ahead),
            durable: AtomicU64::new(recovered.last_group),
            durable_end: AtomicU64::new(recovered.next.0),
            progress: Mutex::new(None),
            counters: Mutex::new(Counters::new()),
            waiters: Waiters::default(),
            catalogue: Mutex::new(tail.catalogue),
        });
        shared.preparer.want_beyond(header.end());
        let start = Start {
            journal: tail.journal,
            term: recovered.term,
            durable_index: recovered.last_group,
            previous_crc: tail.previous_crc,
            segment: tail.segment,
        };
        let journal = tail.journal;
        let this = Self { options, storage, shared, recovered, journal, threads: Mutex::default(), _lock: lock };
        this.spawn(start)?;
        Ok(this)
    }

    /// Starts both threads; the writer makes its driver itself and says how that went.
    fn spawn(&self, start: Start) -> Result<(), Error> {
        let spawn_error = |error| Error::io("start the threads of", ".")(error);
        let shared = Arc::clone(&self.shared);
        let preparer = std::thread::Builder::new().name("journal-prepare".to_owned());
        let preparer = preparer.spawn(move || shared.preparer.run(&shared.queue)).map_err(spawn_error)?;
        self.threads.lock().push(preparer);
        let (storage, shared) = (Arc::clone(&self.storage), Arc::clone(&self.shared));
        let (choice, depth, lock) = (self.options.driver, self.options.groups_in_flight_max, Arc::clone(&self._lock));
        let slots = make_slots(&self.options);
        let (made, outcome) = sync_channel(1);
        let writer = move || {
            let driver = storage.driver(&DriverRequest { choice, depth, slots: &slots, lock: &lock });
            shared.queue.give_slots(slots);
            match driver {
                Ok(driver) => {
                    let _ = made.send(Ok(driver.name()));
                    Writer::new(shared, driver, depth, start).run();
                }
                Err(error) => {
                    let _ = made.send(Err(error));
                }
            }
        };
        let writer = std::thread::Builder::new().name("journal-write".to_owned()).spawn(writer).map_err(spawn_error)?;
        self.threads.lock().push(writer);
        let outcome =
            outcome.recv().unwrap_or_else(|_| Err(Error::Poisoned("the writer thread did not start".to_owned())));
        self.shared.counters.lock().driver = outcome.inspect_err(|_| self.shutdown())?;
        tracing::info!(driver = self.shared.counters.lock().driver, term = self.recovered.term, next = %self.recovered.next, "journal open");
        Ok(())
    }

    /// Takes one record: the parts, joined. A memory copy; never waits for the disk. Nothing is written before
    /// [`kick`](Self::kick), unless a group fills up.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was taken then.
    pub fn append(&self, work: Work, parts: &[&[u8]]) -> Result<Appended, AppendError> {
        let record = Measured::of(parts);
        if record.bytes > self.options.record_bytes_max() {
            return Err(AppendError::TooLarge);
        }
        self.shared.queue.append(work, &[(record, parts)])
    }

    /// Takes 1 to [`RECORDS_AT_ONCE_MAX`] records, all of them in one group: after a crash all are there or none. The position
    /// is the first one's; [`Position::after`] gives the next.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was taken then. [`AppendError::TooLarge`] also for no or too many records.
    pub fn append_all(&self, work: Work, records: &[&[&[u8]]]) -> Result<Appended, AppendError> {
        if records.is_empty() || records.len() > RECORDS_AT_ONCE_MAX {
            return Err(AppendError::TooLarge);
        }
        let mut measured: [(Measured, &[&[u8]]); RECORDS_AT_ONCE_MAX] =
            [(Measured { bytes: 0, crc: 0 }, &[]); RECORDS_AT_ONCE_MAX];
        let mut frames_bytes = 0;
        for (slot, parts) in measured.iter_mut().zip(records) {
            *slot = (Measured::of(parts), parts);
            frames_bytes += FRAME_HEADER_BYTES + slot.0.bytes;
        }
        if frames_bytes > self.options.record_bytes_max() + FRAME_HEADER_BYTES {
            return Err(AppendError::TooLarge);
        }
        self.shared.queue.append(work, &measured[..records.len()])
    }

    /// Starts writing the open group, at once if the writer is idle, else when it is free. Once per burst.
    pub fn kick(&self) {
        self.shared.queue.kick();
    }

    /// The last durable group: every record of it and of those before is on the disk. One atomic load.
    #[must_use]
    pub fn durable_group(&self) -> u64 {
        self.shared.durable.load(Ordering::SeqCst)
    }

    /// Sets what is called on the writer thread after each durable group and when the journal stops; replaces the one before.
    /// Must be short and must not call [`shutdown`](Self::shutdown) or [`flush`](Self::flush).
    pub fn on_progress(&self, progress: Arc<dyn Fn() + Send + Sync>) {
        *self.shared.progress.lock() = Some(progress);
    }

    /// Waits until everything appended so far is durable.
    ///
    /// # Errors
    /// [`Error::Poisoned`] if that will not happen.
    pub fn flush(&self) -> Result<(), Error> {
        let (_, group) = self.shared.queue.end();
        self.kick();
        self.wait_durable(group)
    }

    fn wait_durable(&self, group: u64) -> Result<(), Error> {
        let mut poisoned = None;
        self.shared.waiters.wait_until(|| {
            poisoned = self.shared.queue.poisoned();
            self.durable_group() >= group || poisoned.is_some()
        });
        match poisoned {
            Some(reason) if self.durable_group() < group => Err(Error::Poisoned(reason)),
            _ => Ok(()),
        }
    }

    /// A position such that every record appended from now on lies at it or behind it: where replay has to start for a
    /// checkpoint that is begun now. Before the checkpoint is finished, [`flush`](Self::flush) must have returned.
    #[must_use]
    pub fn checkpoint_position(&self) -> Position {
        self.shared.queue.end().0
    }

    /// Hands every record from `from` (a record's position, a checkpoint's, or [`Position::START`]) up to where the journal ended
    /// at opening to `consumer`, in order. Before the first append.
    ///
    /// # Errors
    /// [`Error::Corrupt`] at the first byte that is not as it was written, [`Error::OutOfRange`], and whatever `consumer` says.
    pub fn replay(&self, from: Position, consumer: &mut Consumer<'_>) -> Result<(), Error> {
        self.stored_until(self.recovered.next).replay(from, consumer)
    }

    /// What is durable now, to be read while the journal goes on.
    #[must_use]
    pub fn stored(&self) -> Stored {
        self.stored_until(Position(self.shared.durable_end.load(Ordering::Acquire)))
    }

    fn stored_until(&self, end: Position) -> Stored {
        Stored::new(Arc::clone(&self.storage), self.journal, self.shared.catalogue.lock().clone(), end)
    }

    /// Reads one durable record.
    ///
    /// # Errors
    /// [`Error::NotDurable`], [`Error::NoRecord`] (also for a damaged one), [`Error::Io`].
    pub fn read(&self, position: Position) -> Result<Vec<u8>, Error> {
        if position.0 >= self.shared.durable_end.load(Ordering::Acquire) {
            return Err(Error::NotDurable(position));
        }
        let segment =
            self.shared.catalogue.lock().range(..=position.0).next_back().map(|(base, bytes)| (*base, *bytes));
        let (base, bytes) = segment.ok_or(Error::NoRecord(position))?;
        let offset = position.0 - base;
        if offset < FIRST_GROUP_AT || offset >= bytes {
            return Err(Error::NoRecord(position));
        }
        let name = segment::segment_name(base);
        let file = self.storage.open(&name).map_err(Error::io("open", &name))?;
        read_record(&*file, bytes, offset, position).map_err(Error::io("read", &name))?.ok_or(Error::NoRecord(position))
    }

    /// Removes whole segments that lie before `before` (a checkpoint that is safe on disk); always keeps the last two. Gives how
    /// many went. Their records, the evidence in them too, are gone: copy the files first if they must be kept.
    ///
    /// # Errors
    /// [`Error::Io`]; the segments before the failed one are gone.
    pub fn retire(&self, before: Position) -> Result<usize, Error> {
        let mut catalogue = self.shared.catalogue.lock();
        let mut retired = 0;
        while catalogue.len() > 2 {
            let Some((base, _)) = catalogue.first_key_value().filter(|(base, bytes)| *base + *bytes <= before.0) else {
                break;
            };
            let (base, name) = (*base, segment::segment_name(*base));
            self.storage.remove(&name).map_err(Error::io("remove", &name))?;
            // One at a time, so that a crash leaves a row without gaps.
            self.storage.sync_dir().map_err(Error::io("sync the folder", "."))?;
            catalogue.remove(&base);
            retired += 1;
        }
        drop(catalogue);
        self.shared.preparer.retry();
        Ok(retired)
    }

    /// How the journal is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        let poisoned = self.shared.queue.poisoned();
        let (_, last_group) = self.shared.queue.end();
        let counters = self.shared.counters.lock();
        Status {
            driver: counters.driver,
            poisoned,
            groups: counters.groups,
            seals: counters.seals,
            frames: counters.frames,
            bytes: counters.bytes,
            lag_groups: last_group.saturating_sub(self.durable_group()),
            term: self.recovered.term,
            space: self.shared.queue.space(),
            cpu_ns: counters.cpu_ns.saturating_add(self.shared.preparer.cpu_ns()),
            sync_us: counters.sync_us.clone(),
        }
    }

    /// Waits until the segments ahead are made, so that tests do the same every time.
    #[cfg(test)]
    pub(crate) fn wait_prepared(&self) {
        self.shared.preparer.wait_idle();
    }

    /// Tries again to make a segment on a disk that was full.
    #[cfg(test)]
    pub(crate) fn retry_space(&self) {
        self.shared.preparer.retry();
    }

    /// Whether there is room for more; cheap enough for every burst.
    #[must_use]
    pub fn space(&self) -> Space {
        self.shared.queue.space()
    }

    /// Its folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.options.dir
    }

    /// The driver that won at opening.
    #[must_use]
    pub fn driver(&self) -> &'static str {
        self.shared.counters.lock().driver
    }

    /// Writes what is open, seals, ends the threads. Appends are refused from then on. Also done when dropped.
    pub fn shutdown(&self) {
        let mut threads = self.threads.lock();
        self.shared.queue.stop();
        // The writer may still need a segment, so the preparer ends after it.
        if let Some(writer) = threads.pop().filter(|_| !threads.is_empty()) {
            self.shared.preparer.give_up_waiting();
            // Whoever drops the last handle inside `on_progress` is the writer, and ends by itself.
            if writer.thread().id() != std::thread::current().id() {
                // A panic there has poisoned the journal already.
                let _ = writer.join();
            }
        }
        self.shared.preparer.stop();
        for thread in threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shutdown();
    }
}

fn make_slots(options: &Options) -> Vec<Slot> {
    let make = |number| Slot { number, buffer: AlignedBuffer::new(options.group_bytes_max) };
    (0..options.slots()).map(make).collect()
}

/// The record at `offset` of a segment of `segment_bytes`; `None` if there is no sound one.
fn read_record(
    file: &dyn StoredFile,
    segment_bytes: u64,
    offset: u64,
    position: Position,
) -> std::io::Result<Option<Vec<u8>>> {
    let block = BLOCK_BYTES as u64;
    let start = offset - offset % block;
    let skip = (offset - start) as usize;
    // Enough for most records in one read.
    let mut buffer = AlignedBuffer::new(((4 * block).min(segment_bytes - start)) as usize);
    let read = file.read_at(&mut buffer, start)?;
    let Some(frame_bytes) =
        buffer[..read].get(skip..).and_then(payload_bytes).map(|bytes| FRAME_HEADER_BYTES + bytes as usize)
    else {
        return Ok(None);
    };
    if offset + frame_bytes as u64 > segment_bytes {
        return Ok(None);
    }
    if skip + frame_bytes > read {
        buffer = AlignedBuffer::new(skip + frame_bytes);
        file.read_at(&mut buffer, start)?;
    }
    let frame = buffer.get(skip..).and_then(|bytes| Frame::read(bytes, position));
    Ok(frame.filter(Frame::is_sound).map(|frame| frame.payload.to_vec()))
}
