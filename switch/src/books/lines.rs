//! Where the lines of a batch come from, and how far a long walk over them is.

use crate::domain::clearing::BatchName;
use crate::domain::statement::Line;
use crate::error::Error;

/// What gives the lines of a batch, in the order in which their payments became final in the journal: every source of the same batch
/// gives the same lines in the same order, so files made from any of them are the same bytes.
pub trait LineSource: Sync {
    /// Shows every line of `batch` to `each`, which ends the walk by an error.
    ///
    /// # Errors
    /// The source cannot be read, or what `each` says.
    fn for_each(
        &self,
        batch: BatchName,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Line<'_>) -> Result<(), Error>,
    ) -> Result<(), Error>;
}

/// Is told how far a long work is.
pub trait Progress: Sync {
    /// `done` of `all`, in whatever unit the work has; `all` may grow.
    fn at(&self, done: u64, all: u64);
}

/// Nobody looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn at(&self, _: u64, _: u64) {}
}
