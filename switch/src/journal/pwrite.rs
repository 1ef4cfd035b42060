//! The driver for machines without io_uring: one blocking durable write at a time.
//!
//! Invariant: a group is finished, well or badly, when `submit` returns; so its depth is one however many are asked for.

use std::io;

use super::storage::{Completion, Driver, Job};

/// Writes each group with [`StoredFile::write_durable`](super::storage::StoredFile::write_durable).
pub(crate) struct PwriteDriver {
    name: &'static str,
}

impl PwriteDriver {
    /// A driver that reports itself as `name`.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name }
    }
}

impl Driver for PwriteDriver {
    fn name(&self) -> &'static str {
        self.name
    }

    fn submit(&mut self, job: Job, done: &mut Vec<Completion>) {
        let result = job.file.write_durable(job.group.bytes(), job.group.offset());
        done.push(Completion { group: job.group, result });
    }

    fn wait(&mut self, _may_be_woken: bool, _done: &mut Vec<Completion>) -> io::Result<()> {
        Ok(())
    }
}
