//! The journal as the books read it: the stretch that concerns a batch, and the lines in it.
//!
//! ```text
//!  Records (a running journal, or its folder)  --from--> records ... --until-->
//!      recompute: its own reading of them              lines: Line of each record that makes a payment of the batch final
//! ```
//!
//! Invariant: nothing is kept per payment. The records that make payments final are told by what is attached to them, each payment has
//! one, and lines come in the order of these records.

mod adjustments;
mod lines;
mod records;
#[cfg(test)]
pub(in crate::books) mod samples;
#[cfg(test)]
mod tests;

pub use records::{Records, Visit, Walk};
