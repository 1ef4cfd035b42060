//! Where a payment's time and CPU go: the stages of its way through the node.
//!
//! ```text
//!  time   first byte -- read - queue - decode - verify - admit - sign - commit-wait --.
//!                       .---------------------------------------------- forward <-----+
//!                       `- bank-wait - read - queue - ... - commit-wait (leg 2: again) +-> write -- last byte
//!
//!  CPU    polls of sockets -----> Spent (plain cells of one thread) --a burst's end--> StageBlock --> totals
//!         stages of the burst --^       made to fit what the thread's own clock says
//! ```
//!
//! **Time.** A [`Passage`] travels with the payment and is a chain: each stage begins at the instant at which the one before
//! it ended, so the stages sum to the whole by construction, and only for what the node itself did not see (its kernel's
//! buffers, on both sides) is there no stage. A message waits for the whole stage of its burst, so that one reading of the
//! clock serves a burst. **CPU.** A stage of a burst does nothing else on its thread, so its time is its CPU, unless the
//! machine took the core away; therefore what was charged never counts for more than the thread's CPU clock has moved, and
//! what that has moved beyond it is [`Stage::Reactor`](super::Stage). Called by: net (polls), pipeline (the rest).

mod block;
mod passage;
mod reading;
mod spent;
#[cfg(test)]
mod tests;
mod totals;

pub(super) use block::StageBlock;
pub use passage::Passage;
pub use reading::{StageReading, StagesReading};
pub(super) use reading::{micros_of, micros_of_ns};
pub use spent::{Spent, Stopwatch};
pub(super) use totals::{Beside, StageTotals};

use super::meters::Stage;

/// Stages that there are.
pub const STAGES: usize = Stage::ALL.len();

/// Stages in which a payment spends time: all but the last one.
pub const PASSED: usize = STAGES - 1;

/// Unit in which stages are kept, nanoseconds: fine enough for the shortest, and a sum over years still fits.
pub const TICK_NS: u64 = 100;
