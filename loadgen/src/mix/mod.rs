//! What is sent, by whom, how large, and how the banks behave meanwhile.
//!
//! ```text
//! weights   kinds of request, shares of duplicates, cancels, bad signatures    --mix payments=90,refunds=10
//! senders   institutions: alike, one before all others, or by weight; by suite
//! fill      how much of the room for optional text a request uses: its size
//! file      all of it, and the banks' behaviour, as one TOML file               --mix-file FILE
//! ```
//!
//! Invariant: everything is drawn by the seed and the number of the request alone, never by what the switch answers.

mod file;
mod fill;
mod senders;
mod weights;

pub use file::{BankGroup, Banks, MixFile};
pub use fill::Fill;
pub(crate) use senders::Senders;
pub use weights::Mix;
pub(crate) use weights::below;
