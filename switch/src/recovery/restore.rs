//! The memory of a node that starts.

use std::path::Path;
use std::time::{Duration, Instant};

use super::room::{make_room, shed};
use super::{Chunk, Memory};
use crate::domain::Payment;
use crate::domain::record::{Entry, RecordView};
use crate::journal::{Journal, Position, Recovered, checkpoint};
use crate::table::ApplyError;

use crate::error::{Error, Fault};

/// What a start has found.
#[derive(Clone, Copy, Debug)]
pub struct Restored {
    /// Payments in the table.
    pub payments: usize,
    /// Of them, from the checkpoint.
    pub from_checkpoint: usize,
    /// Records replayed after the checkpoint.
    pub records: u64,
    /// Payments of checkpoint and journal that were on a shelf already.
    pub shed: usize,
    /// How long it took.
    pub took: Duration,
}

/// Fills `memory`, which must be empty, from the newest sound checkpoint in `dir` and the journal behind it.
///
/// # Errors
/// A journal or checkpoint that cannot be read, or records that do not follow from one another.
pub fn restore(dir: &Path, journal: &Journal, recovered: &Recovered, memory: &Memory) -> Result<Restored, Error> {
    let started = Instant::now();
    let (from, from_checkpoint) = match load_checkpoint(dir, memory)? {
        Some(found) => found,
        None if recovered.oldest > Position::START => return Err(headless(dir)),
        None => (Position::START, 0),
    };
    let records = replay_into(journal, from, memory)?;
    let shed = shed(memory)?;
    Ok(Restored { payments: memory.table.len(), from_checkpoint, records, shed, took: started.elapsed() })
}

/// Begun in the middle, the table would lack payments that were acknowledged.
fn headless(dir: &Path) -> Error {
    Error::new(Fault::Data, "the journal's first segments are gone, and no sound checkpoint stands for them")
        .at(dir.display().to_string())
        .remedy("restore the segments or a checkpoint from a copy")
}

fn load_checkpoint(dir: &Path, memory: &Memory) -> Result<Option<(Position, usize)>, Error> {
    let failed = |error: crate::journal::Error| {
        Error::new(Fault::Data, "the checkpoint cannot be read").at(dir.display().to_string()).caused_by(error)
    };
    let Some((position, mut reader)) = checkpoint::Reader::latest(dir).map_err(failed)? else { return Ok(None) };
    let mut payments = 0;
    while let Some(block) = reader.next_block().map_err(failed)? {
        payments += Chunk::load(block, memory).map_err(|error| error.at(dir.display().to_string()))?;
    }
    Ok(Some((position, payments)))
}

/// Applies every record from `from` on to `memory`. Returns how many there were.
///
/// # Errors
/// As [`restore`].
pub fn replay_into(journal: &Journal, from: Position, memory: &Memory) -> Result<u64, Error> {
    let mut records = 0;
    journal
        .replay(from, &mut |position, payload| {
            let entry = Entry::decode(payload).map_err(|corrupt| crate::journal::Error::consumer(position, corrupt))?;
            if let Entry::Payment(view) = &entry {
                apply(view, position, memory).map_err(|error| crate::journal::Error::consumer(position, error))?;
            }
            memory.registers.load(entry.images()).map_err(|error| crate::journal::Error::consumer(position, error))?;
            records += 1;
            Ok(())
        })
        .map_err(|error| Error::new(Fault::Data, "the journal cannot be replayed").caused_by(error))?;
    Ok(records)
}

fn apply(view: &RecordView<'_>, position: Position, memory: &Memory) -> Result<(), ReplayError> {
    apply_one(&view.payment_at(position.as_u64()), memory)?;
    view.original.as_ref().map_or(Ok(()), |original| apply_one(original, memory))
}

/// What the journal brings of a payment that the table does not have goes on from its shelf.
fn apply_one(after: &Payment, memory: &Memory) -> Result<(), ReplayError> {
    let gap = match memory.table.apply(after) {
        Ok(_) => return Ok(()),
        Err(ApplyError::Full) => {
            return match shed(memory)? {
                0 => Err(ApplyError::Full.into()),
                _ => apply_one(after, memory),
            };
        }
        Err(gap) => gap,
    };
    let known = memory.shelves.find(after.trx_id)?.filter(|known| known.step + 1 >= after.step).ok_or(gap)?;
    if known.step >= after.step {
        return Ok(());
    }
    make_room(memory, 1)?;
    memory.table.recall(&known, || true);
    memory.table.apply(after)?;
    Ok(())
}

/// Why a record cannot be applied.
#[derive(Debug, thiserror::Error)]
enum ReplayError {
    /// It does not fit the table.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// A shelf cannot be read.
    #[error(transparent)]
    Shelf(#[from] Error),
}
