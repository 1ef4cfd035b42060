//! One open-loop run: requests leave at their instants, answers are taken down, a report comes out.
//!
//! ```text
//! schedule --> dialogue --> window of signed requests --> pacer --at its instant--> lane --> switch
//!              (a burst at a time, ahead)                          |                 |
//!                                                   no lane free: backlog            v
//!                                                   backlog full: dropped       tally, dialogue
//! ```
//!
//! Everything runs on one thread; a lane is one task with one connection. What is said, and what answers mean, is the
//! dialogue's affair: the wire of institutions, or bare HTTP against any server.

mod clerk;
mod dialogue;
mod drive;
mod handle;
mod lanes;
mod outcome;
mod pacer;
mod preparer;
mod progress;
mod recorder;
mod slicer;
mod tally;
mod valve;
mod watcher;

#[cfg(test)]
mod simulated;

pub use dialogue::HttpRequest;
pub(crate) use dialogue::{is_refundable, learn};
pub use drive::{Driven, drive};
pub use handle::{Finished, Run};
pub(crate) use outcome::Outcome;
pub use progress::Progress;
pub(crate) use tally::Tally;
pub use valve::{Abort, Valve};
pub use watcher::{Conduct, Watcher};
