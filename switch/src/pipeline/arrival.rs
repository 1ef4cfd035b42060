//! One message in a burst, on its way through decode and verify.
//!
//! A message that cannot go on keeps the reason in `fault`; later stages skip it. Invariant: `fields` is only set
//! for a message that passed its schema, and a message is only handed on once its signature was verified.

use bytes::Bytes;
use clearway_codec::limits::SIGNATURE_BYTES_MAX;
use clearway_codec::{Checked, Fields};
use clearway_crypto::KeyError;

use super::inbox::Ticket;
use crate::domain::link::LinkNumber;
use crate::net::Exchange;

/// Where a message came from.
#[derive(Debug)]
pub(crate) enum Origin {
    /// A participant's request; the exchange waits for our reply.
    Request(Exchange),
    /// A participant's answer to a message of ours, how long it took, microseconds, and the link that it came over.
    Answer(Ticket, u64, LinkNumber),
}

/// Why a message cannot go on.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The bytes or the schema.
    Form(clearway_codec::Error),
    /// It came under the certificate of somebody else.
    Impostor,
    /// No signature block.
    Unsigned,
    /// The signature does not verify.
    Signature,
    /// The key that the message names cannot be used.
    Key(KeyError),
}

/// A signature as raw bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawSignature {
    bytes: [u8; SIGNATURE_BYTES_MAX],
    len: usize,
}

impl RawSignature {
    pub(crate) const fn new(bytes: [u8; SIGNATURE_BYTES_MAX], len: usize) -> Self {
        Self { bytes, len }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// One message of a burst.
#[derive(Debug)]
pub(crate) struct Arrival {
    pub(crate) bytes: Bytes,
    pub(crate) origin: Origin,
    pub(crate) fields: Option<Fields>,
    pub(crate) signature: Option<RawSignature>,
    pub(crate) fault: Option<Fault>,
}

impl Arrival {
    pub(crate) const fn new(bytes: Bytes, origin: Origin) -> Self {
        Self { bytes, origin, fields: None, signature: None, fault: None }
    }

    /// The checked message; none before decode or after a fault of form.
    pub(crate) fn message(&self) -> Option<Checked<'_>> {
        self.fields.as_ref().map(|fields| Checked::from_parts(&self.bytes, fields))
    }
}
