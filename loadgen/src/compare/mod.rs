//! Runs side by side: each figure with its ratio to the first run and its spread over all of them, and what else differs
//! between the runs.
//!
//! Pure: from records to a [`Comparison`], which prints itself as a table and serialises.

mod comparison;
mod conditions;
mod figures;
mod text;

pub use comparison::{Comparison, Figure, Run};
pub use conditions::Difference;
