//! Layout of groups and frames, and the checks every reader makes. Pure.
//!
//! A *group* is what one sync makes durable: a header, frames back to back, zeros up to the next block. A *frame* is one
//! record. All numbers are little-endian.
//!
//! ```text
//! group (starts at a multiple of 4096 in its segment)
//!   0  magic "CWG1"                4
//!   4  version                     1    1
//!   5  kind                        1    0 records, 1 seal (no records)
//!   6  zero                        2
//!   8  journal                     8    random name of this journal: what a stranger may put into a record cannot pass for a group
//!  16  term                        8    grows with every opening; kept for a replicated log
//!  24  index                       8    1, 2, 3 ... without gaps
//!  32  durable_index               8    every group up to this one was durable when this one was sealed
//!  40  segment_base                8    where its segment starts
//!  48  offset                      4    where it starts in its segment
//!  52  payload_bytes               4    length of all frames
//!  56  frame_count                 4
//!  60  frames_crc                  4    CRC32C over the 8-byte headers of all frames
//!  64  previous_crc                4    header_crc of the group with the index before
//!  68  zero                        8
//!  76  header_crc                  4    CRC32C over bytes 0..76
//!  80  frames ...
//!
//! frame
//!   0  payload_bytes               4
//!   4  crc                         4    CRC32C over payload, payload_bytes (4), position of the frame (8)
//!   8  payload
//! ```
//!
//! Every byte of a group is covered: the header by `header_crc`, payloads by the frames' CRCs, these by `frames_crc`, the
//! padding by having to be zero. So one pass over the payload at append and one at replay are enough.

use super::checksum;
use super::position::Position;

/// Unit of writing and of alignment, in bytes: the largest sector size in use, and a page.
pub const BLOCK_BYTES: usize = 4096;
/// Length of a group header in bytes.
pub const GROUP_HEADER_BYTES: usize = 80;
/// Length of a frame header in bytes.
pub const FRAME_HEADER_BYTES: usize = 8;
/// The one format version that is written and read.
pub const FORMAT_VERSION: u8 = 1;

/// Where the name of the journal is in a group header, in every version.
pub(crate) const JOURNAL_AT: std::ops::Range<usize> = 8..16;
const GROUP_MAGIC: [u8; 4] = *b"CWG1";
const HEADER_CRC_AT: usize = GROUP_HEADER_BYTES - 4;

const _: () = assert!(GROUP_HEADER_BYTES < BLOCK_BYTES && HEADER_CRC_AT == 76);

/// What a group carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// One record or more.
    Records,
    /// No record: written when idle, at shutdown and at opening, to say that everything before it is durable.
    Seal,
}

/// The header of one group; the layout is drawn in the module head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupHeader {
    /// What the group carries.
    pub kind: GroupKind,
    /// Random name of the journal.
    pub journal: u64,
    /// Number of the opening that wrote the group.
    pub term: u64,
    /// Sequence number, from 1.
    pub index: u64,
    /// Highest group known durable when this one was sealed.
    pub durable_index: u64,
    /// Position of its segment's first byte.
    pub segment_base: u64,
    /// Where the group starts in its segment, in bytes.
    pub offset: u32,
    /// Length of all frames, in bytes.
    pub payload_bytes: u32,
    /// Number of frames.
    pub frame_count: u32,
    /// CRC32C over all frame headers.
    pub frames_crc: u32,
    /// Header CRC of the group before.
    pub previous_crc: u32,
}

/// Why bytes are not the group that was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The block is all zeros: nothing was written here.
    #[error("nothing is written here")]
    Empty,
    /// The bytes end inside the group.
    #[error("the segment ends inside a group")]
    Short,
    /// No group starts here.
    #[error("no group starts here")]
    NotAGroup,
    /// The header does not match its checksum.
    #[error("the group header does not match its checksum")]
    HeaderCrc,
    /// The header is sound but of another version.
    #[error("format version {0} is not known to this program")]
    Version(u8),
    /// The header is sound but contradicts itself.
    #[error("the group header contradicts itself")]
    HeaderValue,
    /// The header belongs to another journal, segment or offset, or does not follow the group before.
    #[error("the group belongs elsewhere")]
    Misplaced,
    /// A frame header does not match.
    #[error("the frame headers do not match their checksum")]
    FrameHeaders,
    /// A payload does not match its frame's checksum.
    #[error("a record does not match its checksum")]
    FrameCrc,
    /// The padding is not zero.
    #[error("the padding after the records is not zero")]
    Padding,
}

