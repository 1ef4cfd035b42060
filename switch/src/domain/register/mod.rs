//! What a business does to the registers, as data and two pure functions.
//!
//! ```text
//!   admit    check (rule, facts, image)                  may the transaction begin? else its code
//!   commit   follow(rule, stage, facts, image before) -> image after, in the record of the transaction's own change
//!   replay   apply(image)                                a newer version wins
//! ```
//!
//! Invariants: both functions are total; an image that follows has the next version of the one before; nothing here knows
//! of the wire. Called by admit and commit, with the image read under the registers' lock.

mod book_entry;
mod check;
mod facts;
mod follow;
mod follow_dispute;
mod follow_mandate;
mod image;
mod rule;

pub use book_entry::{BOOK_ENTRY_BYTES_MAX, BookEntry};
pub use check::{Code, check};
pub use facts::{DisputeFacts, Facts};
pub use follow::follow;
pub use image::{IMAGE_HEAD_BYTES, Image, SETTING_BYTES_MAX, Setting};
pub use rule::{Key, RegisterRule, Stage};

#[cfg(test)]
mod property_tests;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod table_tests;
