//! A signature held inline.
//!
//! Invariant: `len <= SIGNATURE_BYTES_MAX`, and an empty signature means "not signed". Made by the
//! backends, read by whoever writes the `{S:...}` block.

use std::fmt;

use crate::suite::SIGNATURE_BYTES_MAX;

/// A raw signature, without heap memory; empty by default.
#[derive(Clone, Copy)]
pub struct Signature {
    bytes: [u8; SIGNATURE_BYTES_MAX],
    len: u16,
}

impl Signature {
    /// The signature's bytes in the encoding of its suite.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Whether nothing has been signed into it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes over `bytes`; empty when they are longer than any signature can be.
    pub(crate) fn set(&mut self, bytes: &[u8]) {
        self.len = 0;
        if let Some(room) = self.bytes.get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
            self.len = u16::try_from(bytes.len()).unwrap_or(0);
        }
    }

    /// Makes it empty.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Lends the whole buffer to a library that fills exactly all of it, and keeps it if that worked.
    pub(crate) fn fill_with<E>(&mut self, write: impl FnOnce(&mut [u8]) -> Result<(), E>) {
        self.len = match write(&mut self.bytes) {
            Ok(()) => SIGNATURE_BYTES_MAX as u16,
            Err(_) => 0,
        };
    }
}

const _: () = assert!(SIGNATURE_BYTES_MAX <= u16::MAX as usize);

impl Default for Signature {
    fn default() -> Self {
        Self { bytes: [0; SIGNATURE_BYTES_MAX], len: 0 }
    }
}

impl AsRef<[u8]> for Signature {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for Signature {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Signature {}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(")?;
        for byte in self.as_bytes() {
            write!(f, "{byte:02x}")?;
        }
        f.write_str(")")
    }
}
