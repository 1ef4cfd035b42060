//! What a run leaves for others to read: figures, a series of one-second slices, percentile curves, the stage budget.
//!
//! ```text
//! run -> Report + Vec<Slice> + curves (+ StageBudget of the node) -> RunRecord -> JSON, CSV, HTML, comparisons
//! ```
//!
//! Invariant: a [`RunRecord`] is complete: whatever a page or a table shows of a run stands in it under a documented
//! name, so that every page can be drawn again from the JSON alone.

mod curve;
mod recording;
mod run_record;
mod slice;
mod stage;

pub use curve::{CurvePoint, curve_of};
pub use recording::{Interval, PackedTrio, Recording, Trio};
pub use run_record::{FORMAT, RunRecord};
pub use slice::Slice;
pub use stage::{Stage, StageBudget};
