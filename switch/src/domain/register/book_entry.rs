//! One entry of the books as the journal keeps it: a key, a version, and what only the books can read.

use crate::domain::field_reader::FieldReader;
use crate::domain::transaction::Corrupt;

/// Longest content of an entry (ours).
pub const BOOK_ENTRY_BYTES_MAX: usize = 1 << 16;

/// An entry of the books after a change; of two with the same key the one with the higher version counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookEntry {
    /// Which: the top byte is its space, the rest its number there.
    pub key: u64,
    /// Number of changes, 1 for the first image.
    pub version: u32,
    /// What it says, at most [`BOOK_ENTRY_BYTES_MAX`] bytes.
    pub bytes: Vec<u8>,
}

impl BookEntry {
    /// Appends its bytes.
    ///
    /// # Panics
    /// When it is too long; its maker bounds it.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        assert!(
            self.bytes.len() <= BOOK_ENTRY_BYTES_MAX,
            "an entry of the books is bounded before it becomes an image"
        );
        out.extend_from_slice(&self.key.to_le_bytes());
        out.extend_from_slice(&self.version.to_le_bytes());
        out.extend_from_slice(&self.bytes);
    }

    /// Reads all of `body`.
    pub(super) fn decode(body: &[u8]) -> Result<Self, Corrupt> {
        const WHAT: &str = "entry of the books";
        let mut rest = FieldReader::new(body);
        let key = u64::from_le_bytes(rest.array(WHAT)?);
        let version = rest.u32(WHAT)?;
        let bytes = rest.slice(body.len().saturating_sub(12), WHAT)?.to_vec();
        if version == 0 || bytes.len() > BOOK_ENTRY_BYTES_MAX {
            return Err(Corrupt(WHAT));
        }
        Ok(Self { key, version, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::register::Image;

    #[test]
    fn an_entry_reads_back_and_nothing_else_does() {
        let image = Image::Book(BookEntry { key: 7 << 56 | 3, version: 2, bytes: b"{}".to_vec() });
        let mut bytes = Vec::new();
        image.encode(&mut bytes);
        assert_eq!(Image::decode(&bytes), Ok((image, bytes.len())));
        assert!(BookEntry::decode(&[0; 12]).is_err(), "version 0");
        assert!(BookEntry::decode(&[1; 11]).is_err(), "cut");
        let mut long = vec![1; 13];
        long.resize(12 + BOOK_ENTRY_BYTES_MAX + 1, 0);
        assert!(BookEntry::decode(&long).is_err(), "too long");
    }
}
