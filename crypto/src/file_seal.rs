//! Files encrypted under a key that both sides have: the detail files of statements under a participant's key of the day.
//!
//! ```text
//!  file    header (16): "CLWYFILE", cipher u8 (1 aes-256, 2 sm4), 3 zeros, chunk length u32 big-endian
//!          chunks, each: tag (16) | cipher text, as long as the clear text; all but the last hold `chunk length` bytes
//!
//!  mac key     = HMAC( day key, "authenticate" 00 name )             name: that of the file, without folder
//!  cipher key  = HMAC( day key, "encrypt" 00 name )                  all 32 bytes for AES-256, the first 16 for SM4
//!  tag         = first 16 bytes of HMAC( mac key, header | number of the chunk u64 big-endian, from 0 | 01 if last, else 00 | clear text )
//!  cipher text = CTR( cipher key, first counter block = tag, clear text )       128 bits counted, big-endian
//! ```
//!
//! HMAC is with SHA-256 for aes-256 and with SM3 for sm4. This is the SIV construction (RFC 5297) with HMAC as its PRF: the tag is
//! both the proof and the nonce, so nothing random is needed, the same file gives the same bytes, and two different files under one
//! name (a statement made anew) do not share a key stream. What shows is the length, and whether two files of one name are equal.
//!
//! Invariant: nothing of a chunk is given out before its tag has been compared; a file that is cut off, or whose chunks were moved or
//! came from another file, is refused.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;
use hmac::{Hmac, KeyInit, Mac};
use sm3::Sm3;
use sm4::Sm4;
use sm4::cipher::{KeyIvInit, StreamCipher};
use zeroize::Zeroizing;

use crate::error::Error;

/// Length of the header.
pub const HEADER_BYTES: usize = 16;
/// Longest clear text of a chunk, as we write them.
pub const CHUNK_BYTES: usize = 64 * 1024;

const MAGIC: &[u8; 8] = b"CLWYFILE";
const TAG_BYTES: usize = 16;
/// Length of a day's key.
const KEY_BYTES: usize = 32;
/// Longest chunk that is read.
const CHUNK_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How a file is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileCipher {
    /// AES-256 in counter mode, HMAC-SHA256.
    Aes256,
    /// SM4 in counter mode, HMAC-SM3.
    Sm4,
}

impl FileCipher {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Aes256, Self::Sm4];

    /// Its name in configuration and key files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes256 => "aes-256",
            Self::Sm4 => "sm4",
        }
    }

    const fn number(self) -> u8 {
        match self {
            Self::Aes256 => 1,
            Self::Sm4 => 2,
        }
    }
}

impl fmt::Display for FileCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for FileCipher {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|one| one.name() == name).ok_or(())
    }
}

/// A key of 32 bytes for files, wiped when dropped.
#[derive(Clone)]
pub struct FileKey {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
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

/// What chunks of one file are sealed and opened with.
struct ChunkCipher {
    form: Form,
    mac_key: Zeroizing<[u8; KEY_BYTES]>,
    header: [u8; HEADER_BYTES],
    /// Number of the next chunk.
    number: u64,
}

enum Form {
    Aes256(Box<EncryptingKey>),
    Sm4(Zeroizing<[u8; 16]>),
}

impl ChunkCipher {
    fn new(cipher: FileCipher, key: &FileKey, name: &str, header: [u8; HEADER_BYTES]) -> Result<Self, Error> {
        let derive = |purpose: &str| mac(cipher, &*key.bytes, &[purpose.as_bytes(), &[0], name.as_bytes()]);
        let (cipher_key, mac_key) = (derive("encrypt"), derive("authenticate"));
        let form = match cipher {
            FileCipher::Aes256 => {
                let key = UnboundCipherKey::new(&AES_256, &*cipher_key).and_then(EncryptingKey::ctr);
                Form::Aes256(Box::new(key.map_err(|_| Error::FileSeal)?))
            }
            FileCipher::Sm4 => {
                let mut half = Zeroizing::new([0; 16]);
                half.copy_from_slice(&cipher_key[..16]);
                Form::Sm4(half)
            }
        };
        Ok(Self { form, mac_key, header, number: 0 })
    }

    const fn cipher(&self) -> FileCipher {
        match self.form {
            Form::Aes256(_) => FileCipher::Aes256,
            Form::Sm4(_) => FileCipher::Sm4,
        }
    }

    fn tag(&self, clear: &[u8], is_last: bool) -> [u8; TAG_BYTES] {
        let parts = [&self.header[..], &self.number.to_be_bytes(), &[u8::from(is_last)], clear];
        let whole = mac(self.cipher(), &*self.mac_key, &parts);
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(&whole[..TAG_BYTES]);
        tag
    }

