//! Signing and verifying keys.
//!
//! Invariant: a key in memory is parsed, checked and of exactly one suite; each backend finds the form
//! it needs inside it. A key that could not be used safely was refused at construction.
//!
//! ```text
//! PEM --encoding--> DER + suite --secret/public--> forms per backend --> SigningKey / VerifyingKey
//! ```
//!
//! Called by the key ring, the envelope (which adds its own forms), the configuration and whoever makes keys.

mod encoding;
mod point;
mod public;
mod secret;
mod wipe;

pub(crate) use public::PublicForms;
pub use public::VerifyingKey;
pub use secret::SigningKey;
pub(crate) use secret::{RingSecret, SecretForms};
pub(crate) use wipe::Wiped;
