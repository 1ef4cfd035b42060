//! The businesses of the wire as data: which messages, whose legs, what a leg does at its bank.
//!
//! Invariant: composer, banks, institutions and oracle ask the row; none of them has a branch of its own for a business.

mod row;
mod table;

pub use row::{Business, BusinessRow, Effect};
pub(crate) use table::{BUSINESSES, row_of_request};
