//! A disk in memory for the journal: honest and quick; what is on it can be looked at and changed between two openings.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use clearway::journal::Error;
use clearway::journal::storage::{Completion, Driver, DriverRequest, Job, LockGuard, Storage, StoredFile};

/// Files by name.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// The bytes of one file; a file that is renamed stays open.
type Content = Arc<Mutex<Vec<u8>>>;

/// A folder in memory.
#[derive(Clone, Default)]
pub(super) struct MemoryDisk(Arc<Mutex<BTreeMap<String, Content>>>);

impl MemoryDisk {
    pub(super) fn with(files: &Files) -> Self {
        let files = files.iter().map(|(name, bytes)| (name.clone(), Arc::new(Mutex::new(bytes.clone()))));
        Self(Arc::new(Mutex::new(files.collect())))
    }

    pub(super) fn files(&self) -> Files {
        locked(&self.0).iter().map(|(name, content)| (name.clone(), locked(content).clone())).collect()
    }
}

struct NoLock;

impl LockGuard for NoLock {}

struct MemoryFile(Content);

fn locked<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().expect("no panic while the disk is held")
}

impl Storage for MemoryDisk {
    fn lock(&self) -> Result<Arc<dyn LockGuard>, Error> {
        Ok(Arc::new(NoLock))
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(locked(&self.0).keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn StoredFile>> {
        locked(&self.0).insert(name.to_owned(), Content::default());
        self.open(name)
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn StoredFile>> {
        let content = locked(&self.0).get(name).cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(MemoryFile(content)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut files = locked(&self.0);
        let bytes = files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        files.insert(to.to_owned(), bytes);
        drop(files);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        locked(&self.0).remove(name).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_dir(&self) -> io::Result<()> {
        Ok(())
    }

    fn driver(&self, _: &DriverRequest<'_>) -> Result<Box<dyn Driver>, Error> {
        Ok(Box::new(AtOnce))
    }
}

impl StoredFile for MemoryFile {
    fn bytes(&self) -> io::Result<u64> {
        Ok(locked(&self.0).len() as u64)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let bytes = locked(&self.0);
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let there = bytes.get(from..).unwrap_or_default();
        let count = there.len().min(buffer.len());
        buffer[..count].copy_from_slice(&there[..count]);
        Ok(count)
    }

    fn write_at(&self, new: &[u8], offset: u64) -> io::Result<()> {
        let mut bytes = locked(&self.0);
        let from = usize::try_from(offset).expect("a small disk");
        let end = bytes.len().max(from + new.len());
        bytes.resize(end, 0);
        bytes[from..from + new.len()].copy_from_slice(new);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn write_durable(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_at(bytes, offset)
    }
}

/// Writes each group at once.
struct AtOnce;

impl Driver for AtOnce {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn submit(&mut self, job: Job, done: &mut Vec<Completion>) {
        let result = job.file.write_durable(job.group.bytes(), job.group.offset());
        done.push(Completion { group: job.group, result });
    }

    fn wait(&mut self, _: bool, _: &mut Vec<Completion>) -> io::Result<()> {
        Ok(())
    }
}
