//! Cases of the books: what a computation found that a person should look at. The work that found it goes on.
//!
//! ```text
//!  kind + subject --SHA-256--> number (56 bits, 14 hex digits for people)      the same finding is the same case
//! ```
//!
//! Disputes of single transactions have a register of their own (`domain/dispute`); what stands here concerns batches, sessions,
//! orders, bookings and days, and the rows of a comparison.

mod book_case;
mod kind;
mod list;

pub use book_case::{BookCase, Closing};
pub use kind::CaseKind;
pub use list::{case_id, cases, close, find, parse_case_id};
