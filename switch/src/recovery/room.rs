//! Memory that is restored holds no more than it may: what is on a shelf leaves it first.

use super::Memory;
use crate::domain::Payment;
use crate::error::Error;

/// Whether a payment may stay on its shelf: nothing is left to do for it.
pub(super) fn may_leave(payment: &Payment) -> bool {
    payment.is_final() && !payment.is_unfinished()
}

/// Makes room for so many more payments, as far as that can be done.
pub(super) fn make_room(memory: &Memory, payments: usize) -> Result<(), Error> {
    if memory.table.len().saturating_add(payments) > memory.table.payments_max() {
        shed(memory)?;
    }
    Ok(())
}

/// Takes what is on a shelf out of the memory; how many payments.
pub(super) fn shed(memory: &Memory) -> Result<usize, Error> {
    memory.shelves.shed(&memory.table, &may_leave, &mut |_| {})
}
