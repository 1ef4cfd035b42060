//! A message as received: its envelope and header are read, its fields not yet given out.
//!
//! Invariant: only the header can be used before the check, because only the header is needed to
//! find the key that verifies the signature. The order of a receiver is decode, verify, check.

use crate::catalogue::MessageType;
use crate::checked::Checked;
use crate::envelope::survey;
use crate::error::Error;
use crate::fields::Fields;
use crate::scan::OpenElements;
use crate::value::{BeijingTime, Direction, InstitutionId, SerialNumber};
use crate::walk::Walk;

/// The header of one hop (`MsgHeader`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// `MsgTp`.
    pub message_type: MessageType,
    /// `IssrId`: who sends on this hop.
    pub issuer: InstitutionId,
    /// `Drctn`.
    pub direction: Direction,
    /// `SignSN`: serial number of the key that signs.
    pub sign_sn: SerialNumber,
    /// `SndDt`.
    pub sent_at: BeijingTime,
}

impl Header {
    /// What stands in a table of fields until the header has been read; never given out.
    pub(crate) const UNREAD: Self = Self {
        message_type: MessageType::Epcc303,
        issuer: InstitutionId::ZERO,
        direction: Direction::PI_TO_SWITCH,
        sign_sn: SerialNumber::ZERO,
        sent_at: BeijingTime::from_unix_secs(0),
    };
}

/// Decodes messages, one after the other, with scratch memory of its own: one per thread. It
/// never touches the heap.
///
/// ```
/// use clearway_codec::{Decoder, Field, MessageType};
/// # let vector = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/query-301.ed25519.msg");
/// # let bytes = std::fs::read(vector).unwrap();
///
/// let mut decoder = Decoder::new();
/// let message = decoder.decode(&bytes)?;
/// let header = message.header();
/// // ... find the key by header.issuer and header.sign_sn, verify message.signed_bytes() ...
/// let checked = message.check()?;
/// assert_eq!(checked.message_type(), MessageType::Epcc301);
/// assert_eq!(checked.field(Field::OriTrxCtgy), Some(&b"0110"[..]));
/// # Ok::<(), clearway_codec::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    open: OpenElements,
}

impl Decoder {
    /// A decoder.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the envelope, the structure of the XML and the header; walks the schema on the way
    /// and keeps what it finds for [`Message::check`].
    ///
    /// # Errors
    /// Bytes that cannot be read at all ([`ErrorKind::is_malformed`](crate::ErrorKind)), or a
    /// message without a usable header: no key can be found for it.
    pub fn decode<'b>(&mut self, bytes: &'b [u8]) -> Result<Message<'b>, Error> {
        let survey = survey(bytes).map_err(|fault| Error::new(fault.kind, fault.offset))?;
        let outcome = Walk::new(bytes, survey, &mut self.open).run()?;
        Ok(Message { bytes, fields: outcome.fields, refusal: outcome.refusal })
    }
}

/// A message whose envelope and header are read.
#[derive(Clone, Debug)]
#[must_use]
pub struct Message<'b> {
    bytes: &'b [u8],
    fields: Fields,
    refusal: Option<Error>,
}

impl<'b> Message<'b> {
    /// The header. Not to be believed before the signature is verified.
    #[must_use]
    pub const fn header(&self) -> Header {
        self.fields.header
    }

    /// Type of the message, by its header.
    #[must_use]
    pub const fn message_type(&self) -> MessageType {
        self.fields.header.message_type
    }

    /// The bytes that the signature is over: from `<root` to `</root>`, as received.
    #[must_use]
    pub fn signed_bytes(&self) -> &'b [u8] {
        self.fields.signed.of(self.bytes)
    }

    /// The base64 text of the signature block, as received and perhaps empty; `None` when there
    /// is no block.
    #[must_use]
    pub fn signature_text(&self) -> Option<&'b [u8]> {
        self.fields.signature.map(|text| text.of(self.bytes))
    }

    /// Gives out the fields, if the message keeps to its schema.
    ///
    /// # Errors
    /// The first breach of the schema, with the path of its element.
    pub const fn check(&self) -> Result<Checked<'b>, Error> {
        match self.refusal {
            Some(refusal) => Err(refusal),
            None => Ok(Checked::new(self.bytes, self.fields)),
        }
    }
}
