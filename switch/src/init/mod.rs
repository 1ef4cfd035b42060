//! A complete configuration from nothing: `clearway init`, and the same as a function for tests and the demo.
//!
//! Made-up participants with ids of the real form, new keys for all of them, the node's files, and beside them the
//! other side's: with `clearway serve` and `clearway-loadgen` it runs as it is. Everything of the real world goes
//! into the same files: real participants are added to `participants.toml` and `keys/manifest.toml` by hand.
//!
//! ```
//! use clearway::init::{Options, write};
//! let dir = tempfile::tempdir()?;
//! let written = write(dir.path(), &Options { institutions: 1, banks: 2, ..Options::new(1_790_000_000) })?;
//! let config = clearway::config::Config::load(&written.config)?;
//! assert_eq!(config.participants.len(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Called by: the command line, the demo, tests.

mod authority;
pub mod counterparties;
mod documents;
mod folder;
mod identity;
mod keys;
mod options;
#[cfg(test)]
mod tests;
mod write;

pub use options::Options;
pub use write::{Written, write};
