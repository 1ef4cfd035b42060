//! Decryption of a file.

use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use super::chunk::ChunkCipher;
use super::{CHUNK_BYTES_MAX, FileCipher, FileKey, HEADER_BYTES, MAGIC, TAG_BYTES};
use crate::error::Error;

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

    fn chunk(&mut self, range: Range<usize>, is_last: bool, out: &mut Vec<u8>) -> Result<(), Error> {
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

impl fmt::Debug for FileOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileOpener({}, key redacted)", self.cipher.cipher())
    }
}
