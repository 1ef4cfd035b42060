//! What gives the rows of one side: our own lines, or files ([`DetailFiles`](super::DetailFiles)).

use crate::books::{LineSource, Progress};
use crate::domain::clearing::{BatchName, Side};
use crate::domain::statement::Line;
use crate::domain::statement::compare::ComparedRow;
use crate::error::Error;

/// Gives the rows of one side, in any order.
pub trait Rows: Sync {
    /// Shows every row to `each`, which ends the walk by an error; returns how many rows of other batches were passed over.
    ///
    /// # Errors
    /// What cannot be read, or is no row; or what `each` says.
    fn for_each(
        &self,
        progress: &dyn Progress,
        each: &mut dyn FnMut(ComparedRow) -> Result<(), Error>,
    ) -> Result<u64, Error>;
}

/// Our own lines, as the rows of one participant.
pub struct StatedLines<'s> {
    source: &'s dyn LineSource,
    batch: BatchName,
    participant: u16,
}

impl<'s> StatedLines<'s> {
    /// The rows that the statement of this participant has.
    #[must_use]
    pub const fn new(source: &'s dyn LineSource, batch: BatchName, participant: u16) -> Self {
        Self { source, batch, participant }
    }

    fn sides(&self, line: &Line<'_>) -> impl Iterator<Item = Side> {
        let own = self.participant;
        line.parties().into_iter().filter(move |(party, _)| *party == own).map(|(_, side)| side)
    }
}

impl std::fmt::Debug for StatedLines<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StatedLines").field("batch", &self.batch).finish_non_exhaustive()
    }
}

impl Rows for StatedLines<'_> {
    fn for_each(
        &self,
        progress: &dyn Progress,
        each: &mut dyn FnMut(ComparedRow) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let mut show = |line: &Line<'_>| self.sides(line).try_for_each(|side| each(ComparedRow::of(line, side)));
        self.source.for_each(self.batch, progress, &mut show)?;
        Ok(0)
    }
}
