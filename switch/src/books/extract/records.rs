//! A stretch of the journal, record by record.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::super::Progress;
use crate::domain::clearing::BatchName;
use crate::domain::record::Entry;
use crate::error::{Error, Fault};
use crate::journal::{self, Journal, Position, Stored};

/// Clocks of a node may be set back a little: so much before its hour a batch is looked for (ours).
const SLACK_US: u64 = 10 * 60 * 1_000_000;
/// Progress is told after so many records.
const TELL_EVERY: u64 = 1 << 12;
/// Whether the walk is to stop is looked at after so many.
const LOOK_EVERY: u64 = 1 << 8;
const HOUR_US: u64 = 3_600_000_000;

/// Whether a walk goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Walk {
    /// To the next record.
    On,
    /// It has seen enough.
    End,
}

/// What is shown each record, with its position.
pub type Visit<'v> = dyn FnMut(u64, &[u8]) -> Result<Walk, Error> + 'v;

/// The records of a journal that concern a batch: of one that a node is writing, or of a folder. Cheap to make; each walk reads the disk.
pub struct Records {
    stored: Stored,
    from: Option<Position>,
    until: Option<Position>,
    stop: Option<Arc<AtomicBool>>,
}

impl Records {
    /// All that is durable now in the journal of this process.
    #[must_use]
    pub fn of_journal(journal: &Journal) -> Self {
        Self { stored: journal.stored(), from: None, until: None, stop: None }
    }

    /// All that is durable in a folder. The folder is only read, so a node may be running on it.
    ///
    /// # Errors
    /// There is no journal, it is damaged, or it cannot be read.
    pub fn in_folder(dir: &Path) -> Result<Self, Error> {
        let stored = Stored::open(dir).map_err(|error| failed(error).at(dir.display().to_string()))?;
        Ok(Self { stored, from: None, until: None, stop: None })
    }

    /// Only those from the first position of a batch on; 0 means the first that is kept. Unsaid, the segments are searched for the
    /// batch's hour.
    #[must_use]
    pub fn from(self, position: u64) -> Self {
        Self { from: Some(Position(position)), ..self }
    }

    /// Only those before a position: the one at which the batch was closed, or before which a restart found it finished.
    #[must_use]
    pub fn until(self, position: u64) -> Self {
        Self { until: Some(Position(position)), ..self }
    }

    /// Ended with [`Fault::Stopped`] once `stop` is set.
    #[must_use]
    pub fn stopped_by(self, stop: &Arc<AtomicBool>) -> Self {
        Self { stop: Some(Arc::clone(stop)), ..self }
    }

    /// Where the walk of a batch would begin.
    ///
    /// # Errors
    /// The journal cannot be read, or its oldest segments, in which records of the batch may have been, are gone.
    pub fn start_of(&self, batch: BatchName) -> Result<Position, Error> {
        if let Some(from) = self.from {
            return Ok(from);
        }
        let begins_us = hour_us(batch).saturating_sub(SLACK_US);
        let segments: Vec<Position> = self.stored.segments().collect();
        let mut kept = None;
        for base in segments.iter().rev() {
            kept = Some(*base);
            if self.first_us(*base)?.is_some_and(|at_us| at_us < begins_us) {
                return Ok(*base);
            }
        }
        match kept {
            // The journal begins after the hour did, and not with its first record.
            Some(base) if base > Position::START => Err(gone(batch)),
            _ => Ok(Position::START),
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| stop.load(Ordering::Relaxed))
    }

    fn first_us(&self, base: Position) -> Result<Option<u64>, Error> {
        let record = self.stored.first_record(base).map_err(failed)?;
        Ok(record.as_deref().and_then(time_of))
    }

    /// Shows the records that concern a batch to `each`, with their positions, in order.
    ///
    /// # Errors
    /// As [`Records::start_of`], the journal is damaged, or what `each` says.
    pub fn walk(&self, batch: BatchName, progress: &dyn Progress, each: &mut Visit<'_>) -> Result<(), Error> {
        let from = self.start_of(batch)?;
        let start = from.max(self.stored.oldest());
        let end = self.until.map_or_else(|| self.stored.end(), |until| until.min(self.stored.end()));
        let all = end.0.saturating_sub(start.0);
        let mut outcome = Ok(());
        let mut records = 0_u64;
        let replayed = self.stored.replay(from, &mut |position, record| {
            if records.is_multiple_of(TELL_EVERY) {
                progress.at(position.0.saturating_sub(start.0).min(all), all);
            }
            records += 1;
            let went = if records.is_multiple_of(LOOK_EVERY) && self.is_stopped() {
                Err(Error::new(Fault::Stopped, "the node ends"))
            } else if position < end {
                each(position.0, record)
            } else {
                Ok(Walk::End)
            };
            match went {
                Ok(Walk::On) => Ok(()),
                ended => {
                    outcome = ended.map(|_| ());
                    Err(journal::Error::consumer(position, Ended))
                }
            }
        });
        match replayed {
            Err(journal::Error::Consumer { source, .. }) if source.is::<Ended>() => outcome,
            Err(error) => Err(failed(error)),
            Ok(()) => {
                progress.at(all, all);
                Ok(())
            }
        }
    }
}

/// Ends a replay; what it ended with is kept beside it.
#[derive(Debug, thiserror::Error)]
#[error("the walk has ended")]
struct Ended;

/// When the hour of a batch begins, unix microseconds.
fn hour_us(batch: BatchName) -> u64 {
    let hour = batch.hour();
    let days = u64::try_from(hour.date().days()).unwrap_or_default();
    let beijing_us = (days * 24 + u64::from(hour.sequence() - 1)) * HOUR_US;
    beijing_us.saturating_sub(8 * HOUR_US)
}

/// When a record was written, unix microseconds.
fn time_of(record: &[u8]) -> Option<u64> {
    match Entry::decode(record).ok()? {
        Entry::Payment(view) => Some(view.at_us),
        Entry::Registers { at_us, .. } => Some(at_us),
    }
}

fn gone(batch: BatchName) -> Error {
    Error::new(Fault::Data, format!("the journal does not reach back to batch {batch} any more"))
        .remedy("read it from the archive")
}

fn failed(error: journal::Error) -> Error {
    let fault = match error {
        journal::Error::Io { .. } | journal::Error::NoJournal(_) => Fault::Environment,
        _ => Fault::Data,
    };
    Error::new(fault, "the journal cannot be read").caused_by(error)
}
