//! The io_uring driver: writes through the ring, several at once if asked for, then one `fdatasync` for all that have landed.
//!
//! Three ways to make a written group durable were measured on a core that is kept busy, as a loaded node keeps it:
//!
//! * `fdatasync` linked behind the write in the ring: the kernel hands it to a helper thread; twice the CPU.
//! * `RWF_DSYNC` on the write: the kernel flushes from a work queue, whose thread waits for its turn on the busy core, by whole time
//!   slices (4 ms and more instead of 0.1).
//! * `fdatasync` called by this thread once the write has landed: cheap, prompt, and shared by all groups that landed
//!   together. This is what is done here.
//!
//! The files are fixed files and the memory of the first groups is registered, so that the kernel need not look either up each
//! time.
//!
//! Invariant: a [`Job`] stays in `jobs`, memory and file with it, from the moment its entry is pushed until its completion was
//! seen; `drop` waits for that. The lock file is registered too: the kernel lets go of it only when the last write of a killed
//! process has ended, so the next opening cannot read a tail that is still changing.
#![allow(unsafe_code)]

use std::io::{self, IoSlice};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;

use io_uring::{IoUring, opcode, squeue, types};
use rustix::event::EventfdFlags;
use rustix::io::Errno;

use super::aligned::AlignedBuffer;
use super::frame::BLOCK_BYTES;
use super::group::Slot;
use super::storage::{Completion, Driver, DriverRequest, Job, StoredFile, Waker};

/// Groups whose memory is registered, besides those under way: the slots are reused from the first on.
const SPARE_SLOTS: usize = 3;
/// Fixed file 0 is the lock, 1 the segment being written.
const SEGMENT_FILE: u32 = 1;
/// `user_data` of the request that waits for the waker.
const WAKER: u64 = u64::MAX;
/// `POLLIN` of `poll.h`.
const POLL_IN: u32 = 1;

/// See the module head.
pub(crate) struct RingDriver {
    name: &'static str,
    ring: IoUring,
    /// By `user_data`.
    jobs: Vec<Option<Job>>,
    under_way: usize,
    /// Written, not yet synced.
    landed: Vec<(Job, io::Result<()>)>,
    registered_slots: usize,
    has_fixed_files: bool,
    /// The file that is fixed file 1.
    segment: Option<Arc<dyn StoredFile>>,
    waker: Option<Bell>,
}

/// An eventfd by which other threads end a wait.
struct Bell {
    descriptor: Arc<OwnedFd>,
    is_armed: bool,
}

