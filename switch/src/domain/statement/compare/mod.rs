//! Comparison (对账): a participant's rows against ours, in five classes, each difference with what is proposed to be done.
//!
//! ```text
//!  ours    sorted rows --.
//!                         match_rows --> Tally (how many, how much of each class), each Difference with its Handling
//!  theirs  sorted rows --'
//! ```
//!
//! Rows are the same when TrxId and side are. The statement is the truth between the parties (S), so what is proposed is what the
//! participant does with its own books. Invariant: every row of both sides is counted in exactly one class.

mod difference;
mod join;
mod row;
mod tally;

pub use difference::{Class, Difference, Handling};
pub use join::match_rows;
pub use row::{ComparedRow, Parsed, RowFault, parse_row};
pub use tally::{ClassTally, Tally};
