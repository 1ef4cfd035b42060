//! Clearway: a payment message switch in the NetsUnion (EPCC) message family.
//!
//! ```text
//!  institution --201--> [ decode verify admit COMMIT forward ] --leg 1--> payer's bank
//!                                          |   ^             --leg 2--> reserve bank
//!                                       journal table
//! ```
//!
//! It **is** the hot path of a switch: signed messages in, legs to two banks, a decided and durable outcome, signed
//! receipts out; usable as a node of its own ([`Node`], the `clearway` binary) or under somebody else's gateway
//! ([`Handle::submit`]). It is **not** a wallet, an account system or a TLS terminator, and it does not itself hold money.
//!
//! ```no_run
//! use clearway::{Config, Node};
//!
//! # fn main() -> Result<(), clearway::Error> {
//! let node = Node::start(Config::load("demo/clearway.toml".as_ref())?)?;
//! println!("listening on {}", node.listen_address());
//! node.drain();
//! # Ok(())
//! # }
//! ```
//!
//! Limits: messages up to 64 KiB; 65,534 participants; payments in memory as configured (12 million by default); one node
//! for one journal folder. Time on the wire is Beijing time.

pub mod admin;
pub mod admission;
pub mod audit;
pub mod books;
pub mod cli;
pub mod clock;
pub mod config;
pub mod constants;
pub mod domain;
pub mod error;
pub mod init;
pub mod journal;
pub mod metrics;
pub mod net;
mod node;
pub mod operations;
mod pipeline;
pub mod positions;
pub mod prober;
pub mod recovery;
pub mod registers;
pub mod registrar;
pub mod routing;
pub mod sensitive;
pub mod settings;
pub mod shelf;
pub mod table;

// The public face:
pub use config::Config;
pub use error::Error;
pub use node::{Handle, Node};
