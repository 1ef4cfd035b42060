//! Settlement: the sessions' net orders to the large-value system (HVPS), their answers, interest, and what clearing banks are told.
//!
//! ```text
//!  sealed batches --session--> SessionEntry --netting--> OrderEntry: made --> settlement/out/{MsgId}.xml --> sent
//!                                            (pays out)            waiting --all collected--> made
//!  settlement/in/*.xml --> acknowledged | rejected --later--> made again, next attempt, next MsgId
//!  close of HVPS + 2 h --> NoticeEntry: interest --> orders; statements/{IssrId}/{yyyyMMdd}/clearing/..., interest/{yyyyMMdd}.txt
//! ```
//!
//! Invariants: what is decided is recorded before a byte of it leaves, and every step can be done again, so a crash anywhere costs
//! nothing but time; the file of an attempt is the same bytes whenever it is written; no order has two attempts that may both be
//! accepted (`domain/clearing/order.rs`). The layout of the files stands in `switch/settlement.md`.

mod answer;
mod dispatch;
mod document;
mod files;
mod hold;
mod inbox;
mod judge;
mod notice;
mod order_entry;
mod session_entry;
mod show;
mod terms;
mod works;

pub use answer::{Answer, BadAnswer, Verdict};
pub use document::order_document;
pub use judge::{Judgement, Refused};
pub use notice::NoticeEntry;
pub use order_entry::{OrderEntry, Word, orders_of_day};
pub use session_entry::{SessionEntry, sessions_of_day};
pub use show::{OrderView, SessionView};
pub use terms::{Batches, Did, Terms};
pub use works::Settlement;

#[cfg(test)]
mod tests;
