//! The links of participants at run time: who takes the next message, and what became of those before.
//!
//! ```text
//!  worker --choose--> Bundle: one relaxed load of a word          prober --tick, probe_ended--> Bundle
//!         --begin, hear, end--> its own Slot                      operator --obey--> Bundle
//!         --trouble, answers that a machine wants--> lock, domain::link::Group, word, log line
//! ```
//!
//! Invariants: where all is well a message costs a few relaxed loads and stores, no lock and nothing allocated; who takes
//! new messages is one word, so that two workers never see two where one is wanted. Used by `egress`, the prober, the
//! operator's pages and the metrics.

mod board;
mod bundle;
mod change;
mod request;
mod rules;
mod setting;
mod slot;
#[cfg(test)]
mod tests;
mod time;
mod view;

pub use board::Board;
pub use bundle::Bundle;
pub use request::Request;
pub use setting::{LinkChange, Setting};
pub(super) use slot::Slot;
pub use slot::{BUCKETS_US, ERROR_KINDS, ErrorKind, LatencyReading};
pub use time::BoardTime;
pub use view::{ChangeView, LinkView};
