//! Payments in chunks: growing never moves one, and never asks for a giant block. A slot that was vacated is taken again.
//!
//! Invariant: a vacated slot has the key 0, which no payment has, and the number of the next vacated one where a payment has its
//! batch: so what is free costs no memory beside its own.

use crate::domain::Payment;

/// 113 payments of 144 bytes are 16,272: just under 16 KiB, so that no allocator's size class wastes a tenth of it.
pub(super) const CHUNK_PAYMENTS: usize = 113;

/// No slot.
const NONE: u32 = u32::MAX;

/// The payments of one shard, by slot number.
#[derive(Debug)]
pub(super) struct Slots {
    /// Each has room for exactly [`CHUNK_PAYMENTS`]; all but the last are full.
    chunks: Vec<Vec<Payment>>,
    /// The slot vacated last.
    vacated: u32,
}

impl Default for Slots {
    fn default() -> Self {
        Self { chunks: Vec::new(), vacated: NONE }
    }
}

impl Slots {
    /// Slots, vacated ones too.
    pub(super) fn len(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1) * CHUNK_PAYMENTS;
        self.chunks.last().map_or(0, |last| full + last.len())
    }

    /// Puts a payment into a vacated slot, or behind the last; the number of its slot.
    pub(super) fn put(&mut self, payment: Payment) -> u32 {
        if self.vacated == NONE {
            return self.push(payment);
        }
        let slot = self.vacated;
        let before = std::mem::replace(self.get_mut(slot), payment);
        self.vacated = before.batch;
        slot
    }

    fn push(&mut self, payment: Payment) -> u32 {
        let slot = u32::try_from(self.len()).ok().filter(|slot| *slot != NONE);
        let slot = slot.expect("a shard holds fewer than 2^32 - 1 payments");
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

    /// Empties a slot, which must hold a payment.
    pub(super) fn vacate(&mut self, slot: u32) {
        let next = self.vacated;
        let payment = self.get_mut(slot);
        debug_assert!(payment.trx_id != 0, "a slot is vacated once");
        payment.trx_id = 0;
        payment.batch = next;
        self.vacated = slot;
    }

    pub(super) fn get(&self, slot: u32) -> &Payment {
        let slot = slot as usize;
        &self.chunks[slot / CHUNK_PAYMENTS][slot % CHUNK_PAYMENTS]
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> &mut Payment {
        let slot = slot as usize;
        &mut self.chunks[slot / CHUNK_PAYMENTS][slot % CHUNK_PAYMENTS]
    }

    /// The payments from slot `from` to the end of its chunk, and the first slot behind; none behind the last slot.
    pub(super) fn run(&self, from: usize) -> Option<(impl Iterator<Item = &Payment>, usize)> {
        let run = self.chunks.get(from / CHUNK_PAYMENTS)?.get(from % CHUNK_PAYMENTS..)?;
        (!run.is_empty()).then(|| (run.iter().filter(is_taken), from + run.len()))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Payment> {
        self.chunks.iter().flatten().filter(is_taken)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let payments: usize = self.chunks.iter().map(|chunk| chunk.capacity() * size_of::<Payment>()).sum();
        payments + self.chunks.capacity() * size_of::<Vec<Payment>>()
    }
}

fn is_taken(slot: &&Payment) -> bool {
    slot.trx_id != 0
}
