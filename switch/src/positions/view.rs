//! What is known of a batch that is not settled yet.

use crate::domain::clearing::BatchName;

/// One batch as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchView {
    /// Which.
    pub batch: BatchName,
    /// Whether nothing enters it any more.
    pub is_closed: bool,
    /// Unfinished payments, or adjustments, that it waits for.
    pub open: u64,
    /// Payments booked in it; 0 in a batch of adjustments, whose money stands in the cases.
    pub booked: u64,
    /// The sum of all positions, fen: 0, or the books are wrong.
    pub sum_fen: i128,
    /// A journal position before which no record makes a payment of the batch final; 0 when none is known.
    pub first_position: u64,
}
