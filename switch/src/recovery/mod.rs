//! From the disk to table and registers, and from those to a checkpoint.
//!
//! ```text
//!  start:    newest sound checkpoint -> memory;  journal from its position -> memory
//!  running:  position -> copy of the memory, shard by shard -> journal flushed -> checkpoint counts
//! ```
//!
//! Payments leave the memory for a shelf, which is a durable file before they do. So a checkpoint or the journal may bring back what is on
//! a shelf: it is shed. And the journal may go on with a payment that neither has: the shelf has the step before, or all of them.
//!
//! A checkpoint is taken while payments go on, so it may hold some changes that came after its position; replay skips
//! those by their steps and versions. Invariant: after [`restore`] the memory is what it was when the last durable group was written.
//! Called by the node.

mod checkpointer;
mod chunk;
mod restore;
mod room;

use std::sync::Arc;

use crate::registers::Registers;
use crate::shelf::Shelves;
use crate::table::Table;

pub use checkpointer::Checkpointer;
pub use chunk::Chunk;
pub use restore::{Restored, replay_into, restore};

/// What a restart brings back.
#[derive(Clone, Debug)]
pub struct Memory {
    /// Every transaction.
    pub table: Arc<Table>,
    /// Agreements, mandates, cases, settings.
    pub registers: Arc<Registers>,
    /// Transactions that have left the table.
    pub shelves: Arc<Shelves>,
}

#[cfg(test)]
mod tests;
