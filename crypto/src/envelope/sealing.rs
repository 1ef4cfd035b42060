//! One session of sealing: many values, one session key, one envelope.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::VALUE_BYTES_MAX;
use super::algorithm::CipherMode;
use super::cipher::{self, BLOCK_BYTES};
use super::session_key::SessionKey;
use crate::error::Error;

/// Encrypts the values of one message for one receiver.
///
/// ```
/// use clearway_crypto::envelope::{CipherMode, DecryptionKey, EnvelopeAlgorithm};
///
/// let bank = DecryptionKey::generate(EnvelopeAlgorithm::Sm2Sm4)?;
/// let sealing = bank.encryption_key().seal(CipherMode::Cbc)?;
/// let account = sealing.seal("6222020200112233445")?;
///
/// let opening = bank.open(sealing.envelope(), CipherMode::Cbc);
/// assert_eq!(*opening.open(&account)?, "6222020200112233445");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sealing {
    key: SessionKey,
    mode: CipherMode,
    envelope: String,
}

impl Sealing {
    pub(super) fn new(key: SessionKey, mode: CipherMode, envelope: String) -> Self {
        Self { key, mode, envelope }
    }

    /// The envelope in base64: what `DgtlEnvlp` says.
    #[must_use]
    pub fn envelope(&self) -> &str {
        &self.envelope
    }

    /// The envelope, when all values are sealed.
    #[must_use]
    pub fn into_envelope(self) -> String {
        self.envelope
    }

    /// The value in base64, IV first.
    ///
    /// # Errors
    /// [`Error::ValueTooLong`] above [`VALUE_BYTES_MAX`] bytes; [`Error::Sealing`] when randomness or the library
    /// fails.
    pub fn seal(&self, clear: &str) -> Result<String, Error> {
        if clear.len() > VALUE_BYTES_MAX {
            return Err(Error::ValueTooLong);
        }
        // Room for the padding, so that the clear text is not left behind in a block that grew.
        let mut buffer = Zeroizing::new(Vec::with_capacity(clear.len() + BLOCK_BYTES));
        buffer.extend_from_slice(clear.as_bytes());
        let iv =
            cipher::encrypt(&self.key, self.mode, &mut buffer).ok_or_else(|| Error::Sealing(self.key.algorithm()))?;
        Ok(match self.mode {
            CipherMode::Cbc => STANDARD.encode([&iv, buffer.as_slice()].concat()),
            CipherMode::Ecb => STANDARD.encode(buffer.as_slice()),
        })
    }
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealing({}, {:?}, key redacted)", self.key.algorithm(), self.mode)
    }
}
