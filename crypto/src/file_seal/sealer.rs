//! Encryption of a file.

use std::fmt;

use super::chunk::ChunkCipher;
use super::{CHUNK_BYTES, FileCipher, FileKey, HEADER_BYTES, MAGIC};
use crate::error::Error;

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

impl fmt::Debug for FileSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileSealer({}, key redacted)", self.cipher.cipher())
    }
}
