//! The wire of the payment switch: bytes to messages and back.
//!
//! Messages are those of the platform between payment institutions and banks: an XML document and
//! behind it a detached signature over its exact bytes. This crate reads the envelope, checks the
//! message against its catalogue, gives out borrowed values, and writes new messages. It is pure:
//! no files, no sockets, no clock, no keys. It does not verify or make signatures; it says which
//! bytes they are over.
//!
//! ```text
//!            decode                          check
//! &[u8] ---------------> Message ------------------------> Checked ----> values
//!        form, header    header, signed     schema: order,       |
//!                        bytes, signature   presence, length,    | forward: the body as received,
//!                                           form                 v          some values replaced
//!            encode                                          BytesMut + span to sign
//! Values ------------------------------------------------------^
//! ```
//!
//! ```
//! use bytes::BytesMut;
//! use clearway_codec::{Decoder, Field, Header, MessageType, Values, append_signature, encode};
//! use clearway_codec::{BeijingTime, Direction, InstitutionId, SerialNumber, TrxId};
//!
//! let header = Header {
//!     message_type: MessageType::Epcc301,
//!     issuer: InstitutionId::parse(b"Z2000000000088").unwrap(),
//!     direction: Direction::PI_TO_SWITCH,
//!     sign_sn: SerialNumber::parse(b"4000000088").unwrap(),
//!     sent_at: BeijingTime::parse(b"2026-11-20T10:54:05").unwrap(),
//! };
//! let mut values = Values::new();
//! values
//!     .set(Field::OriTrxCtgy, b"0110")
//!     .set(Field::OriTrxId, b"2026112084364264401220260770101")
//!     .set(Field::OriTrxDtTm, b"2026-11-20T10:00:00");
//! let mut out = BytesMut::new();
//! let signed = encode(&mut out, MessageType::Epcc301, &header, &values)?;
//! assert!(out[signed.clone()].starts_with(b"<root"));
//! append_signature(&mut out, &[0x30, 0x45, 0x02, 0x21]); // made elsewhere, over out[signed]
//!
//! let mut decoder = Decoder::new();
//! let message = decoder.decode(&out)?;
//! assert_eq!(message.signed_bytes(), &out[signed]);
//! assert_eq!(message.signature_text(), Some(&b"MEUCIQ=="[..])); // to be verified before check
//! let query = message.check()?;
//! assert_eq!(query.header(), header);
//! let original = query.trx_id(Field::OriTrxId)?;
//! assert_eq!(TrxId::from_u128(original.as_u128()), Some(original));
//! # Ok::<(), clearway_codec::Error>(())
//! ```
//!
//! # Limits
//! Everything a stranger can send is bounded by [`limits`]: 64 KiB a message, 16 levels, 512
//! elements, 16 attributes a tag. One linear pass, no heap, no panic, whatever the bytes.
//!
//! Not XML in general: no namespaces, no DTD, no CDATA, comments or processing instructions inside
//! the document, UTF-8 only, references to the five entities and to characters only.

pub mod catalogue;
pub mod limits;
pub mod value;

mod attributes;
mod checked;
mod encode;
mod envelope;
mod error;
mod fields;
mod forward;
mod items;
mod message;
mod path;
mod pieces;
mod rewrite;
mod scan;
mod text;
mod values;
mod walk;

// The public interface:
pub use catalogue::{Field, MessageSchema, MessageType, schema};
pub use checked::Checked;
pub use encode::encode;
pub use envelope::{append_signature, decode_signature};
pub use error::{Error, ErrorKind};
pub use fields::Fields;
pub use forward::forward;
pub use items::Items;
pub use message::{Decoder, Header, Message};
pub use path::ElementPath;
pub use value::{
    Amount, AmountText, BatchId, BeijingTime, Date, Direction, DisputeBatchId, InstitutionId, ReturnCode, SerialNumber,
    TrxId, TrxStatus, ValueError,
};
pub use values::Values;