    /// There and back again: counter mode is its own inverse.
    fn apply(&self, tag: [u8; TAG_BYTES], bytes: &mut [u8]) -> Result<(), Error> {
        match &self.form {
            Form::Aes256(key) => {
                let context = EncryptionContext::Iv128(FixedLength::from(tag));
                key.less_safe_encrypt(bytes, context).map(drop).map_err(|_| Error::FileSeal)
            }
            Form::Sm4(key) => {
                let mut stream = ctr::Ctr128BE::<Sm4>::new((&**key).into(), (&tag).into());
                stream.try_apply_keystream(bytes).map_err(|_| Error::FileSeal)
            }
        }
    }
}

fn mac(cipher: FileCipher, key: &[u8], parts: &[&[u8]]) -> Zeroizing<[u8; KEY_BYTES]> {
    let mut whole = Zeroizing::new([0; KEY_BYTES]);
    match cipher {
        FileCipher::Aes256 => {
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
            let mut context = aws_lc_rs::hmac::Context::with_key(&key);
            parts.iter().for_each(|part| context.update(part));
            whole.copy_from_slice(context.sign().as_ref());
        }
        FileCipher::Sm4 => {
            let mut context = Hmac::<Sm3>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
            parts.iter().for_each(|part| context.update(part));
            whole.copy_from_slice(&context.finalize().into_bytes());
        }
    }
    whole
}

/// Encrypts one file, piece by piece.
pub struct FileSealer {
    cipher: ChunkCipher,
    /// Clear text that fills no chunk yet, or the last one perhaps.
    waiting: Vec<u8>,
    has_begun: bool,
}

impl FileSealer {
    /// For the file of this name, without folder.
    ///
    /// # Errors
    /// [`Error::FileSeal`] when the library fails.
    pub fn new(cipher: FileCipher, key: &FileKey, name: &str) -> Result<Self, Error> {
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(MAGIC);
        header[8] = cipher.number();
        header[12..].copy_from_slice(&(CHUNK_BYTES as u32).to_be_bytes());
        let cipher = ChunkCipher::new(cipher, key, name, header)?;
        Ok(Self { cipher, waiting: Vec::with_capacity(CHUNK_BYTES), has_begun: false })
    }

    /// Takes the next clear bytes and appends what can be written of the file to `out`.
    ///
    /// # Errors
    /// [`Error::FileSeal`] when the library fails.
    pub fn seal(&mut self, clear: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        if !self.has_begun {
            out.extend_from_slice(&self.cipher.header);
            self.has_begun = true;
        }
        let mut rest = clear;
        while !rest.is_empty() {
            if self.waiting.len() == CHUNK_BYTES {
                self.chunk(false, out)?;
            }
            let (now, later) = rest.split_at(rest.len().min(CHUNK_BYTES - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            rest = later;
        }
        Ok(())
    }

    /// Appends the end of the file.
    ///
    /// # Errors
    /// [`Error::FileSeal`] when the library fails.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.seal(&[], out)?;
        self.chunk(true, out)
    }

    fn chunk(&mut self, is_last: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        let tag = self.cipher.tag(&self.waiting, is_last);
        self.cipher.apply(tag, &mut self.waiting)?;
        out.extend_from_slice(&tag);
        out.extend_from_slice(&self.waiting);
        self.waiting.clear();
        self.cipher.number += 1;
        Ok(())
    }
}

/// Decrypts one file, piece by piece.
pub struct FileOpener {
    cipher: ChunkCipher,
    chunk_bytes: usize,
    /// Cipher text that is no whole chunk yet, or perhaps the last one.
    waiting: Vec<u8>,
}

impl FileOpener {
    /// For the file of this name, which begins with this header.
    ///
    /// # Errors
    /// [`Error::FileUnreadable`] when it is none.
    pub fn new(key: &FileKey, name: &str, header: &[u8; HEADER_BYTES]) -> Result<Self, Error> {
        let [magic @ .., number, 0, 0, 0, a, b, c, d] = *header else { return Err(Error::FileUnreadable) };
        let cipher = FileCipher::ALL.into_iter().find(|cipher| cipher.number() == number);
        let chunk_bytes = u32::from_be_bytes([a, b, c, d]) as usize;
        match cipher {
            Some(cipher) if magic == *MAGIC && (1..=CHUNK_BYTES_MAX).contains(&chunk_bytes) => {
                let cipher = ChunkCipher::new(cipher, key, name, *header)?;
                Ok(Self { cipher, chunk_bytes, waiting: Vec::new() })
            }
            _ => Err(Error::FileUnreadable),
        }
    }

    /// Takes the next bytes of the file and appends the clear text of whole chunks to `out`.
    ///
    /// # Errors
    /// [`Error::FileUnreadable`] when a chunk is not as it was written, or the key is another one.
    pub fn open(&mut self, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.waiting.extend_from_slice(sealed);
        let whole = TAG_BYTES + self.chunk_bytes;
        let mut done = 0;
        // The last chunk is known by nothing coming behind it.
        while self.waiting.len() - done > whole {
            self.chunk(done..done + whole, false, out)?;
            done += whole;
        }
        self.waiting.drain(..done);
        Ok(())
    }

