//! Lines that end when the node does.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::books::{LineSource, Progress};
use crate::domain::clearing::BatchName;
use crate::domain::statement::Line;
use crate::error::{Error, Fault};

/// A source that ends with an error once `stop` is set.
pub(super) struct Stoppable<'a> {
    pub(super) source: &'a dyn LineSource,
    pub(super) stop: &'a AtomicBool,
}

impl LineSource for Stoppable<'_> {
    fn for_each(
        &self,
        batch: BatchName,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Line<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.source.for_each(batch, progress, &mut |line| {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Error::new(Fault::Stopped, "the node ends"));
            }
            each(line)
        })
    }
}
