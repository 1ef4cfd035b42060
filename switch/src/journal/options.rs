//! What the owner of a journal chooses, and the limits of each choice.

use std::path::PathBuf;

use super::error::Error;
use super::frame::{BLOCK_BYTES, FRAME_HEADER_BYTES, GROUP_HEADER_BYTES};

/// How groups are brought to the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DriverChoice {
    /// The fastest that this machine allows: `IoUring`, else `Pwrite`.
    #[default]
    Auto,
    /// io_uring with `O_DIRECT`; opening fails where the kernel forbids it.
    IoUring,
    /// `pwritev2(RWF_DSYNC)`, or `pwrite` and `fdatasync`; with `O_DIRECT` where the filesystem has it.
    Pwrite,
}

/// Choices for [`Journal::open`](super::Journal::open).
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the segments and checkpoints; made if missing. One journal, one process.
    pub dir: PathBuf,
    /// How groups are brought to the disk.
    pub driver: DriverChoice,
    /// Size of a new segment in bytes: a multiple of 4096, at most 2 GiB, and room for the groups in flight (see [`Options::check`]).
    pub segment_bytes: u64,
    /// Segments that are zeroed ahead of the one being written, 1 to 16.
    pub segments_ahead: usize,
    /// Longest group in bytes: a multiple of 4096, 4 KiB to 16 MiB. Bounds the longest record.
    pub group_bytes_max: usize,
    /// Groups that are written at the same time, 1 to 16. They become durable in order all the same.
    pub groups_in_flight_max: usize,
    /// Records in memory that are not yet durable, in bytes, 4 groups or more. Beyond three quarters of it new work is
    /// refused, at its end everything.
    pub backlog_bytes_max: usize,
    /// When no further segment can be made (disk full), new work is refused once less than this many bytes are left.
    /// Should hold what all running work still has to write.
    pub reserve_bytes: u64,
    /// Least time between the starts of two groups, in microseconds; 0 to 1,000,000. A lone record goes at once; under load
    /// records share a group, which saves CPU. A full group never waits.
    pub linger_us: u64,
    /// How long the journal is idle before it writes a seal, in milliseconds; 1 to 60,000.
    pub seal_after_ms: u64,
    /// Name of a new journal; `None` takes a random one. Only tests that compare bytes set it.
    pub identity: Option<u64>,
}

impl Options {
    /// The defaults, for the journal in `dir`.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            driver: DriverChoice::Auto,
            segment_bytes: 64 << 20,
            segments_ahead: 2,
            group_bytes_max: 1 << 20,
            groups_in_flight_max: 1,
            backlog_bytes_max: 32 << 20,
            reserve_bytes: 64 << 20,
            linger_us: 0,
            seal_after_ms: 10,
            identity: None,
        }
    }

    /// Longest record that fits, in bytes.
    #[must_use]
    pub fn record_bytes_max(&self) -> usize {
        self.group_bytes_max - GROUP_HEADER_BYTES - FRAME_HEADER_BYTES
    }

    /// Groups that memory is set aside for.
    pub(crate) fn slots(&self) -> usize {
        self.backlog_bytes_max / self.group_bytes_max
    }

    /// Checks the limits given at each field.
    ///
    /// # Errors
    /// [`Error::Options`], naming the field.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |what: &str| Err(Error::Options(what.to_owned()));
        let block = BLOCK_BYTES as u64;
        let group = self.group_bytes_max as u64;
        if !group.is_multiple_of(block) || group < block || group > 16 << 20 {
            return refuse("group_bytes_max: a multiple of 4096 from 4096 to 16 MiB");
        }
        if !(1..=16).contains(&self.groups_in_flight_max) {
            return refuse("groups_in_flight_max: 1 to 16");
        }
        // Recovery looks for a broken group in the last two segments only, so the groups in flight must not reach further.
        let floor = block + group * (self.groups_in_flight_max as u64 + 1);
        if !self.segment_bytes.is_multiple_of(block) || self.segment_bytes < floor || self.segment_bytes > 2 << 30 {
            return refuse(
                "segment_bytes: a multiple of 4096 from 4096 + group_bytes_max * (groups_in_flight_max + 1) to 2 GiB",
            );
        }
        if !(1..=16).contains(&self.segments_ahead) {
            return refuse("segments_ahead: 1 to 16");
        }
        if self.backlog_bytes_max < 4 * self.group_bytes_max || self.backlog_bytes_max > 4 << 30 {
            return refuse("backlog_bytes_max: 4 * group_bytes_max to 4 GiB");
        }
        if self.reserve_bytes > self.segment_bytes * self.segments_ahead as u64 {
            return refuse("reserve_bytes: at most segment_bytes * segments_ahead");
        }
        if self.linger_us > 1_000_000 {
            return refuse("linger_us: 0 to 1000000");
        }
        if !(1..=60_000).contains(&self.seal_after_ms) {
            return refuse("seal_after_ms: 1 to 60000");
        }
        Ok(())
    }
}
