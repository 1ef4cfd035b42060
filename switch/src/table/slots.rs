//! Payments in chunks: growing never moves one, and never asks for a giant block.

use crate::domain::Payment;

/// 113 payments of 144 bytes are 16,272: just under 16 KiB, so that no allocator's size class wastes a tenth of it.
pub(super) const CHUNK_PAYMENTS: usize = 113;

/// The payments of one shard, by slot number.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// Each has room for exactly [`CHUNK_PAYMENTS`]; all but the last are full.
    chunks: Vec<Vec<Payment>>,
}

impl Slots {
    pub(super) fn len(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1) * CHUNK_PAYMENTS;
        self.chunks.last().map_or(0, |last| full + last.len())
    }

    /// Puts a payment behind the last; the number of its slot.
    pub(super) fn push(&mut self, payment: Payment) -> u32 {
        let slot = u32::try_from(self.len()).expect("a shard holds fewer than 2^32 payments");
        match self.chunks.last_mut() {
            Some(last) if last.len() < CHUNK_PAYMENTS => last.push(payment),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK_PAYMENTS);
                chunk.push(payment);
                self.chunks.push(chunk);
            }
        }
        slot
    }

    pub(super) fn get(&self, slot: u32) -> &Payment {
        let slot = slot as usize;
        &self.chunks[slot / CHUNK_PAYMENTS][slot % CHUNK_PAYMENTS]
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> &mut Payment {
        let slot = slot as usize;
        &mut self.chunks[slot / CHUNK_PAYMENTS][slot % CHUNK_PAYMENTS]
    }

    /// From slot `from` on, at most one chunk; empty when there is none.
    pub(super) fn run(&self, from: usize) -> &[Payment] {
        let chunk = self.chunks.get(from / CHUNK_PAYMENTS);
        chunk.and_then(|chunk| chunk.get(from % CHUNK_PAYMENTS..)).unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Payment> {
        self.chunks.iter().flatten()
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let payments: usize = self.chunks.iter().map(|chunk| chunk.capacity() * size_of::<Payment>()).sum();
        payments + self.chunks.capacity() * size_of::<Vec<Payment>>()
    }
}
