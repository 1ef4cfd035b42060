//! A tag in a form that compares in two instructions. Invariant: `matches` says exactly what
//! `starts_with` would. Called by the schema walk for every tag of every message.

/// Bytes that fit one register.
const WORD: usize = size_of::<u128>();

/// The start of a tag, `<TrxId` or `</TrxId>`.
///
/// ```text
/// word  3c 54 72 78 49 64 00 00 ...     up to 16 bytes, little-endian
/// mask  ff ff ff ff ff ff 00 00 ...     which of them count
/// ```
#[derive(Debug)]
pub(crate) struct Pattern {
    word: u128,
    mask: u128,
    text: &'static [u8],
}

impl Pattern {
    pub(crate) const fn new(text: &'static [u8]) -> Self {
        let (mut word, mut mask) = (0, 0);
        let mut index = 0;
        while index < text.len() && index < WORD {
            word |= (text[index] as u128) << (8 * index);
            mask |= 0xff << (8 * index);
            index += 1;
        }
        Self { word, mask, text }
    }

    /// Whether `bytes` start with this tag.
    #[inline]
    pub(crate) fn matches(&self, bytes: &[u8]) -> bool {
        let Some(chunk) = bytes.first_chunk() else {
            return bytes.starts_with(self.text);
        };
        (u128::from_le_bytes(*chunk) ^ self.word) & self.mask == 0
            && (self.text.len() <= WORD || bytes.starts_with(self.text))
    }

    /// Length of the tag in bytes.
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_starts_with_at_every_length() {
        let text: &'static [u8] = b"</ResfdAcctIssrIdentity>";
        for len in 1..=text.len() {
            let pattern = Pattern::new(&text[..len]);
            for end in 0..=text.len() {
                let mut bytes = text[..end].to_vec();
                assert_eq!(pattern.matches(&bytes), end >= len);
                bytes.extend_from_slice(&[0; 20]);
                assert_eq!(pattern.matches(&bytes), end >= len, "{len} {end}");
                for byte in 0..len.min(end) {
                    bytes[byte] ^= 1;
                    assert!(!pattern.matches(&bytes));
                    bytes[byte] ^= 1;
                }
            }
        }
    }
}
