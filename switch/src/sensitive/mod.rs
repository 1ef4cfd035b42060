//! Sensitive values: opened where a message comes in, sealed anew for the next hop, never kept.
//!
//! ```text
//! institution --101, sealed for the node--> [ open -> Clear -> seal ] --101, sealed for the bank--> bank
//!                                                 |
//!                                                 digest: what registers and limits know of an account
//! ```
//!
//! The envelope is made for one hop (wire.md 2.4), so what an institution sends cannot be passed on as it is. The
//! journal keeps messages as they were received and sent, sealed; a clear value lives in a [`Clear`] for as long as its
//! transaction is being worked on, is wiped at the end, and is printed by nothing in here. Where an account must be
//! known again, its keyed digest stands for it.
//!
//! Invariant: what is behind [`Clear::get`] keeps to the catalogue's clear length and has no control characters, so it
//! can be written into any message. An envelope or a value that does not open, and one that opens to something of the
//! wrong form, are refused with one code and no detail: see [`clearway_crypto::envelope`].
//!
//! Called by the pipeline, once per message with encrypted values. 201 and 205 have none.

mod clear;
mod error;
mod sealed;
mod sealer;
#[cfg(test)]
mod tests;

pub use clear::Clear;
pub use error::{OpenError, SealError};
pub use sealed::Sealed;
pub use sealer::Sealer;
