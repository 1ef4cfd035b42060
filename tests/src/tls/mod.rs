//! TLS as a participant speaks it: a client that may show any certificate or none, and the box in front of a bank that ends TLS, with any
//! certificate it is told to show.
//!
//! ```text
//! test --Client--> node                       node --TLS--> Front --plain--> simulated bank
//! ```
//!
//! Invariant: nothing here is the node's: rustls with its own configuration, so that node and judge cannot be wrong together.

mod config;
mod front;

pub use config::{Believes, Version, client, server};
pub use front::{Front, FrontCounts};
