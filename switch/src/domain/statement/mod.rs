//! Statements (对账): one line for each final payment, and what a participant's file is compared with.
//!
//! ```text
//!  final payment --> Line --> Row in the detail files of its (up to) three parties
//!                        `--> sums --> Summary of each participant          both end with a Trailer
//! ```
//!
//! Invariant: a line says the same to all its parties, whatever their side; only the flag of the side differs.

pub mod compare;
mod line;
mod particulars;
mod row;
#[cfg(test)]
mod row_sample;
mod summary;
#[cfg(test)]
mod tests;
mod trailer;

pub use line::Line;
pub use particulars::{PARTICULARS_BYTES_MAX, Particulars};
pub use row::{COLUMNS, Names, RowText, RowWriter, category};
#[cfg(test)]
pub(crate) use row_sample::Row;
pub use summary::{FileEntry, SumKey, Summary};
pub use trailer::{TRAILER, Trailer};
