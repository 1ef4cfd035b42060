//! The node: the only place that wires the rooms together.
//!
//! ```text
//!  Config -> keys, journal, table (restore) -> workers (one thread each) + admin + checkpointer -> Node
//! ```
//!
//! Invariant: nothing is accepted before the table is restored, and nothing new is taken once the node drains. Called by
//! the binary and by embedding programs.

mod books;
mod certificates;
mod counters;
mod desk;
mod handle;
mod handover;
mod listen;
mod open;
mod operator;
mod probe;
mod rules;
mod start;
mod worker_thread;

pub(crate) use desk::offline_pages;
pub use handle::Handle;
pub use start::Node;
