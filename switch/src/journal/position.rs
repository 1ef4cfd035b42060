//! [`Position`]: where a record is, over all segments.

use std::fmt;

use super::frame::FRAME_HEADER_BYTES;

/// Logical byte offset over all segments of one journal; grows with time, is never reused for another acknowledged record.
///
/// 0 is the header of the first segment and so never a record: a stored 0 can mean "none".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(pub u64);

impl Position {
    /// Before everything: replay from here gives every record that is still kept.
    pub const START: Self = Self(0);

    /// The offset in bytes.
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// Position of the record that follows, in the same group, one at `self` whose payload has `payload_bytes` bytes.
    /// For the second and later records of one [`append_all`](super::Journal::append_all).
    #[must_use]
    pub const fn after(self, payload_bytes: usize) -> Self {
        Self(self.0 + (FRAME_HEADER_BYTES + payload_bytes) as u64)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
