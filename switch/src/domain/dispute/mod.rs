//! Disputes (差错处理): cases that open by themselves, and the adjustments that settle them.
//!
//! ```text
//!   03, 04, late answer, contradiction, comparison --> Open --321--> Submitted --322 yes--> Agreed --324--> Adjusted
//!                                                        |               +--322 no--> Refused
//!                                                        +--- operator ------------ 324 ------------------> Adjusted
//! ```
//!
//! A final state never changes; money is put right by an adjustment, which belongs to the dispute batch of the hour in which
//! it is made. Invariant: what a transaction has moved, with all its adjustments, stays between nothing and its amount.
//! Called by the register rules (321, 322, 324), by commit (cases) and by the console.

mod adjustment;
mod case;
mod layout;
mod opening;

pub use adjustment::{Adjustment, AdjustmentState, Direction};
pub use case::{ADJUSTMENTS_MAX, Case, CaseState, Request};
pub use clearway_codec::value::DisputeBatchId;
pub use opening::{Opening, Reason, Reasons, open};
