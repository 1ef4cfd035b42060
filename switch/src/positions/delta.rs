//! What one change of a payment does to the books.

use clearway_codec::value::{BatchId, BeijingTime, DisputeBatchId};

use crate::domain::business::rules;
use crate::domain::clearing::BatchName;
use crate::domain::register::RegisterRule;
use crate::domain::transaction::{Payment, Phase};

/// The batches that a change concerns; most changes concern none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Delta {
    /// Its unfinished payments become one fewer.
    pub(super) leaves: Option<BatchName>,
    /// They become one more.
    pub(super) enters: Option<BatchName>,
    /// The payment is booked in it.
    pub(super) books: Option<BatchName>,
}

impl Delta {
    /// From one after-image, none for a payment that begins, to the next.
    pub(super) fn between(before: Option<&Payment>, after: &Payment) -> Self {
        let (was, is) = (before.and_then(unfinished_in), unfinished_in(after));
        let becomes_final = after.is_final() && before.is_none_or(|before| !before.is_final());
        let books = if becomes_final { booked_in(after) } else { None };
        if was == is { Self { books, ..Self::default() } } else { Self { leaves: was, enters: is, books } }
    }

    /// Whether the books have nothing to do with it.
    pub(super) const fn is_none(&self) -> bool {
        self.leaves.is_none() && self.enters.is_none() && self.books.is_none()
    }

    /// The batch that the payment was not in before.
    pub(super) fn new_in(&self) -> Option<BatchName> {
        self.enters.or_else(|| self.books.filter(|booked| self.leaves != Some(*booked)))
    }
}

/// The batch that waits for the payment. None waits for one that rests with a person: it is in no batch until its rest ends. The
/// batch of adjustments waits for an adjustment, whose own money stands in its case.
fn unfinished_in(payment: &Payment) -> Option<BatchName> {
    if payment.is_final() || payment.phase == Phase::Waiting {
        return None;
    }
    let row = rules(payment.business);
    if row.moves_money {
        BatchId::from_u32(payment.batch).map(BatchName::payments)
    } else if row.register == RegisterRule::Adjust {
        let accepted_at = BeijingTime::from_unix_micros(payment.accepted_at_us);
        Some(BatchName::disputes(DisputeBatchId::at(accepted_at)))
    } else {
        None
    }
}

fn booked_in(payment: &Payment) -> Option<BatchName> {
    if !rules(payment.business).moves_money {
        return None;
    }
    BatchId::from_u32(payment.batch).map(BatchName::payments)
}
