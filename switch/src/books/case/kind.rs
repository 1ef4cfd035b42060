//! What can be wrong.

use serde::{Deserialize, Serialize};

/// Kinds of findings. The words stand in entries and files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CaseKind {
    /// The journal, read again, comes to other sums of a batch than the live ones: the batch is stopped.
    Recomputation,
    /// The positions of a batch do not add up to nothing: the batch is stopped.
    Unbalanced,
    /// A batch was not sealed when a session, or an accounting day, had to go.
    LateBatch,
    /// The large-value system has refused an order.
    OrderRejected,
    /// The large-value system has not answered an order in time.
    OrderUnanswered,
    /// An answer of the large-value system that cannot be read, or contradicts what is known.
    BadAnswer,
    /// A reserve account could not be booked by its deadline.
    ReserveLate,
    /// One row of a comparison: the amounts differ.
    AmountDiffers,
    /// One row of a comparison: the states differ.
    StateDiffers,
    /// One row of a comparison that only the switch has.
    OnlyOurs,
    /// One row of a comparison that only the participant has.
    OnlyTheirs,
    /// More rows of a comparison than get a case each; they stand in its file.
    ManyDifferences,
    /// Sub-ledger and general ledger differ at day-end: the amount is in suspense.
    Suspense,
    /// Something of the books could not be done and is tried again.
    Failure,
}

impl CaseKind {
    /// All, in order.
    pub const ALL: [Self; 14] = [
        Self::Recomputation,
        Self::Unbalanced,
        Self::LateBatch,
        Self::OrderRejected,
        Self::OrderUnanswered,
        Self::BadAnswer,
        Self::ReserveLate,
        Self::AmountDiffers,
        Self::StateDiffers,
        Self::OnlyOurs,
        Self::OnlyTheirs,
        Self::ManyDifferences,
        Self::Suspense,
        Self::Failure,
    ];

    /// For people and files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Recomputation => "recomputation",
            Self::Unbalanced => "unbalanced",
            Self::LateBatch => "late-batch",
            Self::OrderRejected => "order-rejected",
            Self::OrderUnanswered => "order-unanswered",
            Self::BadAnswer => "bad-answer",
            Self::ReserveLate => "reserve-late",
            Self::AmountDiffers => "amount-differs",
            Self::StateDiffers => "state-differs",
            Self::OnlyOurs => "only-ours",
            Self::OnlyTheirs => "only-theirs",
            Self::ManyDifferences => "many-differences",
            Self::Suspense => "suspense",
            Self::Failure => "failure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_entries() {
        for kind in CaseKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.word());
        }
    }
}
