//! One session of opening: what an envelope held, applied to values.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::VALUE_BYTES_MAX;
use super::algorithm::CipherMode;
use super::cipher::{self, BLOCK_BYTES};
use super::session_key::SessionKey;

/// The longest ciphertext of a value, IV included.
const SEALED_BYTES_MAX: usize = VALUE_BYTES_MAX + 2 * BLOCK_BYTES;

/// A value, or the envelope it needs, cannot be decrypted. Deliberately says no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an encrypted value or its envelope cannot be decrypted")]
pub struct Unreadable;

/// Decrypts the values of one message.
pub struct Opening {
    /// Of the envelope, or random when that did not open.
    key: SessionKey,
    mode: CipherMode,
    is_genuine: bool,
}

impl Opening {
    pub(super) fn new(key: SessionKey, mode: CipherMode, is_genuine: bool) -> Self {
        Self { key, mode, is_genuine }
    }

    /// The clear text of a value, in a string that is wiped.
    ///
    /// # Errors
    /// [`Unreadable`], for whatever reason.
    pub fn open(&self, sealed: &str) -> Result<Zeroizing<String>, Unreadable> {
        if sealed.len() > SEALED_BYTES_MAX.div_ceil(3) * 4 {
            return Err(Unreadable);
        }
        let mut bytes = Zeroizing::new(STANDARD.decode(sealed).map_err(|_| Unreadable)?);
        let iv_bytes = if self.mode == CipherMode::Cbc { BLOCK_BYTES } else { 0 };
        let (iv_part, blocks) = bytes.split_at_mut_checked(iv_bytes).ok_or(Unreadable)?;
        if blocks.is_empty() || !blocks.len().is_multiple_of(BLOCK_BYTES) {
            return Err(Unreadable);
        }
        let mut iv = [0; BLOCK_BYTES];
        iv[..iv_bytes].copy_from_slice(iv_part);
        let clear = cipher::decrypt(&self.key, self.mode, &iv, blocks);
        // A random key passes the padding check one time in 256.
        let clear = clear.filter(|_| self.is_genuine).ok_or(Unreadable)?;
        std::str::from_utf8(clear).map(|text| Zeroizing::new(text.to_owned())).map_err(|_| Unreadable)
    }
}

impl fmt::Debug for Opening {
    /// Not even whether the envelope opened.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opening({}, {:?}, key redacted)", self.key.algorithm(), self.mode)
    }
}