    /// Appends the clear text of the last chunk.
    ///
    /// # Errors
    /// [`Error::FileUnreadable`], also when the file was cut off.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.chunk(0..self.waiting.len(), true, out)
    }

    fn chunk(&mut self, range: std::ops::Range<usize>, is_last: bool, out: &mut Vec<u8>) -> Result<(), Error> {
        let chunk = self.waiting.get(range).ok_or(Error::FileUnreadable)?;
        let (tag, sealed) = chunk.split_first_chunk::<TAG_BYTES>().ok_or(Error::FileUnreadable)?;
        let mut clear = Zeroizing::new(sealed.to_vec());
        self.cipher.apply(*tag, &mut clear)?;
        let expected = self.cipher.tag(&clear, is_last);
        aws_lc_rs::constant_time::verify_slices_are_equal(&expected, tag).map_err(|_| Error::FileUnreadable)?;
        self.cipher.number += 1;
        out.extend_from_slice(&clear);
        Ok(())
    }
}

impl fmt::Debug for FileSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileSealer({}, key redacted)", self.cipher.cipher())
    }
}

impl fmt::Debug for FileOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileOpener({}, key redacted)", self.cipher.cipher())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTHS: [usize; 6] = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES];

    fn key() -> FileKey {
        FileKey::from_hex(&"0a".repeat(KEY_BYTES)).unwrap()
    }

    fn clear(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    fn seal(cipher: FileCipher, name: &str, clear: &[u8], piece: usize) -> Vec<u8> {
        let (mut sealer, mut out) = (FileSealer::new(cipher, &key(), name).unwrap(), Vec::new());
        clear.chunks(piece).for_each(|piece| sealer.seal(piece, &mut out).unwrap());
        sealer.finish(&mut out).unwrap();
        out
    }

    fn open(key: &FileKey, name: &str, sealed: &[u8], piece: usize) -> Result<Vec<u8>, Error> {
        let (header, body) = sealed.split_first_chunk().ok_or(Error::FileUnreadable)?;
        let (mut opener, mut out) = (FileOpener::new(key, name, header)?, Vec::new());
        body.chunks(piece).try_for_each(|piece| opener.open(piece, &mut out))?;
        opener.finish(&mut out)?;
        Ok(out)
    }

    #[test]
    fn a_file_opens_to_what_it_was_whatever_the_pieces() {
        for cipher in FileCipher::ALL {
            assert_eq!(cipher.name().parse(), Ok(cipher));
            for length in LENGTHS {
                let clear = clear(length);
                let sealed = seal(cipher, "a", &clear, 1_000);
                assert_eq!(sealed, seal(cipher, "a", &clear, CHUNK_BYTES * 2), "the same bytes");
                assert_eq!(sealed.len(), HEADER_BYTES + length + 16 * length.div_ceil(CHUNK_BYTES).max(1));
                for piece in [17, CHUNK_BYTES + 16, 1 << 20] {
                    assert_eq!(open(&key(), "a", &sealed, piece).unwrap(), clear, "{cipher}, {length}, {piece}");
                }
            }
        }
    }

    #[test]
    fn a_file_that_was_touched_does_not_open() {
        let other = FileKey::from_hex(&"0b".repeat(KEY_BYTES)).unwrap();
        for cipher in FileCipher::ALL {
            let sealed = seal(cipher, "a", &clear(2 * CHUNK_BYTES + 5), 4_096);
            let whole = CHUNK_BYTES + 16;
            let mut swapped = sealed.clone();
            swapped[HEADER_BYTES..HEADER_BYTES + 2 * whole].rotate_left(whole);
            let dropped = [&sealed[..HEADER_BYTES], &sealed[HEADER_BYTES + whole..]].concat();
            assert!(open(&other, "a", &sealed, 999).is_err(), "another key");
            assert!(open(&key(), "b", &sealed, 999).is_err(), "another name");
            assert!(open(&key(), "a", &swapped, 999).is_err(), "chunks in another order");
            assert!(open(&key(), "a", &dropped, 999).is_err(), "a chunk less");
            for cut in [0, 8, HEADER_BYTES, HEADER_BYTES + 15, HEADER_BYTES + whole, sealed.len() - 1] {
                assert!(open(&key(), "a", &sealed[..cut], 999).is_err(), "cut at {cut}");
            }
            for at in [0, 8, 9, 12, 15, 16, 40, sealed.len() - 1] {
                let mut touched = sealed.clone();
                touched[at] ^= 1;
                assert!(open(&key(), "a", &touched, 999).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn a_key_is_64_digits_and_never_shown() {
        assert_eq!(*key().to_hex(), "0a".repeat(KEY_BYTES));
        for wrong in ["", "0a", &"0g".repeat(KEY_BYTES), &"0a".repeat(KEY_BYTES + 1)] {
            assert!(FileKey::from_hex(wrong).is_err(), "{wrong}");
        }
        assert!(!format!("{:?}", key()).contains("0a"));
    }
}
