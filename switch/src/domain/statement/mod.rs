//! Statements (对账): one line for each final payment, and what a participant's file is compared with.
//!
//! Invariant: a line says the same to all its parties, whatever their side.

pub mod compare;
mod line;
mod particulars;

pub use line::Line;
pub use particulars::{PARTICULARS_BYTES_MAX, Particulars};