impl Fault {
    /// Where a run of groups ends at the end of one segment with `self` and the next segment begins with `next`: whether the damage is
    /// in the next one. Nothing written, and a group that does not follow, are consequences; damaged bytes are a cause.
    pub(crate) fn yields_to(self, next: Self) -> bool {
        self == Self::Empty && !matches!(next, Self::Empty | Self::Misplaced)
    }
}

fn u32_at(bytes: &[u8; GROUP_HEADER_BYTES], at: usize) -> u32 {
    let mut value = [0; 4];
    value.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(value)
}

fn u64_at(bytes: &[u8; GROUP_HEADER_BYTES], at: usize) -> u64 {
    let mut value = [0; 8];
    value.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(value)
}

impl GroupHeader {
    /// The header as bytes, with its checksum.
    #[must_use]
    pub fn encode(&self) -> [u8; GROUP_HEADER_BYTES] {
        let mut out = [0; GROUP_HEADER_BYTES];
        out[0..4].copy_from_slice(&GROUP_MAGIC);
        out[4] = FORMAT_VERSION;
        out[5] = match self.kind {
            GroupKind::Records => 0,
            GroupKind::Seal => 1,
        };
        out[8..16].copy_from_slice(&self.journal.to_le_bytes());
        out[16..24].copy_from_slice(&self.term.to_le_bytes());
        out[24..32].copy_from_slice(&self.index.to_le_bytes());
        out[32..40].copy_from_slice(&self.durable_index.to_le_bytes());
        out[40..48].copy_from_slice(&self.segment_base.to_le_bytes());
        out[48..52].copy_from_slice(&self.offset.to_le_bytes());
        out[52..56].copy_from_slice(&self.payload_bytes.to_le_bytes());
        out[56..60].copy_from_slice(&self.frame_count.to_le_bytes());
        out[60..64].copy_from_slice(&self.frames_crc.to_le_bytes());
        out[64..68].copy_from_slice(&self.previous_crc.to_le_bytes());
        let crc = checksum::crc(&out[..HEADER_CRC_AT]);
        out[HEADER_CRC_AT..].copy_from_slice(&crc.to_le_bytes());
        out
    }

    /// Reads and checks a header at the start of `bytes`; also gives its checksum, which the next group names.
    ///
    /// # Errors
    /// A [`Fault`] about the header; [`Fault::Empty`] only if the whole first block (as far as given) is zero.
    pub fn decode(bytes: &[u8]) -> Result<(Self, u32), Fault> {
        let head: &[u8; GROUP_HEADER_BYTES] = bytes.first_chunk().ok_or(Fault::Short)?;
        if head[0..4] != GROUP_MAGIC {
            let block = bytes.get(..BLOCK_BYTES).unwrap_or(bytes);
            return Err(if is_zero(block) { Fault::Empty } else { Fault::NotAGroup });
        }
        let crc = u32_at(head, HEADER_CRC_AT);
        if checksum::crc(&head[..HEADER_CRC_AT]) != crc {
            return Err(Fault::HeaderCrc);
        }
        if head[4] != FORMAT_VERSION {
            return Err(Fault::Version(head[4]));
        }
        let header = Self {
            kind: match head[5] {
                0 => GroupKind::Records,
                1 => GroupKind::Seal,
                _ => return Err(Fault::HeaderValue),
            },
            journal: u64_at(head, 8),
            term: u64_at(head, 16),
            index: u64_at(head, 24),
            durable_index: u64_at(head, 32),
            segment_base: u64_at(head, 40),
            offset: u32_at(head, 48),
            payload_bytes: u32_at(head, 52),
            frame_count: u32_at(head, 56),
            frames_crc: u32_at(head, 60),
            previous_crc: u32_at(head, 64),
        };
        if header.index == 0 || header.durable_index >= header.index {
            return Err(Fault::HeaderValue);
        }
        Ok((header, crc))
    }

    /// Length of the group on disk, padding included, in bytes.
    #[must_use]
    pub fn group_bytes(&self) -> u64 {
        (GROUP_HEADER_BYTES as u64 + u64::from(self.payload_bytes)).next_multiple_of(BLOCK_BYTES as u64)
    }

    /// Position of the group's first byte.
    #[must_use]
    pub fn position(&self) -> Position {
        Position(self.segment_base.wrapping_add(u64::from(self.offset)))
    }

