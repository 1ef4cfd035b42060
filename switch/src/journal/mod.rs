//! The journal: every change of state is here before anything is done because of it.
//!
//! ```text
//!  append --> open group --kick--> writer thread --> driver (io_uring, or pwritev2) --> disk
//!                                       |
//!                                       +--> durable_group() grows, on_progress() is called
//! ```
//!
//! * Records are opaque bytes. Several records share a *group*; one sync makes one group durable, in order.
//! * A record is acknowledged when `durable_group() >= appended.group`. Only then may its effects be seen outside.
//! * After a crash every acknowledged record is there, in order; of the others a prefix may be there.
//! * A failed write or sync stops the journal for good ([`AppendError::Poisoned`]): the node must stop.
//!
//! What it is not: a database, and not a copy on another machine (a group header keeps room for a replicated log's term and index).
//!
//! ```
//! # use clearway::journal::{Journal, Options, Position, Work};
//! # let dir = tempfile::tempdir()?;
//! let mut options = Options::new(dir.path());
//! options.segment_bytes = 8 << 20;
//! options.reserve_bytes = 1 << 20;
//! let (journal, recovered) = Journal::open(options)?;
//! journal.replay(Position::START, &mut |_, _| unreachable!("a new journal is empty"))?;
//! let appended = journal.append(Work::New, &[b"header".as_slice(), b"payload"])?;
//! journal.kick();
//! journal.flush()?; // waits; a reactor uses on_progress and durable_group instead
//! assert!(journal.durable_group() >= appended.group && recovered.last_group == 0);
//! assert_eq!(journal.read(appended.position)?, b"headerpayload");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Layouts: [`frame`] (groups and records), [`segment`] (files). Rules of recovery: [`recover`].

pub mod aligned;
mod chain;
pub mod checkpoint;
mod checksum;
mod directory;
mod error;
pub mod frame;
pub mod group;
mod handle;
pub mod inspect;
#[cfg(test)]
mod memory_disk;
mod options;
mod position;
mod preparer;
mod pwrite;
mod queue;
pub mod recover;
mod replay;
mod ring;
mod scan;
pub mod segment;
mod status;
pub mod storage;
mod stored;
mod survey;
mod window;
mod writer;

pub use directory::Directory;
pub use error::{AppendError, Error};
pub use handle::Journal;
pub use options::{DriverChoice, Options};
pub use position::Position;
pub use queue::{Appended, RECORDS_AT_ONCE_MAX, Space, Work};
pub use recover::{Cut, Recovered};
pub use replay::Consumer;
pub use scan::{Report, scan_bytes};
pub use status::Status;
pub use stored::Stored;
pub use writer::Progress;

#[cfg(test)]
mod tests;
