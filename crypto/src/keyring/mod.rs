//! Who may sign with which key, and when; and whom values are encrypted for.
//!
//! Invariant: a [`KeyRing`] never changes. A reload builds a new one and swaps it whole, so that one
//! burst is judged by one ring. Built from a manifest; asked once per message.

mod encryption;
mod manifest;
mod moment;
mod ring;

pub use encryption::{EncryptionEntry, EncryptionRecord, EncryptionRing};
pub use manifest::ManifestEntry;
pub use ring::{KeyRecord, KeyRing, KeyRingBuilder};
