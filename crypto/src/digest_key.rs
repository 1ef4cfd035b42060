//! Digests that only the holder of a key can make: they stand for an account number or an identity card where the
//! number itself must not be, and are equal exactly when the numbers are.
//!
//! Invariant: a plain digest of a card number is no secret, as there are few enough card numbers to try; so the key
//! must stay as secret as the numbers. It must not change either, or old digests find nothing any more.

use std::fmt;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::error::Error;

const KEY_BYTES: usize = 32;

/// A key for HMAC-SHA256 (RFC 2104).
///
/// ```
/// let key = clearway_crypto::DigestKey::generate()?;
/// let again = clearway_crypto::DigestKey::from_hex(&key.to_hex())?;
/// assert_eq!(key.digest("account", "6222020200112233445"), again.digest("account", "6222020200112233445"));
/// assert_ne!(key.digest("account", "1"), key.digest("customer", "1"));
/// # Ok::<(), clearway_crypto::Error>(())
/// ```
pub struct DigestKey {
    bytes: Box<Zeroizing<[u8; KEY_BYTES]>>,
    hmac: hmac::Key,
}

impl DigestKey {
    /// Makes a new key with the operating system's randomness.
    ///
    /// # Errors
    /// [`Error::DigestKey`] when randomness fails.
    pub fn generate() -> Result<Self, Error> {
        let mut bytes = Box::new(Zeroizing::new([0; KEY_BYTES]));
        aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| Error::DigestKey)?;
        Ok(Self::new(bytes))
    }

    /// Reads 64 hexadecimal digits; white space around them is passed over.
    ///
    /// # Errors
    /// [`Error::DigestKey`] for anything else.
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let digits = text.trim().as_bytes();
        if digits.len() != 2 * KEY_BYTES {
            return Err(Error::DigestKey);
        }
        let mut bytes = Box::new(Zeroizing::new([0; KEY_BYTES]));
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let value = |digit: u8| char::from(digit).to_digit(16).ok_or(Error::DigestKey);
            *byte = (value(pair[0])? << 4 | value(pair[1])?) as u8;
        }
        Ok(Self::new(bytes))
    }

    /// The key as 64 hexadecimal digits, in a string that is wiped when dropped.
    #[must_use]
    pub fn to_hex(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(2 * KEY_BYTES));
        for byte in self.bytes.iter() {
            for half in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(u32::from(half), 16));
            }
        }
        text
    }

    /// A key of its own for `purpose`: whoever has it learns nothing of this one, or of those for other purposes.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let tag = hmac::sign(&self.hmac, [b"derive\0", purpose.as_bytes()].concat().as_slice());
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(tag.as_ref());
        key
    }

    /// The first 64 bits of the digest of `text`. `domain` keeps kinds of text apart: an account and a customer
    /// of the same digits have nothing in common.
    #[must_use]
    pub fn digest(&self, domain: &str, text: &str) -> u64 {
        let mut context = hmac::Context::with_key(&self.hmac);
        // The length keeps domain and text apart.
        context.update(&(domain.len() as u64).to_be_bytes());
        context.update(domain.as_bytes());
        context.update(text.as_bytes());
        let tag = context.sign();
        tag.as_ref().iter().take(8).fold(0, |value, byte| value << 8 | u64::from(*byte))
    }

    fn new(bytes: Box<Zeroizing<[u8; KEY_BYTES]>>) -> Self {
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, bytes.as_slice());
        Self { bytes, hmac }
    }
}

impl fmt::Debug for DigestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestKey(secret redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_ring() {
        let key = DigestKey::from_hex(&"0f".repeat(KEY_BYTES)).unwrap();
        let other = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &[0x0f; KEY_BYTES]);
        let tag = ring::hmac::sign(&other, b"\0\0\0\0\0\0\0\x07account6222");
        assert_eq!(key.digest("account", "6222").to_be_bytes(), tag.as_ref()[..8]);
        assert_ne!(key.digest("accoun", "t6222"), key.digest("account", "6222"));
    }

    #[test]
    fn only_hexadecimal_text_of_the_right_length_is_a_key() {
        let hex = "00112233445566778899AABBccddeeff00112233445566778899aabbccddeeff";
        let key = DigestKey::from_hex(&format!(" {hex}\n")).unwrap();
        assert_eq!(*key.to_hex(), hex.to_lowercase());
        for wrong in ["", &hex[2..], &format!("{hex}00"), &hex.replace('3', "g"), &hex.replace("33", "\u{e9}")] {
            assert!(DigestKey::from_hex(wrong).is_err(), "{wrong}");
        }
        assert!(!format!("{key:?}").contains("33"));
    }
}
