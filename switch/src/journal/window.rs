//! A moving window over one segment: aligned reads, bounded memory.
//!
//! Invariant: holds at most what was asked for or [`WINDOW_BYTES`], whichever is more. Used by recovery and inspection;
//! replay reads ahead instead.

use std::io;

use super::aligned::AlignedBuffer;
use super::frame::BLOCK_BYTES;
use super::storage::StoredFile;

const WINDOW_BYTES: usize = 4 << 20;

/// See the module head.
pub(crate) struct Window<'f> {
    file: &'f dyn StoredFile,
    buffer: AlignedBuffer,
    start: u64,
    filled: usize,
    /// Nothing is read beyond this.
    end: u64,
}

impl<'f> Window<'f> {
    /// Over the first `end` bytes of `file`.
    pub(crate) fn new(file: &'f dyn StoredFile, end: u64) -> Self {
        let bytes = usize::try_from(end).unwrap_or(usize::MAX).min(WINDOW_BYTES);
        Self { file, buffer: AlignedBuffer::new(bytes), start: 0, filled: 0, end }
    }

    /// `bytes` bytes from `at` (both whole blocks), fewer at the end.
    pub(crate) fn get(&mut self, at: u64, bytes: u64) -> io::Result<&[u8]> {
        let bytes = usize::try_from(bytes.min(self.end.saturating_sub(at))).unwrap_or(usize::MAX);
        let within = at.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let skip = match within.filter(|skip| skip + bytes <= self.filled) {
            Some(skip) => skip,
            None => {
                self.fill(at, bytes)?;
                0
            }
        };
        let end = (skip + bytes).min(self.filled);
        Ok(self.buffer.get(skip..end).unwrap_or_default())
    }

    fn fill(&mut self, at: u64, bytes: usize) -> io::Result<()> {
        if bytes > self.buffer.len() {
            self.buffer = AlignedBuffer::new(bytes);
        }
        let wanted = usize::try_from(self.end.saturating_sub(at)).unwrap_or(usize::MAX).min(self.buffer.len());
        let wanted = wanted.next_multiple_of(BLOCK_BYTES).min(self.buffer.len());
        (self.start, self.filled) = (at, 0);
        self.filled = self.file.read_at(&mut self.buffer[..wanted], at)?;
        Ok(())
    }
}
