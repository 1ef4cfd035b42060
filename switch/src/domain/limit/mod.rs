//! Limits in three layers: the whole bank for all institutions, one institution at one bank, one card (business.md
//! section 5; the codes are those of the platform, wire.md section 4).
//!
//! ```text
//!  Spend --> LimitBook (one bank) --day--> bank           Used
//!                                          institutions   Used by institution
//!                                          cards          Used by account digest
//! ```
//!
//! Invariant: a spend is counted by all layers that bound a day, or by none; what a layer holds is exactly the sum of
//! the spends that it counted and that were not released, and never more than its limit was when the last of them came.
//! Pure: whoever owns a book locks it. A layer without a day's bound counts nothing, so [`Layers`] says who counted a
//! spend, and only those give it back: a limit set in the middle of a day counts from then on, exactly.

mod book;
mod bounds;
#[cfg(test)]
mod tests;

pub use book::LimitBook;
pub use bounds::{Breach, Layers, Limit, Limits, Spend, Used};
