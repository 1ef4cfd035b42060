//! Where each value of a checked message stands. Invariant: plain numbers without a lifetime, so
//! that they can lie in memory beside the bytes they speak of; reading with the wrong bytes gives
//! wrong values or none, never a panic.

use crate::catalogue::{FIELD_COUNT, Field, MessageType};
use crate::message::Header;

/// A value's place in its message.
///
/// ```text
/// start u16 | len u16      offset of the first byte, number of bytes; len 0 = absent or empty
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    start: u16,
    len: u16,
}

impl Span {
    pub(crate) const EMPTY: Self = Self { start: 0, len: 0 };

    pub(crate) const fn new(start: usize, len: usize) -> Self {
        // MESSAGE_BYTES_MAX keeps both below 2^16: a value is followed by an end tag at least.
        Self { start: start as u16, len: len as u16 }
    }

    pub(crate) const fn start(self) -> usize {
        self.start as usize
    }

    pub(crate) const fn end(self) -> usize {
        self.start as usize + self.len as usize
    }

    #[inline]
    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start()..self.end()).unwrap_or_default()
    }
}

/// A stretch of the message, by the offsets of its first byte and of the one after its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByteRange {
    start: u32,
    end: u32,
}

impl ByteRange {
    const EMPTY: Self = Self { start: 0, end: 0 };

    pub(crate) const fn new(start: usize, end: usize) -> Self {
        // MESSAGE_BYTES_MAX keeps both below 2^32 by far.
        Self { start: start as u32, end: end as u32 }
    }

    pub(crate) const fn start(self) -> usize {
        self.start as usize
    }

    pub(crate) fn of(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Where the values of one message stand: a table without a lifetime, to be kept beside the
/// message's bytes and joined with them again by
/// [`Checked::from_parts`](crate::Checked::from_parts).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fields {
    pub(crate) header: Header,
    /// From `<root` to `</root>`.
    pub(crate) signed: ByteRange,
    /// From `<MsgBody` to `</MsgBody>`.
    pub(crate) body: ByteRange,
    /// The text in the signature block.
    pub(crate) signature: Option<ByteRange>,
    /// Offset of `</root>`.
    pub(crate) root_end_tag: u32,
    /// Elements that the switch fills, `RPFlg` and `BatchId`: where the whole element stands, or
    /// with no length, where it would. A start of 0: the message has no place for it.
    fills: [Span; 2],
    spans: [Span; FIELD_COUNT],
}

const _: () = assert!(size_of::<Fields>() <= 800);

impl Fields {
    pub(crate) const EMPTY: Self = Self {
        header: Header::UNREAD,
        signed: ByteRange::EMPTY,
        body: ByteRange::EMPTY,
        signature: None,
        root_end_tag: 0,
        fills: [Span::EMPTY; 2],
        spans: [Span::EMPTY; FIELD_COUNT],
    };

    /// Type of the message.
    #[must_use]
    pub const fn message_type(&self) -> MessageType {
        self.header.message_type
    }

    /// Header of the message.
    #[must_use]
    pub const fn header(&self) -> Header {
        self.header
    }

    #[inline]
    pub(crate) const fn span(&self, field: Field) -> Span {
        self.spans[field as usize]
    }

    #[inline]
    pub(crate) const fn set(&mut self, field: Field, span: Span) {
        self.spans[field as usize] = span;
    }

    /// The places the switch fills, in the order of the message.
    pub(crate) fn fills(&self) -> [(Field, Span); 2] {
        let mut fills = [(Field::RPFlg, self.fills[0]), (Field::BatchId, self.fills[1])];
        fills.sort_by_key(|(_, span)| span.start());
        fills
    }

    pub(crate) const fn set_fill(&mut self, field: Field, span: Span) {
        match field {
            Field::RPFlg => self.fills[0] = span,
            Field::BatchId => self.fills[1] = span,
            _ => {}
        }
    }
}
