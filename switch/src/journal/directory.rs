//! [`Directory`]: a real folder as [`Storage`], with direct IO where the filesystem has it.
//!
//! Invariant: what the probe at opening found (direct IO, `RWF_DSYNC`) holds for all files, since they lie in one
//! filesystem. Made by [`Journal::open`](super::Journal::open).

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{FallocateFlags, OFlags};
use rustix::io::{Errno, ReadWriteFlags};

use super::aligned::AlignedBuffer;
use super::error::Error;
use super::frame::BLOCK_BYTES;
use super::options::DriverChoice;
use super::pwrite::PwriteDriver;
use super::ring::RingDriver;
use super::storage::{Driver, DriverRequest, LockGuard, Storage, StoredFile};

const LOCK_NAME: &str = "journal.lock";
const PROBE_NAME: &str = "journal.probe";
/// A killed process lets go of the folder only when its last write has ended; so wait a little.
const LOCK_WAIT: Duration = Duration::from_millis(if cfg!(test) { 400 } else { 3000 });

/// How the filesystem takes a durable write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Abilities {
    direct: bool,
    dsync: bool,
    writable: bool,
}

/// A folder of the system.
pub struct Directory {
    path: PathBuf,
    abilities: Abilities,
}

impl Directory {
    /// Makes the folder if it is missing and finds out what its filesystem can do.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder cannot be made or not be written.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let name = path.display().to_string();
        std::fs::create_dir_all(&path).map_err(Error::io("make the folder", &name))?;
        let mut directory = Self { path, abilities: Abilities { direct: false, dsync: false, writable: true } };
        directory.abilities = directory.probe().map_err(Error::io("write to the folder", &name))?;
        Ok(directory)
    }

    /// A folder to look at: nothing in it is changed, files are read through the system's cache.
    #[must_use]
    pub fn read_only(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), abilities: Abilities { direct: false, dsync: false, writable: false } }
    }

    /// Tries direct IO and `RWF_DSYNC` on a file of its own, which it removes.
    fn probe(&self) -> io::Result<Abilities> {
        let block = AlignedBuffer::new(BLOCK_BYTES);
        let path = self.path.join(PROBE_NAME);
        File::create(&path)?.write_all_at(&block, 0)?;
        let direct = open_file(&path, true, false).and_then(|file| file.write_all_at(&block, 0)).is_ok();
        let file = open_file(&path, direct, false)?;
        let dsync = write_dsync(&file, &block, 0).is_ok();
        drop(file);
        std::fs::remove_file(&path)?;
        Ok(Abilities { direct, dsync, writable: true })
    }

    /// Whether files are opened for direct IO.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.abilities.direct
    }

    fn file(&self, name: &str, create: bool) -> io::Result<Arc<dyn StoredFile>> {
        let path = self.path.join(name);
        let file =
            if self.abilities.writable { open_file(&path, self.abilities.direct, create)? } else { File::open(path)? };
        Ok(Arc::new(DirectoryFile { file, dsync: self.abilities.dsync }))
    }

    fn ring(&self, request: &DriverRequest<'_>) -> io::Result<RingDriver> {
        let name = if self.abilities.direct { "io_uring+o_direct" } else { "io_uring" };
        let path = self.path.join(PROBE_NAME);
        let probe = open_file(&path, self.abilities.direct, true)?;
        let ring = RingDriver::new(name, request, probe.as_fd());
        std::fs::remove_file(&path)?;
        ring
    }

    fn pwrite_name(&self) -> &'static str {
        match (self.abilities.dsync, self.abilities.direct) {
            (true, true) => "pwritev2+dsync+o_direct",
            (true, false) => "pwritev2+dsync",
            (false, true) => "pwrite+fdatasync+o_direct",
            (false, false) => "pwrite+fdatasync",
        }
    }
}

fn open_file(path: &std::path::Path, direct: bool, create: bool) -> io::Result<File> {
    let flags = if direct { OFlags::DIRECT } else { OFlags::empty() };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(create).truncate(create).mode(0o600);
    options.custom_flags(flags.bits() as i32).open(path)
}

/// Writes all of `bytes` with `RWF_DSYNC`: durable when it returns.
fn write_dsync(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::pwritev2(file, &[IoSlice::new(bytes)], offset, ReadWriteFlags::DSYNC) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = bytes.get(written..).unwrap_or_default();
                offset += written as u64;
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

struct DirectoryLock(File);

impl LockGuard for DirectoryLock {
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}

impl Storage for Directory {
    fn lock(&self) -> Result<Arc<dyn LockGuard>, Error> {
        let path = self.path.join(LOCK_NAME);
        let file = open_file(&path, false, true).map_err(Error::io("open", LOCK_NAME))?;
        let until = Instant::now() + LOCK_WAIT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Arc::new(DirectoryLock(file))),
                Err(TryLockError::Error(error)) => return Err(Error::io("lock", LOCK_NAME)(error)),
                Err(TryLockError::WouldBlock) if Instant::now() >= until => {
                    return Err(Error::Locked(self.path.clone()));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn create(&self, name: &str) -> io::Result<Arc<dyn StoredFile>> {
        self.file(name, true)
    }

    fn open(&self, name: &str) -> io::Result<Arc<dyn StoredFile>> {
        self.file(name, false)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path.join(name))
    }

    fn sync_dir(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    fn driver(&self, request: &DriverRequest<'_>) -> Result<Box<dyn Driver>, Error> {
        let pwrite = || Box::new(PwriteDriver::new(self.pwrite_name()));
        if request.choice == DriverChoice::Pwrite {
            return Ok(pwrite());
        }
        let refused = match self.ring(request) {
            // Without direct IO io_uring hands every write to helper threads: nothing is gained.
            Ok(ring) if self.abilities.direct || request.choice == DriverChoice::IoUring => return Ok(Box::new(ring)),
            Ok(_) => io::Error::other("the filesystem has no direct IO"),
            Err(error) => error,
        };
        if request.choice == DriverChoice::IoUring {
            return Err(Error::io("start io_uring for", ".")(refused));
        }
        tracing::info!(reason = %refused, driver = self.pwrite_name(), "journal: io_uring is not used");
        Ok(pwrite())
    }
}

struct DirectoryFile {
    file: File,
    dsync: bool,
}

impl StoredFile for DirectoryFile {
    fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, offset + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn reserve(&self, bytes: u64) -> io::Result<()> {
        match rustix::fs::fallocate(&self.file, FallocateFlags::empty(), 0, bytes) {
            // Some filesystems cannot; then writing shows whether there is room.
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write_durable(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        if self.dsync {
            return write_dsync(&self.file, bytes, offset);
        }
        self.file.write_all_at(bytes, offset)?;
        self.file.sync_data()
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.file.as_fd())
    }
}
