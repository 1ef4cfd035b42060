//! A disk in memory for tests: it loses, tears, fills up, fails and lies on demand.
//!
//! Every change is kept in a trace, so that a test can ask what a crash after the n-th change may have left:
//! [`crash`] builds such a disk. What was synced is there; of the rest, [`Keep`] decides sector by sector. Files made, renamed or
//! removed since the last sync of the folder may or may not have been.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex};

use super::error::Error;
use super::storage::{Completion, Driver, DriverRequest, Job, LockGuard, Storage, StoredFile, Waker};

/// What a disk writes whole or not at all.
pub(crate) const SECTOR_BYTES: usize = 512;

/// One change.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Create {
        name: String,
        file: usize,
    },
    Rename {
        from: String,
        to: String,
    },
    Remove {
        name: String,
    },
    SyncDir,
    Write {
        file: usize,
        offset: usize,
        bytes: Vec<u8>,
        number: usize,
    },
    /// The write of that number is durable.
    Durable {
        number: usize,
    },
    Sync {
        file: usize,
    },
}

/// Which operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failing {
    Write,
    Sync,
    DurableWrite,
    Create,
    Rename,
    SyncDir,
    Read,
}

#[derive(Default)]
struct Inner {
    names: BTreeMap<String, usize>,
    files: Vec<Vec<u8>>,
    trace: Vec<Change>,
    writes: usize,
    capacity: Option<usize>,
    /// The operation, how many of them go well first, and what the failure says.
    failing: Option<(Failing, usize, io::ErrorKind)>,
}

/// See the module head. Clones are the same disk.
#[derive(Clone, Default)]
pub(crate) struct MemoryDisk {
    inner: Arc<Mutex<Inner>>,
    gate: Arc<Gate>,
    /// Seed of the order in which groups under way are finished.
    seed: u64,
}

/// Holds the driver back until a test has everything in place.
#[derive(Default)]
struct Gate {
    is_closed: Mutex<bool>,
    changed: Condvar,
    held: AtomicUsize,
}

impl MemoryDisk {
    pub(crate) fn with_seed(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    pub(crate) fn trace(&self) -> Vec<Change> {
        self.inner.lock().trace.clone()
    }

    /// The next `good` operations of that kind go well, all later ones fail.
    pub(crate) fn fail(&self, failing: Failing, good: usize, kind: io::ErrorKind) {
        self.inner.lock().failing = Some((failing, good, kind));
    }

    pub(crate) fn set_capacity(&self, bytes: Option<usize>) {
        self.inner.lock().capacity = bytes;
    }

    pub(crate) fn used_bytes(&self) -> usize {
        self.inner.lock().used_bytes()
    }

    /// The driver waits at its next group until the gate opens.
    pub(crate) fn close_gate(&self) {
        *self.gate.is_closed.lock() = true;
    }

    pub(crate) fn open_gate(&self) {
        *self.gate.is_closed.lock() = false;
        self.gate.changed.notify_all();
    }

    /// Waits until the driver stands at the gate.
    pub(crate) fn wait_held(&self) {
        while self.gate.held.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
    }

    /// Bytes of a file.
    pub(crate) fn bytes_of(&self, name: &str) -> Vec<u8> {
        let inner = self.inner.lock();
        inner.names.get(name).map(|file| inner.files[*file].clone()).unwrap_or_default()
    }

    /// Names of all files that end so, in order.
    pub(crate) fn names(&self, suffix: &str) -> Vec<String> {
        self.inner.lock().names.keys().filter(|name| name.ends_with(suffix)).cloned().collect()
    }

    /// Changes bytes behind everybody's back.
    pub(crate) fn damage(&self, name: &str, with: impl FnOnce(&mut Vec<u8>)) {
        let mut inner = self.inner.lock();
        let file = inner.names[name];
        with(&mut inner.files[file]);
    }

    /// An independent copy of what is there now, all of it durable.
    pub(crate) fn copy(&self) -> Self {
        let inner = self.inner.lock();
        let copy = Self::with_seed(self.seed);
        *copy.inner.lock() = Inner { names: inner.names.clone(), files: inner.files.clone(), ..Inner::default() };
        copy
    }
}

impl Inner {
    fn used_bytes(&self) -> usize {
        self.names.values().map(|file| self.files[*file].len()).sum()
    }

