//! A line between the node and a participant that does what lines do: it is slow, it is cut in the middle of a byte stream, it
//! swallows bytes, it accepts and never answers, it delivers late and in another order.
//!
//! ```text
//! node --connection n--> FaultProxy -- Plan of n: opening, course of the request, course of the answer --> participant
//!                          |  door: open, refused, hung          strike: all open connections, now
//!                          |  freeze, thaw: nothing moves        held, release: in any order
//!                          `- counts, passed: what was let through, by connection and in all
//! ```
//!
//! Invariant: what happens to a connection follows from its number and its plan alone, and a cut after N bytes lets through
//! exactly N. Time is never a condition, only something that a plan may add.
//!
//! Two ways to look at a connection: as bytes (any protocol, TLS too), or as exchanges of HTTP, where a [`Chooser`] sees each whole
//! request before its first byte goes on, and says what becomes of that exchange.
//!
//! ```
//! use clearway_tests::proxy::{Cut, FaultProxy, Flow, Plan};
//!
//! let participant = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
//! let line = FaultProxy::before(participant.local_addr().unwrap());
//! line.queue([Plan::cut_answer(17, Cut::Reset), Plan::slow_request(1, std::time::Duration::from_millis(50))]);
//! assert_eq!(line.counts().connections, 0);
//! ```

mod connection;
mod count;
mod door;
mod exchange;
mod fault_proxy;
mod flow;
mod plan;
mod state;
#[cfg(test)]
mod tests;

pub use count::{Counts, Passed};
pub use exchange::{Chooser, Exchange};
pub use fault_proxy::FaultProxy;
pub use plan::{Course, Cut, Door, End, Flow, Opening, Pace, Plan};
