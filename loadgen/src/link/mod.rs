//! The links of a simulated participant: several listeners before one ledger, each with a fate of its own.
//!
//! ```text
//!            .-- link "main"    listen, LinkBehaviour, LinkCounts --.
//! switch --->|                                                      |--> one bank: ledger, behaviour
//!            '-- link "standby" listen, LinkBehaviour, LinkCounts --'
//! ```
//!
//! A [`LinkBehaviour`] is what happens to the line; how the bank behind it answers is its
//! [`Behaviour`](crate::Behaviour). Changed at run time through [`Link`], from any thread.

mod behaviour;
mod door;
mod listener;
mod serve;
mod state;

pub use behaviour::LinkBehaviour;
pub(crate) use serve::serve_link;
pub use state::{Link, LinkCounts, LinkView};
