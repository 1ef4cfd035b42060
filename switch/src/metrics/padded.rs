//! Keeps a value on cache lines of its own.

use std::ops::Deref;

/// A value aligned to 128 bytes (two lines: the neighbour is fetched along by the prefetcher), so that two workers
/// never write the same line.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Padded<T>(pub(super) T);

impl<T> Deref for Padded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
