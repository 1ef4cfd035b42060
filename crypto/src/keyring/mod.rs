//! Who may sign with which key, and when.
//!
//! Invariant: a [`KeyRing`] never changes. A reload builds a new one and swaps it whole, so that one
//! burst is judged by one ring. Built from a manifest; asked once per message.

mod manifest;
mod moment;
mod ring;

pub use manifest::ManifestEntry;
pub use ring::{KeyRecord, KeyRing, KeyRingBuilder};
