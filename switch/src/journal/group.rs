//! A group while it is in memory: being filled, waiting, being written.
//!
//! Invariant: bytes `0..GROUP_HEADER_BYTES` belong to the header, frames lie back to back up to `used`, and what follows is
//! undefined until `Group::seal` zeroes it up to the block. Filled by `queue`, sealed by `writer`, written by a driver.

use super::aligned::AlignedBuffer;
use super::checksum;
use super::frame::{self, BLOCK_BYTES, FRAME_HEADER_BYTES, GROUP_HEADER_BYTES, GroupHeader, GroupKind};
use super::position::Position;

/// Memory for one group; `number` is its place in the pool, by which a driver may have registered it.
pub struct Slot {
    /// Place in the pool, from 0.
    pub number: usize,
    /// The bytes.
    pub buffer: AlignedBuffer,
}

/// Where a group goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) index: u64,
    pub(crate) segment_base: u64,
    pub(crate) offset: u64,
    /// Bytes up to the end of the segment.
    pub(crate) room: u64,
}

/// One record, measured and summed before the lock is taken.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) bytes: usize,
    pub(crate) crc: u32,
}

impl Measured {
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let mut measured = Self { bytes: 0, crc: 0 };
        for part in parts {
            measured.bytes += part.len();
            measured.crc = checksum::extend(measured.crc, part);
        }
        measured
    }
}

/// What the writer knows when it seals a group.
pub(crate) struct Stamp {
    pub(crate) journal: u64,
    pub(crate) term: u64,
    pub(crate) durable_index: u64,
    pub(crate) previous_crc: u32,
}

/// A group in memory.
pub struct Group {
    slot: Slot,
    place: Place,
    used: usize,
    capacity: usize,
    frame_count: u32,
    frames_crc: u32,
}

impl Group {
    pub(crate) fn new(slot: Slot, place: Place) -> Self {
        let room = usize::try_from(place.room).unwrap_or(usize::MAX);
        let capacity = slot.buffer.len().min(room);
        Self { slot, place, used: GROUP_HEADER_BYTES, capacity, frame_count: 0, frames_crc: 0 }
    }

    pub(crate) fn fits(&self, frames_bytes: usize) -> bool {
        self.used + frames_bytes <= self.capacity
    }

    /// Copies one record in; the caller has asked [`Group::fits`].
    pub(crate) fn push(&mut self, record: Measured, parts: &[&[u8]]) -> Position {
        let position = Position(self.position().0 + self.used as u64);
        let header = frame::frame_header(record.crc, record.bytes as u32, position);
        let mut rest = &mut self.slot.buffer[self.used..self.used + FRAME_HEADER_BYTES + record.bytes];
        for part in [header.as_slice()].iter().chain(parts) {
            let (head, tail) = rest.split_at_mut(part.len());
            head.copy_from_slice(part);
            rest = tail;
        }
        self.frames_crc = checksum::extend(self.frames_crc, &header);
        self.frame_count += 1;
        self.used += FRAME_HEADER_BYTES + record.bytes;
        position
    }

    /// Writes the header and the padding; gives the header's checksum for the next group.
    pub(crate) fn seal(&mut self, stamp: &Stamp) -> u32 {
        let header = GroupHeader {
            kind: if self.frame_count == 0 { GroupKind::Seal } else { GroupKind::Records },
            journal: stamp.journal,
            term: stamp.term,
            index: self.place.index,
            durable_index: stamp.durable_index,
            segment_base: self.place.segment_base,
            offset: self.place.offset as u32,
            payload_bytes: (self.used - GROUP_HEADER_BYTES) as u32,
            frame_count: self.frame_count,
            frames_crc: self.frames_crc,
            previous_crc: stamp.previous_crc,
        };
        let (used, end) = (self.used, self.padded_bytes());
        let bytes = header.encode();
        self.slot.buffer[used..end].fill(0);
        self.slot.buffer[..GROUP_HEADER_BYTES].copy_from_slice(&bytes);
        u32::from_le_bytes([bytes[76], bytes[77], bytes[78], bytes[79]])
    }

    /// Length on disk, in bytes.
    pub(crate) fn padded_bytes(&self) -> usize {
        self.used.next_multiple_of(BLOCK_BYTES)
    }

    /// The whole blocks to write; complete once sealed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.slot.buffer[..self.padded_bytes()]
    }

    pub(crate) fn slot_number(&self) -> usize {
        self.slot.number
    }

    pub(crate) fn index(&self) -> u64 {
        self.place.index
    }

    pub(crate) fn segment_base(&self) -> u64 {
        self.place.segment_base
    }

    /// Where it goes in its segment, in bytes.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.place.offset
    }

    pub(crate) fn position(&self) -> Position {
        Position(self.place.segment_base + self.place.offset)
    }

    pub(crate) fn frame_count(&self) -> u32 {
        self.frame_count
    }

    /// Position after its last frame.
    pub(crate) fn used_end(&self) -> Position {
        Position(self.position().0 + self.used as u64)
    }

    pub(crate) fn into_slot(self) -> Slot {
        self.slot
    }
}
