//! What a chunk of a checkpoint holds.
//!
//! ```text
//!  0 kind u64 little-endian: 1 payments, 2 register images    8 the chunk as its owner wrote it, to the end
//! ```

use super::Memory;
use super::room::make_room;
use crate::domain::transaction::{Corrupt, PAYMENT_BYTES};
use crate::error::{Error, Fault};

/// The owner of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Chunk {
    /// The table.
    Payments = 1,
    /// The registers.
    Registers = 2,
}

/// Bytes before the owner's own.
const HEAD_BYTES: usize = 8;

impl Chunk {
    /// Makes `chunk` an empty one of this kind.
    pub fn begin(self, chunk: &mut Vec<u8>) {
        chunk.clear();
        chunk.extend_from_slice(&(self as u64).to_le_bytes());
    }

    /// Gives a chunk to its owner; how many payments it held.
    ///
    /// # Errors
    /// Bytes that are none.
    pub(super) fn load(chunk: &[u8], memory: &Memory) -> Result<usize, Error> {
        let failed = |why: &dyn std::error::Error| Error::new(Fault::Data, format!("the checkpoint: {why}"));
        let Some((head, rest)) = chunk.split_first_chunk::<HEAD_BYTES>() else {
            return Err(failed(&Corrupt("a chunk without a head")));
        };
        match u64::from_le_bytes(*head) {
            1 => {
                make_room(memory, rest.len() / PAYMENT_BYTES)?;
                memory.table.load(rest).map_err(|error| failed(&error))
            }
            2 => memory.registers.load(rest).map(|_| 0).map_err(|error| failed(&error)),
            _ => Err(failed(&Corrupt("a chunk of no known kind"))),
        }
    }
}
