//! From the disk to table and registers, and from those to a checkpoint.
//!
//! ```text
//!  start:    newest sound checkpoint -> memory;  journal from its position -> memory
//!  running:  position -> copy of the memory, shard by shard -> journal flushed -> checkpoint counts
//! ```
//!
//! A checkpoint is taken while payments go on, so it may hold some changes that came after its position; replay skips
//! those by their steps and versions. Invariant: after [`restore`] the memory is what it was when the last durable group was written.
//! Called by the node.

mod checkpointer;
mod chunk;
mod restore;

use std::sync::Arc;

use crate::registers::Registers;
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
}
