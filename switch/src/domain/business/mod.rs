//! The businesses as data: which messages, whose side is whose, how many legs, which presumption. A new business is a new row.
//!
//! ```text
//! 2 legs  money: debit, then credit       201 205 211 216 221 241
//! 1 leg   a register changes if the other side says yes      101 103 111 115 117, disputes
//! 0 legs  it is so because it was said, and the other side must learn it      105
//! ```
//!
//! Invariant: nothing outside this folder decides by business; it asks the row. Called by the transition and by the
//! pipeline (admit, forward, reply).

mod code;
mod rows;
mod rules;
#[cfg(test)]
mod tests;

pub use code::Business;
pub use rows::{BUSINESSES, rules};
pub use rules::{
    AccountOf, BusinessRules, Chase, Initiator, KEY_TAG, LegRules, Notice, Patience, Refundable, Rest, RestEnd, Target,
    trx_id_of,
};

pub use super::register::RegisterRule;
