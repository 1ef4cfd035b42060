//! The key that both sides have.

use std::fmt;

use zeroize::Zeroizing;

use super::KEY_BYTES;
use crate::error::Error;

/// A key of 32 bytes for files, wiped when dropped.
#[derive(Clone)]
pub struct FileKey {
    pub(super) bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl FileKey {
    /// These bytes.
    #[must_use]
    pub fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self { bytes }
    }

    /// Reads 64 hexadecimal digits; white space around them is passed over.
    ///
    /// # Errors
    /// [`Error::FileKey`] for anything else.
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let digits = text.trim().as_bytes();
        if digits.len() != 2 * KEY_BYTES {
            return Err(Error::FileKey);
        }
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let value = |digit: u8| char::from(digit).to_digit(16).ok_or(Error::FileKey);
            *byte = (value(pair[0])? << 4 | value(pair[1])?) as u8;
        }
        Ok(Self { bytes })
    }

    /// The key as 64 hexadecimal digits, in a string that is wiped when dropped.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(2 * KEY_BYTES));
        for byte in self.bytes.iter() {
            text.extend([byte >> 4, byte & 15].iter().filter_map(|half| char::from_digit(u32::from(*half), 16)));
        }
        text
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(secret redacted)")
    }
}
