//! Memory that is restored holds no more than it may: what is on a shelf leaves it first.

use super::Memory;
use crate::error::Error;

/// Makes room for so many more payments, as far as that can be done.
pub(super) fn make_room(memory: &Memory, payments: usize) -> Result<(), Error> {
    if memory.table.len().saturating_add(payments) > memory.table.payments_max() {
        shed(memory)?;
    }
    Ok(())
}

/// Takes what is on a shelf out of the memory; how many payments. Whatever they are here: the shelf has them as they were later, when
/// nothing was left to do for them.
pub(super) fn shed(memory: &Memory) -> Result<usize, Error> {
    memory.shelves.shed(&memory.table, &|_| true, &mut |_| {})
}