    /// The frames of the group in `group` (its bytes from the header on), not yet checked.
    #[must_use]
    pub fn frames<'a>(&self, group: &'a [u8]) -> Frames<'a> {
        let end = GROUP_HEADER_BYTES + self.payload_bytes as usize;
        Frames {
            bytes: group.get(GROUP_HEADER_BYTES..end).unwrap_or_default(),
            position: self.position().0.wrapping_add(GROUP_HEADER_BYTES as u64),
        }
    }

    /// Checks everything after the header: every frame, their number, the padding.
    ///
    /// # Errors
    /// The [`Fault`] that was found first.
    pub fn check_frames(&self, group: &[u8]) -> Result<(), Fault> {
        let end = GROUP_HEADER_BYTES + self.payload_bytes as usize;
        let padded = usize::try_from(self.group_bytes()).map_err(|_| Fault::Short)?;
        let padding = group.get(end..padded).ok_or(Fault::Short)?;
        let mut frames = self.frames(group);
        let mut frames_crc = 0;
        for _ in 0..self.frame_count {
            let frame = frames.next_frame().ok_or(Fault::FrameHeaders)?;
            frames_crc = checksum::extend(frames_crc, frame.header);
            if !frame.is_sound() {
                return Err(Fault::FrameCrc);
            }
        }
        if frames_crc != self.frames_crc || !frames.bytes.is_empty() {
            return Err(Fault::FrameHeaders);
        }
        if is_zero(padding) { Ok(()) } else { Err(Fault::Padding) }
    }
}

/// The frames of one group, in order.
#[derive(Clone, Copy, Debug)]
pub struct Frames<'a> {
    bytes: &'a [u8],
    position: u64,
}

/// One frame as it lies on disk.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    header: &'a [u8; FRAME_HEADER_BYTES],
    /// Where the frame starts.
    pub position: Position,
    /// The record.
    pub payload: &'a [u8],
}

impl<'a> Frames<'a> {
    fn next_frame(&mut self) -> Option<Frame<'a>> {
        let (frame, rest) = split_frame(self.bytes, self.position)?;
        self.position = self.position.wrapping_add((self.bytes.len() - rest.len()) as u64);
        self.bytes = rest;
        Some(frame)
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        self.next_frame()
    }
}

fn split_frame(bytes: &[u8], position: u64) -> Option<(Frame<'_>, &[u8])> {
    let (header, rest) = bytes.split_first_chunk::<FRAME_HEADER_BYTES>()?;
    let payload_bytes = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
    let (payload, rest) = rest.split_at_checked(payload_bytes as usize)?;
    Some((Frame { header, position: Position(position), payload }, rest))
}

impl<'a> Frame<'a> {
    /// The frame that starts `bytes`, at `position`; `None` if it is longer than `bytes`.
    pub(crate) fn read(bytes: &'a [u8], position: Position) -> Option<Self> {
        split_frame(bytes, position.0).map(|(frame, _)| frame)
    }

    /// Whether payload, length and position match the checksum.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let stored = u32::from_le_bytes([self.header[4], self.header[5], self.header[6], self.header[7]]);
        frame_crc(checksum::crc(self.payload), self.payload.len() as u32, self.position) == stored
    }
}

/// Length of the payload of the frame whose header starts `bytes`.
pub(crate) fn payload_bytes(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|length| u32::from_le_bytes(*length))
}

/// The frame header of a payload whose CRC32C is `payload_crc`.
pub(crate) fn frame_header(payload_crc: u32, payload_bytes: u32, position: Position) -> [u8; FRAME_HEADER_BYTES] {
    let mut header = [0; FRAME_HEADER_BYTES];
    header[0..4].copy_from_slice(&payload_bytes.to_le_bytes());
    header[4..8].copy_from_slice(&frame_crc(payload_crc, payload_bytes, position).to_le_bytes());
    header
}

fn frame_crc(payload_crc: u32, payload_bytes: u32, position: Position) -> u32 {
    let mut place = [0; 12];
    place[0..4].copy_from_slice(&payload_bytes.to_le_bytes());
    place[4..12].copy_from_slice(&position.0.to_le_bytes());
    checksum::extend(payload_crc, &place)
}

/// Whether all bytes are zero.
pub(crate) fn is_zero(bytes: &[u8]) -> bool {
    // Wide chunks let the compiler use vector registers.
    let mut chunks = bytes.chunks_exact(64);
    chunks.by_ref().all(|chunk| chunk.iter().fold(0, |all, byte| all | byte) == 0)
        && chunks.remainder().iter().all(|byte| *byte == 0)
}
