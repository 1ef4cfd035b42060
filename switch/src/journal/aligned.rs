//! Memory at addresses that direct IO accepts.
//!
//! Invariant: an [`AlignedBuffer`] starts at a multiple of [`BLOCK_BYTES`], has a length that is a multiple of it, and is
//! initialised from its birth. The only unsafe code of the journal besides `ring.rs`.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

use super::frame::BLOCK_BYTES;

/// Owned bytes for direct IO; read and written as a slice.
pub struct AlignedBuffer {
    /// What was allocated: a block more than is used.
    allocation: NonNull<u8>,
    layout: Layout,
    /// The first aligned byte of it.
    start: NonNull<u8>,
    bytes: usize,
}

impl AlignedBuffer {
    /// Zeroed memory of at least `bytes`, rounded up to whole blocks (at least one). Pages of a large buffer cost nothing until
    /// they are used.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        let bytes = bytes.max(1).next_multiple_of(BLOCK_BYTES);
        // Aligned here rather than by the allocator: for large alignments the standard one zeroes by hand, touching every page.
        let layout =
            Layout::from_size_align(bytes + BLOCK_BYTES, 1).expect("a buffer is smaller than the address space");
        // SAFETY: the layout has a size above zero.
        let allocation = unsafe { alloc_zeroed(layout) };
        let Some(allocation) = NonNull::new(allocation) else { handle_alloc_error(layout) };
        let skip = allocation.align_offset(BLOCK_BYTES);
        // SAFETY: `skip` is less than a block, and a block more than `bytes` was allocated.
        let start = unsafe { allocation.add(skip) };
        Self { allocation, layout, start, bytes }
    }
}

impl Deref for AlignedBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `start` points at `bytes` initialised bytes that this value owns until it is dropped.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.bytes) }
    }
}

impl DerefMut for AlignedBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `deref`, and `&mut self` makes this the only reference.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.bytes) }
    }
}

impl Drop for AlignedBuffer {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this very layout, and dropped once.
        unsafe { dealloc(self.allocation.as_ptr(), self.layout) }
    }
}

// SAFETY: plain owned bytes without interior mutability; the pointer is not shared with anything else.
unsafe impl Send for AlignedBuffer {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for AlignedBuffer {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_aligned_zeroed_and_rounded_up() {
        for (asked, given) in [(0, 4096), (1, 4096), (4096, 4096), (4097, 8192)] {
            let mut buffer = AlignedBuffer::new(asked);
            assert_eq!(buffer.len(), given);
            assert_eq!(buffer.as_ptr() as usize % BLOCK_BYTES, 0);
            assert!(buffer.iter().all(|byte| *byte == 0));
            buffer.fill(7);
            assert!(buffer.iter().all(|byte| *byte == 7));
        }
    }
}
