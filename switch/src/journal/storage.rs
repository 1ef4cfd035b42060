//! The seam between the journal and the disk.
//!
//! [`Storage`] is a folder, [`StoredFile`] a file in it, [`Driver`] what the writer thread hands its groups to. Real files are in
//! `directory`, drivers for them in `ring` and `pwrite`; tests put a disk in memory here that tears, loses, fills up and lies.
//!
//! Invariant for callers: buffers, offsets and lengths are multiples of 4096, except in checkpoints' last block, which is
//! padded too. Invariant for implementors: what a successful `sync`, `write_durable`, `sync_dir` or completed group covers
//! survives a crash; anything else may be lost or torn at any sector.

use std::io;
use std::os::fd::BorrowedFd;
use std::sync::Arc;

use super::error::Error;
use super::group::Group;
use super::options::DriverChoice;

/// A folder of files.
pub trait Storage: Send + Sync {
    /// Takes the folder for this process; released when the guard is dropped.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process has it, else an IO error.
    fn lock(&self) -> Result<Arc<dyn LockGuard>, Error>;
    /// Names of all files.
    ///
    /// # Errors
    /// As the system says.
    fn list(&self) -> io::Result<Vec<String>>;
    /// Makes an empty file, replacing one of that name.
    ///
    /// # Errors
    /// As the system says.
    fn create(&self, name: &str) -> io::Result<Arc<dyn StoredFile>>;
    /// Opens a file for reading and writing.
    ///
    /// # Errors
    /// As the system says.
    fn open(&self, name: &str) -> io::Result<Arc<dyn StoredFile>>;
    /// Gives a file another name, replacing one of that name.
    ///
    /// # Errors
    /// As the system says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// As the system says.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes names durable: files made, renamed, removed.
    ///
    /// # Errors
    /// As the system says.
    fn sync_dir(&self) -> io::Result<()>;
    /// Makes the driver; called on the writer thread, which keeps it.
    ///
    /// # Errors
    /// [`Error::Io`] if `choice` is not `Auto` and the system cannot do it.
    fn driver(&self, request: &DriverRequest<'_>) -> Result<Box<dyn Driver>, Error>;
}

/// Keeps a folder taken.
pub trait LockGuard: Send + Sync {
    /// The descriptor that holds the lock, for a driver that must not let go of it before its writes have ended.
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}

/// A file.
pub trait StoredFile: Send + Sync {
    /// Length in bytes.
    ///
    /// # Errors
    /// As the system says.
    fn bytes(&self) -> io::Result<u64>;
    /// Reads at `offset` until `buffer` is full or the file ends; gives the number of bytes.
    ///
    /// # Errors
    /// As the system says.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    /// Writes all of `bytes`; durable only after [`StoredFile::sync`].
    ///
    /// # Errors
    /// As the system says.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Sets room aside for so many bytes, so that a full disk shows before anything is written; doing nothing is allowed.
    ///
    /// # Errors
    /// As the system says.
    fn reserve(&self, bytes: u64) -> io::Result<()> {
        let _ = bytes;
        Ok(())
    }
    /// Makes data and length durable.
    ///
    /// # Errors
    /// As the system says; the state of everything written since the last sync is then unknown.
    fn sync(&self) -> io::Result<()>;
    /// [`StoredFile::write_at`] and [`StoredFile::sync`] in one, for a file whose blocks exist already.
    ///
    /// # Errors
    /// As for the two.
    fn write_durable(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// The descriptor, if the file is one of the system's.
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}

/// What a driver is made for.
pub struct DriverRequest<'a> {
    /// Which driver.
    pub choice: DriverChoice,
    /// Groups that may be under way at once.
    pub depth: usize,
    /// Memory of the groups that will come; a driver may register the first ones.
    pub slots: &'a [super::group::Slot],
    /// The lock of the folder.
    pub lock: &'a Arc<dyn LockGuard>,
}

/// A sealed group and where it goes.
pub struct Job {
    /// The group.
    pub group: Group,
    /// Its segment.
    pub file: Arc<dyn StoredFile>,
}

/// A group that was written and synced, or was not.
pub struct Completion {
    /// The group, whose memory is free again.
    pub group: Group,
    /// Whether it is durable.
    pub result: io::Result<()>,
}

/// Ends a driver's wait early; callable from any thread.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// Writes groups durably. Lives on the writer thread. Must not be dropped while the kernel may still read a group's memory:
/// implementors wait in `drop`.
pub trait Driver {
    /// Name for logs, metrics and results.
    fn name(&self) -> &'static str;
    /// Takes one group; at most `depth` are under way. What is finished at once (a failure, or a blocking driver's write) goes
    /// to `done`.
    fn submit(&mut self, job: Job, done: &mut Vec<Completion>);
    /// Gets what was submitted under way without waiting. `wait` does so too.
    fn issue(&mut self) {}
    /// Waits until at least one group is finished, or the waker is called if `may_be_woken`, and moves what is finished to `done`,
    /// in any order. Returns at once when nothing is under way.
    ///
    /// # Errors
    /// The driver itself is broken: nothing is known about what is under way.
    fn wait(&mut self, may_be_woken: bool, done: &mut Vec<Completion>) -> io::Result<()>;
    /// For drivers that can have several groups under way: what ends a wait.
    fn waker(&self) -> Option<Waker> {
        None
    }
}
