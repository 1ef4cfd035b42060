//! Segments: files of fixed size in a row that together are the journal's address space.
//!
//! ```text
//! 00000000000000000000.segment   position 0 .. segment_bytes
//! 00000000000067108864.segment   the next, named after the position of its first byte
//! 00000000000134217728.preparing being made: zeroed, synced, then renamed; removed at opening
//!
//! header block of a segment
//!    0  magic "CWSEGMNT"   8
//!    8  version            4
//!   12  zero               4
//!   16  journal            8    random name of the journal
//!   24  base               8    position of the first byte of this file
//!   32  segment_bytes      8    length of this file
//!   40  zero
//! 4092  crc                4    CRC32C over bytes 0..4092
//! 4096  groups
//! ```
//!
//! Invariant: a file named `.segment` has its whole length, written with zeros and synced, and a sound header; its name
//! is durable before a group goes into it. So writing a group never changes the file's metadata, which makes its sync
//! cheap, and never fails for want of room.

use std::sync::Arc;

use super::aligned::AlignedBuffer;
use super::checksum;
use super::error::Error;
use super::frame::{BLOCK_BYTES, FORMAT_VERSION};
use super::storage::{Storage, StoredFile};

const SEGMENT_MAGIC: [u8; 8] = *b"CWSEGMNT";
const CRC_AT: usize = BLOCK_BYTES - 4;
/// Where the first group of a segment is.
pub(crate) const FIRST_GROUP_AT: u64 = BLOCK_BYTES as u64;
/// Zeros are written in pieces of this many bytes.
const ZERO_BYTES: usize = 256 << 10;

/// The header block of a segment; the layout is drawn in the module head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentHeader {
    /// Random name of the journal.
    pub journal: u64,
    /// Position of the segment's first byte.
    pub base: u64,
    /// Length of the file in bytes.
    pub segment_bytes: u64,
}

impl SegmentHeader {
    /// Writes the header into the first block of `block`.
    pub(crate) fn encode(&self, block: &mut [u8]) {
        block[..BLOCK_BYTES].fill(0);
        block[0..8].copy_from_slice(&SEGMENT_MAGIC);
        block[8..12].copy_from_slice(&u32::from(FORMAT_VERSION).to_le_bytes());
        block[16..24].copy_from_slice(&self.journal.to_le_bytes());
        block[24..32].copy_from_slice(&self.base.to_le_bytes());
        block[32..40].copy_from_slice(&self.segment_bytes.to_le_bytes());
        let crc = checksum::crc(&block[..CRC_AT]);
        block[CRC_AT..BLOCK_BYTES].copy_from_slice(&crc.to_le_bytes());
    }

    /// Reads and checks a header block.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn decode(block: &[u8]) -> Result<Self, HeaderFault> {
        let block: &[u8; BLOCK_BYTES] = block.first_chunk().ok_or(HeaderFault::Short)?;
        let number = |at: usize| {
            let mut value = [0; 8];
            value.copy_from_slice(&block[at..at + 8]);
            u64::from_le_bytes(value)
        };
        let stored = u32::from_le_bytes([block[CRC_AT], block[CRC_AT + 1], block[CRC_AT + 2], block[CRC_AT + 3]]);
        if block[0..8] != SEGMENT_MAGIC || checksum::crc(&block[..CRC_AT]) != stored {
            return Err(HeaderFault::Damaged);
        }
        let version = number(8);
        if version != u64::from(FORMAT_VERSION) {
            return Err(HeaderFault::Version(version as u8));
        }
        let header = Self { journal: number(16), base: number(24), segment_bytes: number(32) };
        let block = BLOCK_BYTES as u64;
        let sound = header.segment_bytes.is_multiple_of(block)
            && (2 * block..=2 << 30).contains(&header.segment_bytes)
            && header.base.checked_add(header.segment_bytes).is_some();
        if sound { Ok(header) } else { Err(HeaderFault::Damaged) }
    }

    /// Position after the segment: the base of the next.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.base.saturating_add(self.segment_bytes)
    }
}

/// Why a block is not a segment header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFault {
    /// The file is shorter than a block.
    #[error("the file is shorter than a segment header")]
    Short,
    /// Not the magic, or not the checksum, or values that cannot be.
    #[error("the segment header does not match its checksum")]
    Damaged,
    /// Sound, but of another version.
    #[error("format version {0} is not known to this program")]
    Version(u8),
}

/// File name of the segment at `base`.
#[must_use]
pub fn segment_name(base: u64) -> String {
    format!("{base:020}.segment")
}

/// Base of a segment, if `name` is the name of one.
#[must_use]
pub fn segment_base(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".segment")?;
    (digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// Name of a segment that is being made.
pub(crate) fn preparing_name(base: u64) -> String {
    format!("{base:020}.preparing")
}

/// Whether `name` is of a segment that was never finished.
pub(crate) fn is_preparing(name: &str) -> bool {
    name.ends_with(".preparing")
}

/// Makes the segment of `header`: zeroed, synced, named. `pace` is called between pieces of zeros and may wait; if it
/// says `false` the work is given up.
pub(crate) fn prepare(
    storage: &dyn Storage,
    header: &SegmentHeader,
    pace: &mut dyn FnMut() -> bool,
) -> Result<Option<Arc<dyn StoredFile>>, Error> {
    let (temporary, name) = (preparing_name(header.base), segment_name(header.base));
    let file = storage.create(&temporary).map_err(Error::io("create", &temporary))?;
    file.reserve(header.segment_bytes).map_err(Error::io("reserve room for", &temporary))?;
    let mut buffer = AlignedBuffer::new(ZERO_BYTES);
    header.encode(&mut buffer);
    let mut at = 0;
    while at < header.segment_bytes {
        let piece = (header.segment_bytes - at).min(ZERO_BYTES as u64);
        file.write_at(&buffer[..piece as usize], at).map_err(Error::io("zero", &temporary))?;
        buffer[..BLOCK_BYTES].fill(0);
        at += piece;
        if !pace() {
            return Ok(None);
        }
    }
    file.sync().map_err(Error::io("sync", &temporary))?;
    storage.rename(&temporary, &name).map_err(Error::io("rename", &temporary))?;
    storage.sync_dir().map_err(Error::io("sync the folder of", &name))?;
    Ok(Some(file))
}