    fn check(&mut self, operation: Failing) -> io::Result<()> {
        match &mut self.failing {
            Some((failing, good, kind)) if *failing == operation => {
                if *good == 0 {
                    return Err(io::Error::new(*kind, "injected by the test"));
                }
                *good -= 1;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Gives the number of the write.
    fn write(&mut self, file: usize, bytes: &[u8], offset: usize) -> io::Result<usize> {
        let end = offset + bytes.len();
        let grows = end.saturating_sub(self.files[file].len());
        if self.capacity.is_some_and(|capacity| self.used_bytes() + grows > capacity) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        put(&mut self.files[file], offset, bytes);
        self.writes += 1;
        let number = self.writes;
        self.trace.push(Change::Write { file, offset, bytes: bytes.to_vec(), number });
        Ok(number)
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    if file.len() < offset + bytes.len() {
        file.resize(offset + bytes.len(), 0);
    }
    file[offset..offset + bytes.len()].copy_from_slice(bytes);
}

struct MemoryLock;
impl LockGuard for MemoryLock {}

struct MemoryFile {
    disk: MemoryDisk,
    file: usize,
}

impl Storage for MemoryDisk {
    fn lock(&self) -> Result<Arc<dyn LockGuard>, Error> {
        Ok(Arc::new(MemoryLock))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.inner.lock().names.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn StoredFile>> {
        let mut inner = self.inner.lock();
        inner.check(Failing::Create)?;
        let file = inner.files.len();
        inner.files.push(Vec::new());
        inner.names.insert(name.to_owned(), file);
        inner.trace.push(Change::Create { name: name.to_owned(), file });
        Ok(Arc::new(MemoryFile { disk: self.clone(), file }))
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn StoredFile>> {
        let file = *self.inner.lock().names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(MemoryFile { disk: self.clone(), file }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut inner = self.inner.lock();
        inner.check(Failing::Rename)?;
        let file = inner.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        inner.names.insert(to.to_owned(), file);
        inner.trace.push(Change::Rename { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut inner = self.inner.lock();
        inner.names.remove(name).ok_or(io::ErrorKind::NotFound)?;
        inner.trace.push(Change::Remove { name: name.to_owned() });
        Ok(())
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut inner = self.inner.lock();
        inner.check(Failing::SyncDir)?;
        inner.trace.push(Change::SyncDir);
        Ok(())
    }

    fn driver(&self, request: &DriverRequest<'_>) -> Result<Box<dyn Driver>, Error> {
        let jobs = Vec::with_capacity(request.depth);
        Ok(Box::new(MemoryDriver { disk: self.clone(), jobs, random: Random(self.seed), bell: Arc::default() }))
    }
}

impl StoredFile for MemoryFile {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.disk.inner.lock().files[self.file].len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut inner = self.disk.inner.lock();
        inner.check(Failing::Read)?;
        let rest = inner.files[self.file].get(offset as usize..).unwrap_or_default();
        let bytes = rest.len().min(buffer.len());
        buffer[..bytes].copy_from_slice(&rest[..bytes]);
        Ok(bytes)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut inner = self.disk.inner.lock();
        inner.check(Failing::Write)?;
        inner.write(self.file, bytes, offset as usize).map(drop)
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        let inner = self.disk.inner.lock();
        let grows = (bytes as usize).saturating_sub(inner.files[self.file].len());
        let is_full = inner.capacity.is_some_and(|capacity| inner.used_bytes() + grows > capacity);
        // Like some filesystems, every other disk says nothing and lets the writing fail.
        if is_full && self.disk.seed.is_multiple_of(2) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&self) -> io::Result<()> {
        let mut inner = self.disk.inner.lock();
        inner.check(Failing::Sync)?;
        inner.trace.push(Change::Sync { file: self.file });
        Ok(())
    }

    fn write_durable(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut inner = self.disk.inner.lock();
        inner.check(Failing::DurableWrite)?;
        let number = inner.write(self.file, bytes, offset as usize)?;
        inner.trace.push(Change::Durable { number });
        Ok(())
    }
}

/// Small, seeded, good enough to pick with.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ (value >> 31)) % end.max(1) as u64) as usize
    }
}

/// Finishes groups in a seeded order.
struct MemoryDriver {
    disk: MemoryDisk,
    /// With the number of the write, or why it failed.
    jobs: Vec<(Job, io::Result<usize>)>,
    random: Random,
    bell: Arc<AtomicUsize>,
}

impl Driver for MemoryDriver {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn submit(&mut self, job: Job, _done: &mut Vec<Completion>) {
        let gate = &self.disk.gate;
        let mut is_closed = gate.is_closed.lock();
        while *is_closed {
            gate.held.store(1, Ordering::SeqCst);
            gate.changed.wait(&mut is_closed);
        }
        gate.held.store(0, Ordering::SeqCst);
        drop(is_closed);
        let name = super::segment::segment_name(job.group.segment_base());
        let mut inner = self.disk.inner.lock();
        let file = inner.names[&name];
        let written = inner.check(Failing::DurableWrite);
        let written = written.and_then(|()| inner.write(file, job.group.bytes(), job.group.offset() as usize));
        drop(inner);
        self.jobs.push((job, written));
    }

    fn wait(&mut self, _may_be_woken: bool, done: &mut Vec<Completion>) -> io::Result<()> {
        self.bell.store(0, Ordering::SeqCst);
        if self.jobs.is_empty() {
            return Ok(());
        }
        let (job, written) = self.jobs.swap_remove(self.random.below(self.jobs.len()));
        let result = written.map(|number| self.disk.inner.lock().trace.push(Change::Durable { number }));
        done.push(Completion { group: job.group, result });
        Ok(())
    }

    fn waker(&self) -> Option<Waker> {
        let bell = Arc::clone(&self.bell);
        Some(Arc::new(move || {
            bell.store(1, Ordering::SeqCst);
        }))
    }
}

/// What a crash leaves of that which was not synced.
pub(crate) enum Keep {
    Nothing,
    Everything,
    /// Of the writes in order, the first so many bytes.
    Bytes(usize),
    /// Each sector, and each change of names up to some point, as it falls.
    Sectors(Random),
}

impl Keep {
    /// Whether the sector survives; told in order.
    fn sector(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Everything => bytes.len(),
            Self::Bytes(left) => {
                let kept = bytes.len().min(*left);
                *left -= kept;
                kept
            }
            Self::Sectors(random) => bytes.len() * random.below(2),
        }
    }

    fn names(&mut self, pending: usize) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Everything | Self::Bytes(_) => pending,
            Self::Sectors(random) => random.below(pending + 1),
        }
    }
}

/// The disk after a crash behind the changes of `trace`, on top of what `before` held durably.
pub(crate) fn crash(before: &MemoryDisk, trace: &[Change], keep: &mut Keep) -> MemoryDisk {
    let disk = before.copy();
    let mut inner = disk.inner.lock();
    let mut pending_names: Vec<&Change> = Vec::new();
    let mut pending: Vec<(usize, usize, &[u8], usize)> = Vec::new();
    for change in trace {
        match change {
            Change::Create { file, .. } => {
                // The file exists without a name until the folder is synced.
                let files = inner.files.len().max(file + 1);
                inner.files.resize(files, Vec::new());
                pending_names.push(change);
            }
            Change::Rename { .. } | Change::Remove { .. } => pending_names.push(change),
            Change::SyncDir => pending_names.drain(..).for_each(|change| inner.rename(change)),
            Change::Write { file, offset, bytes, number } => pending.push((*file, *offset, bytes, *number)),
            Change::Durable { number } => pending.retain(|(file, offset, bytes, other)| {
                if other == number {
                    put(&mut inner.files[*file], *offset, bytes);
                }
                other != number
            }),
            Change::Sync { file } => pending.retain(|(other, offset, bytes, _)| {
                if other == file {
                    put(&mut inner.files[*other], *offset, bytes);
                }
                other != file
            }),
        }
    }
    let names = keep.names(pending_names.len());
    pending_names.into_iter().take(names).for_each(|change| inner.rename(change));
    for (file, offset, bytes, _) in pending {
        for (at, sector) in bytes.chunks(SECTOR_BYTES).enumerate() {
            let kept = keep.sector(sector);
            if kept > 0 {
                put(&mut inner.files[file], offset + at * SECTOR_BYTES, &sector[..kept]);
            }
        }
    }
    drop(inner);
    disk
}

impl Inner {
    fn rename(&mut self, change: &Change) {
        match change {
            Change::Create { name, file } => {
                self.names.insert(name.clone(), *file);
            }
            Change::Rename { from, to } => {
                if let Some(file) = self.names.remove(from) {
                    self.names.insert(to.clone(), file);
                }
            }
            Change::Remove { name } => {
                self.names.remove(name);
            }
            _ => {}
        }
    }
}
