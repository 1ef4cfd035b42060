//! From the disk to the table, and from the table to a checkpoint.
//!
//! ```text
//!  start:    newest sound checkpoint -> table;  journal from its position -> table
//!  running:  position -> copy of the table, shard by shard -> journal flushed -> checkpoint counts
//! ```
//!
//! A checkpoint is taken while payments go on, so it may hold some changes that came after its position; replay skips
//! those by their steps. Invariant: after [`restore`] the table is what it was when the last durable group was written.
//! Called by the node.

mod checkpointer;
mod restore;

pub use checkpointer::Checkpointer;
pub use restore::{Restored, replay_into, restore};
