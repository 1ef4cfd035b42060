//! The hot path: a payment through the house, stage by stage.
//!
//! ```text
//!  Inbox -> decode -> verify -> admit   -> commit --(durable)--> release -> lines, exchanges
//!                            -> resolve ->   ^
//!                                timers -----+
//! ```
//!
//! A [`Worker`] takes everything that has come as one **burst** and passes it through the stages; all messages of a
//! burst are verified together and everything it sends is signed together. Only `commit` changes a payment, and what
//! follows from a change is done by `release`, after the journal has it. Invariant: no stage does IO or waits.

mod account;
mod admit;
mod arrival;
mod change;
mod commit;
mod compose;
mod decode;
mod deed;
mod disclose;
mod draft;
mod drafts;
mod facts;
mod fetch;
mod flight;
mod follow;
mod inbox;
mod known;
mod pace;
mod places;
mod record;
mod register;
mod release;
mod repeat;
mod reply;
mod resolve;
mod resume;
mod route;
mod shared;
mod shed;
mod sort;
mod timeout;
mod verify;
mod wording;
mod worker;

pub(crate) use inbox::{Inbox, Incoming};
pub(crate) use shared::{Active, Shared};
pub(crate) use worker::Worker;
