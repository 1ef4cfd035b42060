//! Where each value of a checked message stands. Invariant: plain numbers without a lifetime, so
//! that they can lie in memory beside the bytes they speak of; reading with the wrong bytes gives
//! wrong values or none, never a panic.

use crate::catalogue::{Field, Layout, MessageType, SLOT_COUNT};
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

    pub(crate) const fn is_empty(self) -> bool {
        self.len == 0
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
    /// By the slots of the message's type.
    spans: [Span; SLOT_COUNT],
}

// A worker keeps one for every payment under way.
const _: () = assert!(size_of::<Fields>() <= 312);

impl Fields {
    pub(crate) const EMPTY: Self = Self {
        header: Header::UNREAD,
        signed: ByteRange::EMPTY,
        body: ByteRange::EMPTY,
        signature: None,
        root_end_tag: 0,
        fills: [Span::EMPTY; 2],
        spans: [Span::EMPTY; SLOT_COUNT],
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
    pub(crate) fn span(&self, field: Field) -> Span {
        self.span_at(Layout::of(self.header.message_type).slot(field))
    }

    /// What stands in this slot; nothing for one that no field has.
    #[inline]
    pub(crate) fn span_at(&self, slot: usize) -> Span {
        self.spans.get(slot).copied().unwrap_or(Span::EMPTY)
    }

    #[inline]
    pub(crate) fn set_at(&mut self, slot: usize, span: Span) {
        if let Some(place) = self.spans.get_mut(slot) {
            *place = span;
        }
    }

    /// Where an element that the switch fills stands, whole, or would stand; `None` for another
    /// one, and when the message has no place for it.
    #[inline]
    pub(crate) const fn fill(&self, field: Field) -> Option<Span> {
        let span = match field {
            Field::RPFlg => self.fills[0],
            Field::BatchId => self.fills[1],
            _ => return None,
        };
        if span.start == 0 { None } else { Some(span) }
    }

    pub(crate) const fn set_fill(&mut self, field: Field, span: Span) {
        match field {
            Field::RPFlg => self.fills[0] = span,
            Field::BatchId => self.fills[1] = span,
            _ => {}
        }
    }
}
