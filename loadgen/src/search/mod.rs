//! The highest rate that holds an objective: up in steps until one fails, then halving the gap, then held for longer.
//!
//! ```text
//!          ramp            bisection                 hold
//!   start x step^n  -->  middle of the highest  -->  the highest that passed, `repeats` times
//!   until one fails      that passed and the         |- all good: found
//!   (down, when the      lowest that failed,         '- else it counts as failed: bisection goes on below
//!   start fails)         until they are close
//! ```
//!
//! Hysteresis: one bad trial is no limit, because a shared machine stalls now and then. A rate **fails** when
//! [`SearchPlan::bad_needs`] of at most [`SearchPlan::bad_of`] trials are bad. It is **good** only when all
//! [`SearchPlan::repeats`] holds are good. What is neither, is unsteady: not found good, not called bad.
//!
//! A trial of which the generator itself spoiled the figures decides nothing and is repeated; when it is spoiled
//! [`SearchPlan::invalid_max`] times more, the generator is the limit at that rate, and the search says so instead of
//! blaming the target.
//!
//! Pure: [`Search`] runs nothing and reads no clock. It names the next trial from the outcomes of those before it, so
//! the same outcomes always give the same course, and a record can be replayed. [`carry_out`] asks its caller for each
//! run and adds up a [`SearchRecord`].

mod attempt;
mod course;
mod plan;
mod record;
mod rung;
mod spread;
mod state;
mod trial;

pub use attempt::{Attempt, End, Next, Outcome, Phase};
pub use course::{Site, carry_out};
pub use plan::SearchPlan;
pub use record::{FORMAT, SearchRecord, Standing};
pub use spread::{CriterionSpread, Spread};
pub use state::Search;
pub use trial::Trial;
