//! Judges a run: what the institutions were told against what the banks did.
//!
//! ```text
//!  tracker (institutions' knowledge) --.
//!                                       >-- judge --> Verdict
//!  ledgers (banks' books, notices) ----'
//! ```
//!
//! A pure function of its two inputs: it asks nobody and waits for nothing.

mod contracts;
mod judge;
mod movements;
#[cfg(test)]
mod tests;
mod verdict;

pub use contracts::Standing;
pub use judge::Oracle;
pub use verdict::{Example, OfBusiness, Verdict, Violation};
