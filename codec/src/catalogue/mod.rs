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
pub use message_type::{MessageSchema, MessageType, schema};
pub use value_type::ValueType;

pub(crate) use header::{ROOT, ROOT_OPEN};
pub(crate) use layout::{HEADER_SLOTS, Layout, SLOT_COUNT};

#[cfg(test)]
mod tests;
