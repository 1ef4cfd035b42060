//! What can go wrong with a journal, in words that say what to do.

use std::io;
use std::path::PathBuf;

use super::position::Position;

/// A failure of the journal. The node cannot go on with any of them, except [`Error::NoRecord`] and [`Error::NotDurable`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A choice outside its limits.
    #[error("journal options: {0}")]
    Options(String),
    /// There is no segment in the folder.
    #[error("journal: there is no journal in {}; name the folder that [journal] dir of clearway.toml names", .0.display())]
    NoJournal(PathBuf),
    /// The disk or the kernel refused.
    #[error("journal: {doing} {file}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// On which file of the journal's folder.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another process has the folder open.
    #[error("journal: {} is in use by another process; stop it first (one node, one journal)", .0.display())]
    Locked(PathBuf),
    /// Bytes that were durable are damaged.
    #[error(
        "journal: {file} is damaged at byte {offset}: {what}. This lies before records that were acknowledged, so nothing was changed and the \
         node does not start. Restore this file from a copy (or the disk from its mirror) and start again; `clearway journal inspect` shows what \
         is readable"
    )]
    Corrupt {
        /// The segment or checkpoint.
        file: String,
        /// Where in the file, in bytes.
        offset: u64,
        /// What was found.
        what: String,
    },
    /// A group that was acknowledged is missing or torn: a later one says it had been durable.
    #[error(
        "journal: hole in {file} at byte {offset}: group {index} was acknowledged (the group at byte {later_offset} of {later_file} was sealed when all \
         up to {durable_index} were durable) but reads as: {what}. The disk lost or damaged an acknowledged write. Nothing was changed; restore the \
         file from a copy and start again"
    )]
    Hole {
        /// The segment with the hole.
        file: String,
        /// Where in it, in bytes.
        offset: u64,
        /// The group that is missing.
        index: u64,
        /// What is there instead.
        what: String,
        /// The segment of the witness.
        later_file: String,
        /// Where in it the witness is, in bytes.
        later_offset: u64,
        /// What the witness says was durable.
        durable_index: u64,
    },
    /// Written by another version of this program.
    #[error("journal: {file} at byte {offset} has format version {version}, this program reads version {known}: start the version that wrote it", known = super::frame::FORMAT_VERSION)]
    Version {
        /// The segment.
        file: String,
        /// Where in it, in bytes.
        offset: u64,
        /// The version found.
        version: u8,
    },
    /// A segment between others is not there.
    #[error(
        "journal: the segment that starts at position {base} is missing between the others: restore it from a copy"
    )]
    MissingSegment {
        /// Position of its first byte.
        base: u64,
    },
    /// No segment covers the position from which to replay.
    #[error("journal: replay is asked from position {from}, but records are kept only from {oldest} to {next}")]
    OutOfRange {
        /// What was asked.
        from: Position,
        /// Start of the oldest segment.
        oldest: Position,
        /// End of the journal.
        next: Position,
    },
    /// The disk is full and not even the first segment can be made.
    #[error("journal: no room on the disk for a segment of {bytes} bytes")]
    Full {
        /// Size of a segment.
        bytes: u64,
    },
    /// A write or sync has failed before; see [`Status::poisoned`](super::Status).
    #[error(
        "journal: stopped: {0}. After a failed write or sync the state of the disk is unknown: stop the node, check the disk, start again"
    )]
    Poisoned(String),
    /// There is no record at this position.
    #[error("journal: no record starts at position {0}")]
    NoRecord(Position),
    /// The record at this position is not durable yet.
    #[error("journal: the record at position {0} is not durable yet")]
    NotDurable(Position),
    /// The reader of the records refused one (during replay).
    #[error("journal: replay stopped at position {position}: {source}")]
    Consumer {
        /// The record that was refused.
        position: Position,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// For `map_err`: what was being done, on which file.
    pub(crate) fn io(doing: &'static str, file: &str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, file: file.to_owned(), source }
    }

    /// Whether there was no room on the disk.
    pub(crate) fn is_disk_full(&self) -> bool {
        use io::ErrorKind::{QuotaExceeded, StorageFull};
        matches!(self, Self::Io { source, .. } if matches!(source.kind(), StorageFull | QuotaExceeded))
    }

    /// A refusal by the consumer of a replay.
    pub fn consumer(position: Position, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Consumer { position, source: source.into() }
    }
}

/// Why a record was not taken. Nothing of it is in the journal then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// No room: the disk is full, or more is waiting for it than `backlog_bytes_max` allows. New work is refused long
    /// before running work is.
    #[error("the journal has no room")]
    Full,
    /// A write or sync failed, or the journal was shut down.
    #[error("the journal has stopped")]
    Poisoned,
    /// The records do not fit into one group.
    #[error("the records are longer than a group")]
    TooLarge,
}
