//! What there is to do.

use std::collections::BTreeSet;
use std::fmt;

use super::hours::Hours;
use crate::domain::clearing::{BatchName, BatchPhase};
use crate::error::Error;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// A batch whose hour is over takes no more payments; once all are final, its sums stand.
    Close(BatchName),
    /// The batch is computed again from the journal.
    Recompute(BatchName),
    /// Its lines go into the archive.
    Archive(BatchName),
    /// Its statements are made.
    State(BatchName),
    /// Its payments leave the memory.
    Retire(BatchName),
    /// Sessions, orders and their answers, interest, what clearing banks are told.
    Settle,
    /// Bookings on reserve accounts.
    Reserve,
    /// Accounting days that are over.
    EndDay,
    /// Keys of files, a day ahead.
    HandOutKeys,
}

/// What became of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Something was done: there may be more to do at once.
    Done,
    /// There is nothing to do now.
    Nothing,
    /// It cannot be done yet, for this reason.
    Waits(String),
}

/// What does the tasks.
pub trait Works {
    /// Every batch that is closed, and how far it is.
    ///
    /// # Errors
    /// The books cannot be read.
    fn phases(&self) -> Result<Vec<(BatchName, BatchPhase)>, Error>;

    /// How far one batch is; `None`: it is not closed.
    ///
    /// # Errors
    /// The books cannot be read.
    fn phase(&self, batch: BatchName) -> Result<Option<BatchPhase>, Error>;

    /// Batches in which there are payments.
    fn batches(&self) -> BTreeSet<BatchName>;

    /// Does one task. May be called again for the same, whatever came of it before.
    ///
    /// # Errors
    /// Why it could not be done.
    fn run(&self, task: Task, hours: &Hours, now_us: u64) -> Result<Outcome, Error>;
}

impl Task {
    /// The next task of a batch that is closed; none when all is done, or when a person has to look first.
    #[must_use]
    pub const fn after(phase: BatchPhase, batch: BatchName) -> Option<Self> {
        match phase {
            BatchPhase::Closed => Some(Self::Recompute(batch)),
            BatchPhase::Sealed => Some(Self::Archive(batch)),
            BatchPhase::Archived => Some(Self::State(batch)),
            BatchPhase::Stated => Some(Self::Retire(batch)),
            BatchPhase::Stopped | BatchPhase::Retired => None,
        }
    }

    /// The batch that it is about.
    #[must_use]
    pub const fn batch(self) -> Option<BatchName> {
        match self {
            Self::Close(batch)
            | Self::Recompute(batch)
            | Self::Archive(batch)
            | Self::State(batch)
            | Self::Retire(batch) => Some(batch),
            Self::Settle | Self::Reserve | Self::EndDay | Self::HandOutKeys => None,
        }
    }

    /// What is done first: what moves money, then what leads to sealing, then what is made of it.
    pub(super) const fn urgency(self) -> u8 {
        match self {
            Self::Settle => 0,
            Self::Close(_) | Self::Recompute(_) => 1,
            Self::Reserve | Self::EndDay | Self::HandOutKeys => 2,
            Self::Archive(_) | Self::State(_) | Self::Retire(_) => 3,
        }
    }

    /// For people and metrics.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Close(_) => "close",
            Self::Recompute(_) => "recompute",
            Self::Archive(_) => "archive",
            Self::State(_) => "statements",
            Self::Retire(_) => "retire",
            Self::Settle => "settle",
            Self::Reserve => "reserve",
            Self::EndDay => "day-end",
            Self::HandOutKeys => "keys",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.batch() {
            Some(batch) => write!(f, "{} {batch}", self.word()),
            None => f.write_str(self.word()),
        }
    }
}