impl RingDriver {
    /// Makes a ring and tries it on `probe`, a file of a block or more.
    ///
    /// # Errors
    /// What the kernel says: `EPERM` or `ENOSYS` where io_uring is forbidden, `EINVAL` where it cannot do this.
    pub(crate) fn new(name: &'static str, request: &DriverRequest<'_>, probe: BorrowedFd<'_>) -> io::Result<Self> {
        let entries = (request.depth as u32 * 2).next_power_of_two();
        let ring = build_ring(entries)?;
        let mut driver = Self {
            name,
            ring,
            jobs: (0..request.depth).map(|_| None).collect(),
            under_way: 0,
            landed: Vec::with_capacity(request.depth),
            registered_slots: 0,
            has_fixed_files: false,
            segment: None,
            waker: None,
        };
        driver.try_write(probe)?;
        let lock = request.lock.descriptor().map_or(-1, |lock| lock.as_raw_fd());
        driver.has_fixed_files = driver.ring.submitter().register_files(&[lock, -1]).is_ok();
        driver.registered_slots = driver.register_slots(request.slots, request.depth + SPARE_SLOTS);
        if request.depth > 1 {
            let descriptor = Arc::new(rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
            driver.waker = Some(Bell { descriptor, is_armed: false });
        }
        Ok(driver)
    }

    /// Writes one block.
    fn try_write(&mut self, probe: BorrowedFd<'_>) -> io::Result<()> {
        let block = AlignedBuffer::new(BLOCK_BYTES);
        let write = opcode::Write::new(types::Fd(probe.as_raw_fd()), block.as_ptr(), BLOCK_BYTES as u32).build();
        // SAFETY: `block` lives until the completion below was seen; if the wait fails nothing was accepted by the kernel.
        unsafe { self.ring.submission().push(&write) }.map_err(|_| io::ErrorKind::WouldBlock)?;
        self.enter(1)?;
        let result = self.ring.completion().next().map(|completion| completion.result());
        match result {
            Some(result) => check(result, BLOCK_BYTES),
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    /// Registers the memory of the first slots; gives how many. Not being allowed to (`RLIMIT_MEMLOCK`) costs speed only.
    fn register_slots(&self, slots: &[Slot], wanted: usize) -> usize {
        let vectors: Vec<IoSlice<'_>> = slots.iter().take(wanted).map(|slot| IoSlice::new(&slot.buffer)).collect();
        // SAFETY: `IoSlice` is guaranteed to have the layout of `iovec`.
        let vectors = unsafe { std::slice::from_raw_parts(vectors.as_ptr().cast(), vectors.len()) };
        // SAFETY: the kernel pins the pages now. A slot that is freed before the ring is gone stays pinned, and no request
        // names a slot that is not in `jobs`.
        let registered = unsafe { self.ring.submitter().register_buffers(vectors) };
        if registered.is_ok() { vectors.len() } else { 0 }
    }

    /// Makes `file` fixed file 1.
    fn fix(&mut self, file: &Arc<dyn StoredFile>) -> io::Result<()> {
        if self.segment.as_ref().is_some_and(|fixed| Arc::ptr_eq(fixed, file)) {
            return Ok(());
        }
        // Entries that were pushed but not submitted still mean the file before.
        self.issue();
        let descriptor = descriptor_of(file)?;
        self.ring.submitter().register_files_update(SEGMENT_FILE, &[descriptor])?;
        self.segment = Some(Arc::clone(file));
        Ok(())
    }

    fn entry(&mut self, job: &Job) -> io::Result<squeue::Entry> {
        let (bytes, offset) = (job.group.bytes(), job.group.offset());
        let (start, length) = (bytes.as_ptr(), bytes.len() as u32);
        if !self.has_fixed_files {
            let file = types::Fd(descriptor_of(&job.file)?);
            return Ok(opcode::Write::new(file, start, length).offset(offset).build());
        }
        self.fix(&job.file)?;
        let file = types::Fixed(SEGMENT_FILE);
        let slot = job.group.slot_number();
        Ok(if slot < self.registered_slots {
            opcode::WriteFixed::new(file, start, length, slot as u16).offset(offset).build()
        } else {
            opcode::Write::new(file, start, length).offset(offset).build()
        })
    }

    /// Pushes the entry; on failure gives the job back.
    #[expect(
        clippy::result_large_err,
        reason = "the job goes back to its caller; boxing would allocate on the way of every group"
    )]
    fn push(&mut self, job: Job) -> Result<(), (Job, io::Error)> {
        let Some(number) = self.jobs.iter().position(Option::is_none) else {
            return Err((job, io::ErrorKind::WouldBlock.into()));
        };
        let entry = match self.entry(&job) {
            Ok(entry) => entry.user_data(number as u64),
            Err(error) => return Err((job, error)),
        };
        // SAFETY: the group's memory and file are kept in `jobs` until the completion; moving a `Job` does not move them.
        if unsafe { self.ring.submission().push(&entry) }.is_err() {
            return Err((job, io::ErrorKind::WouldBlock.into()));
        }
        if let Some(free) = self.jobs.get_mut(number) {
            *free = Some(job);
        }
        self.under_way += 1;
        Ok(())
    }

    /// Submits what is pushed and waits for `wanted` completions.
    fn enter(&self, wanted: usize) -> io::Result<()> {
        loop {
            match self.ring.submitter().submit_and_wait(wanted) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Lets the bell end the next wait.
    fn arm(&mut self) {
        let Some(bell) = self.waker.as_mut().filter(|bell| !bell.is_armed) else { return };
        let poll = opcode::PollAdd::new(types::Fd(bell.descriptor.as_raw_fd()), POLL_IN).build().user_data(WAKER);
        // SAFETY: a poll names no memory; the descriptor lives as long as the ring.
        bell.is_armed = unsafe { self.ring.submission().push(&poll) }.is_ok();
    }

    /// Moves what has been written to `landed`.
    fn reap(&mut self) {
        for completion in self.ring.completion() {
            if completion.user_data() == WAKER {
                if let Some(bell) = &mut self.waker {
                    bell.is_armed = false;
                    let _ = rustix::io::read(&*bell.descriptor, &mut [0; 8]);
                }
                continue;
            }
            let number = usize::try_from(completion.user_data()).unwrap_or(usize::MAX);
            let Some(job) = self.jobs.get_mut(number).and_then(Option::take) else { continue };
            self.under_way -= 1;
            let result = check(completion.result(), job.group.bytes().len());
            self.landed.push((job, result));
        }
    }

    /// Syncs what has landed, each file once.
    fn sync_landed(&mut self, done: &mut Vec<Completion>) {
        let mut synced: Option<(Arc<dyn StoredFile>, Option<io::Error>)> = None;
        for (Job { group, file }, written) in self.landed.drain(..) {
            if synced.as_ref().is_none_or(|(before, _)| !Arc::ptr_eq(before, &file)) {
                let error = file.sync().err();
                synced = Some((file, error));
            }
            let failed = synced.as_ref().and_then(|(_, error)| error.as_ref());
            let sync = failed.map_or(Ok(()), |error| Err(io::Error::new(error.kind(), error.to_string())));
            done.push(Completion { group, result: written.and(sync) });
        }
    }
}

impl Driver for RingDriver {
    fn name(&self) -> &'static str {
        self.name
    }

    fn submit(&mut self, job: Job, done: &mut Vec<Completion>) {
        if let Err((job, error)) = self.push(job) {
            done.push(Completion { group: job.group, result: Err(error) });
        }
    }

    fn issue(&mut self) {
        // A failure shows again in `wait`, which reports it.
        let _ = self.enter(0);
    }

    fn wait(&mut self, may_be_woken: bool, done: &mut Vec<Completion>) -> io::Result<()> {
        if self.under_way == 0 {
            return Ok(());
        }
        if may_be_woken {
            self.arm();
        }
        self.enter(1)?;
        self.reap();
        self.sync_landed(done);
        Ok(())
    }

    fn waker(&self) -> Option<Waker> {
        let descriptor = Arc::clone(&self.waker.as_ref()?.descriptor);
        Some(Arc::new(move || {
            // Full means that it rings already.
            let _ = rustix::io::write(&*descriptor, &1u64.to_ne_bytes());
        }))
    }
}

impl Drop for RingDriver {
    fn drop(&mut self) {
        let mut done = Vec::new();
        while self.under_way > 0 {
            if self.wait(false, &mut done).is_err() {
                // The ring itself failed: the kernel may read the memory at any time, so it is never freed.
                std::mem::forget(std::mem::take(&mut self.jobs));
                return;
            }
        }
        // The kernel takes a ring apart some time later; the lock is to be free now.
        let _ = self.ring.submitter().unregister_files();
    }
}

fn descriptor_of(file: &Arc<dyn StoredFile>) -> io::Result<RawFd> {
    let descriptor = file.descriptor().ok_or(io::ErrorKind::Unsupported)?;
    Ok(descriptor.as_fd().as_raw_fd())
}

/// A completion's result against what should have been written.
fn check(result: i32, wanted: usize) -> io::Result<()> {
    match usize::try_from(result) {
        Ok(written) if written == wanted => Ok(()),
        Ok(written) => Err(io::Error::other(format!("only {written} of {wanted} bytes were written"))),
        Err(_) => Err(io::Error::from_raw_os_error(-result)),
    }
}

/// The cheapest mode that the kernel knows: completions run when we wait (6.1), without interrupting us (5.19), or as ever.
fn build_ring(entries: u32) -> io::Result<IoUring> {
    let invalid = |error: &io::Error| error.raw_os_error() == Some(Errno::INVAL.raw_os_error());
    match IoUring::builder().setup_single_issuer().setup_defer_taskrun().build(entries) {
        Err(error) if invalid(&error) => {}
        outcome => return outcome,
    }
    match IoUring::builder().setup_coop_taskrun().build(entries) {
        Err(error) if invalid(&error) => IoUring::new(entries),
        outcome => outcome,
    }
}
