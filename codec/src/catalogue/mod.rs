//! The messages of the wire as data: the one definition of what each carries.
//!
//! Invariant: order, names, presence, lengths and types stand here and nowhere else. The check,
//! the encoder, and whatever is generated for people (reference pages, XSD, samples) walk the same
//! rows. A new message is a new file of rows and a new line in [`MessageType`]; no logic changes.
//!
//! ```text
//! MessageSchema  epcc.201.001.01
//!   Element      MsgBody                block
//!     Element    PyerInf                block, mandatory
//!       Element  PyerAcctIssrId         leaf, mandatory, 14 characters, an institution
//!       ...
//! ```
//!
//! # A new business
//! Here it takes a file of rows, the names that are new in `field.rs`, and one line a message in
//! `message_type.rs`: its variant, its number, its schema. Reading, refusing, writing, forwarding,
//! the tables of breaches in the tests, and the pages, XSDs and samples of `reference/` follow from
//! the rows. A leaf in the form of others is taken from `leaves.rs` or `blocks.rs`; a new form of
//! value is a variant of [`ValueType`] with a newtype that parses it. At compile time it is checked
//! that a message has no more leaves than there are slots, and that no block is too wide.
//!
//! ```text
//! leaf(F::PyerBkId, M, INSTITUTION, ["付款方账户所属机构标识", "bank of the payer's account"], "C1000000000011")
//! encrypted(F::PyerBkNo, M, 34, ["付款方账号", "number of the payer's account"], SEALED)
//! ```
//!
//! Sources: the marks of the wire description. What was seen in public material is named as there;
//! what this project decided itself says "ours" in its meaning.

mod answer;
mod blocks;
mod certified;
mod control;
mod details;
mod dispute;
mod element;
mod end_of_mandate;
mod entrusted;
mod field;
mod gateway;
mod header;
mod layout;
mod leaves;
mod link;
mod mandate;
mod message_type;
mod notice;
mod order;
mod pattern;
mod payment;
mod payout;
mod query;
mod receipt;
mod refund;
mod signing;
mod unsigning;
mod value_type;

pub use element::{Block, Content, Element, Leaf, Presence};
pub use field::{FIELD_COUNT, Field};
pub use header::HEADER;
pub use message_type::{MessageSchema, MessageType, Sender, schema};
pub use value_type::ValueType;

pub(crate) use header::{ROOT, ROOT_OPEN};
pub(crate) use layout::{HEADER_SLOTS, Layout, SLOT_COUNT};

#[cfg(test)]
mod tests;
