//! What a target does when it is asked for more than it can do: goodput against offered load.
//!
//! ```text
//! capacity x 0.25 ... x 1 ... x 3, a run each --> goodput curve, goodput_at_3x
//! then one run: x 3, and down to x 0.5 at once --> does it recover, and how soon
//! ```
//!
//! Goodput are payments that were final by their deadline, per second: what is final later helps nobody, however much of
//! it there is. A target that collapses shows it here; one that sheds what it cannot do keeps its goodput.
//!
//! In overload the generator is held up by the target: requests leave late because every connection waits, and the runs
//! are INVALID as measurements of latency. As measurements of goodput they count, as long as the load was really
//! offered, see [`Step::is_offered`].
//!
//! Pure but for its caller, who makes the runs: [`carry_out`] names them and adds up an [`OverloadRecord`].

mod course;
mod plan;
mod record;
mod recovery;

pub use course::{Site, carry_out};
pub use plan::{FACTORS, OverloadPlan, Stage};
pub use record::{End, FORMAT, OverloadRecord, Step};
pub use recovery::Recovery;
