//! A message that keeps to its schema.
//!
//! Invariant: every mandatory value is there, every value has its form and length. So an accessor
//! of the right type fails only for an optional value that is absent.

use std::borrow::Cow;

use crate::catalogue::{Content, Element, Field, HEADER, MessageType, ROOT};
use crate::error::{Error, ErrorKind};
use crate::fields::Fields;
use crate::items::Items;
use crate::message::Header;
use crate::path::ElementPath;
use crate::text::unescape;
use crate::value::{Amount, BatchId, BeijingTime, InstitutionId, ReturnCode, TrxId, TrxStatus, ValueError};

/// A checked message: the bytes as received, and where each value stands in them.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'b> {
    bytes: &'b [u8],
    fields: Fields,
}

impl<'b> Checked<'b> {
    pub(crate) const fn new(bytes: &'b [u8], fields: Fields) -> Self {
        Self { bytes, fields }
    }

    /// Joins a table of fields with the bytes it was made of. With other bytes the values are
    /// wrong or absent, but nothing panics.
    #[must_use]
    pub const fn from_parts(bytes: &'b [u8], fields: &Fields) -> Self {
        Self { bytes, fields: *fields }
    }

    /// The table of fields, to be kept beside the bytes.
    #[must_use]
    pub const fn fields(&self) -> Fields {
        self.fields
    }

    pub(crate) const fn fields_ref(&self) -> &Fields {
        &self.fields
    }

    /// The whole message as received.
    #[must_use]
    pub const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Type of the message.
    #[must_use]
    pub const fn message_type(&self) -> MessageType {
        self.fields.header.message_type
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> Header {
        self.fields.header
    }

    /// The bytes that the signature is over: from `<root` to `</root>`.
    #[must_use]
    pub fn signed_bytes(&self) -> &'b [u8] {
        self.fields.signed.of(self.bytes)
    }

    /// The base64 text of the signature block, `None` when there is no block.
    #[must_use]
    pub fn signature_text(&self) -> Option<&'b [u8]> {
        self.fields.signature.map(|text| text.of(self.bytes))
    }

    /// The whole element `<MsgBody>...</MsgBody>` as received.
    #[must_use]
    pub fn body(&self) -> &'b [u8] {
        self.fields.body.of(self.bytes)
    }

    /// The value of `field` as it stands in the message, references unresolved; `None` when it is
    /// absent or empty.
    #[must_use]
    pub fn field(&self, field: Field) -> Option<&'b [u8]> {
        Some(self.fields.span(field).of(self.bytes)).filter(|value| !value.is_empty())
    }

    /// Every value of a field that may be repeated, in order, as they stand in the message; empty
    /// ones are left out. Of any other field the one value, if there is one.
    #[must_use]
    pub fn items(&self, field: Field) -> Items<'b> {
        let span = self.fields.span(field);
        let from_first = if span.is_empty() { None } else { self.bytes.get(span.start()..) };
        Items::new(from_first.unwrap_or_default(), field.name())
    }

    /// The text of `field`, references resolved. Allocates only when there are any.
    #[must_use]
    pub fn text(&self, field: Field) -> Option<Cow<'b, str>> {
        unescape(self.field(field)?)
    }

    /// An amount of money.
    ///
    /// # Errors
    /// [`ErrorKind::MissingElement`] or [`ErrorKind::BadValue`], as all accessors below.
    pub fn amount(&self, field: Field) -> Result<Amount, Error> {
        self.parse(field, Amount::parse)
    }

    /// An identity of a transaction.
    ///
    /// # Errors
    /// As [`amount`](Self::amount).
    pub fn trx_id(&self, field: Field) -> Result<TrxId, Error> {
        self.parse(field, TrxId::parse)
    }

    /// A participant.
    ///
    /// # Errors
    /// As [`amount`](Self::amount).
    pub fn institution(&self, field: Field) -> Result<InstitutionId, Error> {
        self.parse(field, InstitutionId::parse)
    }

    /// A time.
    ///
    /// # Errors
    /// As [`amount`](Self::amount).
    pub fn time(&self, field: Field) -> Result<BeijingTime, Error> {
        self.parse(field, BeijingTime::parse)
    }

    /// A return code.
    ///
    /// # Errors
    /// As [`amount`](Self::amount).
    pub fn return_code(&self, field: Field) -> Result<ReturnCode, Error> {
        self.parse(field, ReturnCode::parse)
    }

    /// A status of a transaction.
    ///
    /// # Errors
    /// As [`amount`](Self::amount).
    pub fn status(&self, field: Field) -> Result<TrxStatus, Error> {
        self.parse(field, TrxStatus::parse)
    }

    /// A clearing batch.
    ///
    /// # Errors
    /// As [`amount`](Self::amount).
    pub fn batch_id(&self, field: Field) -> Result<BatchId, Error> {
        self.parse(field, BatchId::parse)
    }

    fn parse<T>(&self, field: Field, parse: fn(&[u8]) -> Result<T, ValueError>) -> Result<T, Error> {
        let kind = match self.field(field).map(parse) {
            Some(Ok(value)) => return Ok(value),
            Some(Err(error)) => ErrorKind::BadValue(error),
            None => ErrorKind::MissingElement,
        };
        Err(self.error(field, kind))
    }

    #[cold]
    fn error(&self, field: Field, kind: ErrorKind) -> Error {
        let span = self.fields.span(field);
        Error { kind, offset: span.start(), path: path_of(self.message_type(), field) }
    }
}

/// Path of `field` in messages of this type; only its name when they do not have it.
fn path_of(message_type: MessageType, field: Field) -> ElementPath {
    let mut names = [""; 8];
    let mut path = ElementPath::EMPTY;
    let blocks = [&HEADER, &message_type.schema().body];
    if let Some(depth) = blocks.iter().find_map(|block| find(block, field, &mut names, 0)) {
        path.push(ROOT.name().as_bytes());
        names[..depth].iter().for_each(|name| path.push(name.as_bytes()));
    } else {
        path.push(field.name().as_bytes());
    }
    path
}

/// Looks for `field` below `element`; writes the names on the way and returns how many.
fn find(element: &'static Element, field: Field, names: &mut [&'static str; 8], depth: usize) -> Option<usize> {
    *names.get_mut(depth)? = element.name();
    match &element.content {
        Content::Leaf(leaf) => (leaf.field == field).then_some(depth + 1),
        Content::Block(block) => block.children.iter().find_map(|child| find(child, field, names, depth + 1)),
    }
}
