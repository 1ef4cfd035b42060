//! Rows in chunks: growing never moves one, and never asks for a giant block.

/// A chunk stays just under 16 KiB, so that no allocator's size class wastes a tenth of it.
const CHUNK_BYTES: usize = 16_272;

/// The rows of one register in one shard, by number.
#[derive(Debug)]
pub(super) struct Rows<T> {
    /// Each has room for exactly [`Rows::CHUNK_ROWS`]; all but the last are full.
    chunks: Vec<Vec<T>>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<T> Rows<T> {
    const CHUNK_ROWS: usize = CHUNK_BYTES / size_of::<T>();

    pub(super) fn len(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1) * Self::CHUNK_ROWS;
        self.chunks.last().map_or(0, |last| full + last.len())
    }

    /// Puts a row behind the last; its number.
    pub(super) fn push(&mut self, value: T) -> u32 {
        let row = u32::try_from(self.len()).expect("a shard holds fewer than 2^32 rows");
        match self.chunks.last_mut() {
            Some(last) if last.len() < Self::CHUNK_ROWS => last.push(value),
            _ => {
                let mut chunk = Vec::with_capacity(Self::CHUNK_ROWS);
                chunk.push(value);
                self.chunks.push(chunk);
            }
        }
        row
    }

    pub(super) fn get(&self, row: u32) -> &T {
        let row = row as usize;
        &self.chunks[row / Self::CHUNK_ROWS][row % Self::CHUNK_ROWS]
    }

    pub(super) fn get_mut(&mut self, row: u32) -> &mut T {
        let row = row as usize;
        &mut self.chunks[row / Self::CHUNK_ROWS][row % Self::CHUNK_ROWS]
    }

    /// From row `from` on, at most one chunk; empty when there is none.
    pub(super) fn run(&self, from: usize) -> &[T] {
        let chunk = self.chunks.get(from / Self::CHUNK_ROWS);
        chunk.and_then(|chunk| chunk.get(from % Self::CHUNK_ROWS..)).unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.chunks.iter().flatten()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let rows: usize = self.chunks.iter().map(|chunk| chunk.capacity() * size_of::<T>()).sum();
        rows + self.chunks.capacity() * size_of::<Vec<T>>()
    }
}
