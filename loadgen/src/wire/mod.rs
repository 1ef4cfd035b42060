//! Bytes in and out: reading signed messages, writing and signing them, one HTTP connection, one signature desk per
//! thread.

mod body;
mod connection;
mod desk;
mod envelope;

mod read;
mod sealing;
mod write;

pub(crate) use body::{Overlong, read_body};
pub(crate) use connection::{Connection, Exchange, ExchangeFault, Outgoing, Speaker};
pub(crate) use desk::{Desk, VerifyShare};
pub(crate) use envelope::{can_write, write_sealed};
pub(crate) use read::{Fault, Reader, Sealed};
pub use sealing::{EnvelopeKeys, NodeEnvelope, OpenedValues, SealedValues};
pub(crate) use write::{Draft, answer_header, set_system, sign_all};
