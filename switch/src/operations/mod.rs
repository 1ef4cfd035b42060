//! Joint operations (联合运维, business.md section 9, wire.md 3.12): what each participant is told every minute, what the
//! operator sees, and announcements of maintenance.
//!
//! ```text
//!  workers --note--> Statistics --every minute, aligned--> Reporter --uops.010--> participants concerned
//!                        |                                    |------uops.020---> maintenance announced, taken back
//!                        +--> Board: /operations, metrics <---+ (what arrived, what did not)
//! ```
//!
//! Invariant: nothing here is on a payment's way. A worker counts into a tally of its own; a slow or silent participant
//! costs a task of the reporter's thread and a line in the log, once. Called by: the pipeline (notes), the node (start),
//! the admin server (page), the metrics' probe.

mod announcer;
mod board;
mod form;
mod page;
mod post;
mod reporter;
mod statistics;
#[cfg(test)]
mod tests;

pub use announcer::{Announcement, Announcer};
pub use board::Board;
pub use form::{Head, Seal, Sign, Subject, compose, is_acknowledged};
pub use post::{Failure, Post};
pub use reporter::{Reporter, ReporterOptions};
pub use statistics::{Minute, Statistics, WorkerStatistics};
