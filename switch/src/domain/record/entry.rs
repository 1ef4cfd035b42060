//! What one frame of the journal can be.

use super::{IMAGES_BYTES_MAX, RECORD_VERSION, REGISTERS_VERSION, RecordView};
use crate::domain::transaction::Corrupt;

/// One frame of the journal, read back.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every frame is the large one")]
pub enum Entry<'a> {
    /// A transaction changed.
    Payment(RecordView<'a>),
    /// Registers changed, and no transaction with them.
    Registers {
        /// When, microseconds.
        at_us: u64,
        /// The images, one after the other.
        images: &'a [u8],
    },
}

/// Bytes before the images.
const HEAD_BYTES: usize = 16;

impl<'a> Entry<'a> {
    /// Reads one frame's payload, all of `bytes`.
    ///
    /// # Errors
    /// [`Corrupt`] when it is neither.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Corrupt> {
        match bytes.first() {
            Some(&RECORD_VERSION) => RecordView::decode(bytes).map(Self::Payment),
            Some(&REGISTERS_VERSION) => registers(bytes),
            _ => Err(Corrupt("version")),
        }
    }

    /// The register images that changed with it.
    pub const fn images(&self) -> &'a [u8] {
        match self {
            Self::Payment(view) => view.images,
            Self::Registers { images, .. } => images,
        }
    }
}

fn registers(bytes: &[u8]) -> Result<Entry<'_>, Corrupt> {
    let (head, images) = bytes.split_first_chunk::<HEAD_BYTES>().ok_or(Corrupt("head"))?;
    let (zero, at_us) = head.split_first_chunk::<8>().ok_or(Corrupt("head"))?;
    let at_us = at_us.first_chunk().ok_or(Corrupt("head"))?;
    if *zero != [REGISTERS_VERSION, 0, 0, 0, 0, 0, 0, 0] || images.is_empty() || images.len() > IMAGES_BYTES_MAX {
        return Err(Corrupt("register entry"));
    }
    Ok(Entry::Registers { at_us: u64::from_le_bytes(*at_us), images })
}

/// Appends the head of an entry whose images, which must not be empty, follow it.
pub fn encode_registers(at_us: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(&[REGISTERS_VERSION, 0, 0, 0, 0, 0, 0, 0]);
    out.extend_from_slice(&at_us.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_registers_reads_back_and_nothing_else_does() {
        let mut bytes = Vec::new();
        encode_registers(77, &mut bytes);
        assert!(Entry::decode(&bytes).is_err(), "without images");
        bytes.extend_from_slice(b"images");
        let entry = Entry::decode(&bytes).expect("own bytes");
        assert!(matches!(entry, Entry::Registers { at_us: 77, images: b"images" }));
        assert_eq!(entry.images(), b"images");
        for at in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x40;
            assert!(Entry::decode(&damaged).is_err(), "byte {at}");
        }
        assert!(Entry::decode(&[]).is_err());
        let mut long = bytes;
        long.resize(HEAD_BYTES + IMAGES_BYTES_MAX + 1, 0);
        assert!(Entry::decode(&long).is_err(), "too long");
    }
}
