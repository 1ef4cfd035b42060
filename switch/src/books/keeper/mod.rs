//! The keeper: does what is due in the books, one thing after the other, for as long as the node runs.
//!
//! ```text
//!  hours that are over --> Plan: what is due, in order --> Works: does it --> entries in the journal, files
//!                                       Retries: what failed waits, the rest goes on
//! ```
//!
//! Invariant: a task can be done again, whatever became of it before; one that fails keeps nothing else from being done. A task
//! that fails is told in the status, in the metrics and once in the log, and tried again. Called by the thread of the node.

mod board;
mod clerk;
mod hours;
#[allow(clippy::module_inception)]
mod keeper;
mod retries;
mod task;

pub use board::{Board, Trouble};
pub use clerk::{Clerk, Parts, RecordBooks};
pub use hours::Hours;
pub use keeper::{Did, Keeper};
pub use task::{Outcome, Task, Works};
