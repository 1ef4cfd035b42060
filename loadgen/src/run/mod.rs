//! One open-loop run: requests leave at their instants, answers are taken down, a report comes out.
//!
//! ```text
//! schedule --> composer --> window of signed requests --> pacer --at its instant--> lane --> switch
//!              (a burst at a time, ahead)                          |                 |
//!                                                   no lane free: backlog            v
//!                                                   backlog full: dropped       tally, tracker
//! ```
//!
//! Everything runs on one thread; a lane is one task with one connection.

mod drive;
mod handle;
mod lanes;
mod learn;
mod pacer;
mod preparer;
mod progress;
mod recorder;
mod slicer;
mod tally;
mod watcher;

pub use drive::{Driven, drive};
pub use handle::{Finished, Run};
pub(crate) use learn::{is_refundable, learn};
pub use progress::Progress;
pub(crate) use tally::{Outcome, Tally};
pub use watcher::{Conduct, Watcher};
