//! What differs, and what is proposed to be done about it.

use clearway_codec::value::TrxStatus;

use super::ComparedRow;
use crate::domain::clearing::Side;

/// What a row of either side, or a pair of them, comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Both have it, alike.
    Matched,
    /// Both have it, with different amounts.
    AmountDiffers,
    /// Both have it with the same amount, and different statuses.
    StateDiffers,
    /// The statement has it, the participant does not.
    OnlyOurs,
    /// The participant has it, the statement does not.
    OnlyTheirs,
}

impl Class {
    /// All, in order.
    pub const ALL: [Self; 5] =
        [Self::Matched, Self::AmountDiffers, Self::StateDiffers, Self::OnlyOurs, Self::OnlyTheirs];

    /// Its name in files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::AmountDiffers => "amount-differs",
            Self::StateDiffers => "state-differs",
            Self::OnlyOurs => "only-ours",
            Self::OnlyTheirs => "only-theirs",
        }
    }
}

/// What the participant is proposed to do with its own books (ours; the statement wins, S).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Handling {
    /// Take the state, or note the row: no money moves by it.
    TakeState,
    /// Take the amount of the statement, and dispute it (321) with evidence if it is wrong.
    TakeAmount,
    /// The payer's account is to be debited by the file.
    Debit,
    /// The payer gets the money back: the debit is undone by the file.
    UndoDebit,
    /// The payee's account, or the reserve account, is to be credited by the file.
    Credit,
    /// The credit is taken back; if the money is gone, it is disputed (321).
    UndoCredit,
    /// The payment counts as paid.
    TreatAsPaid,
    /// The payment counts as not paid.
    TreatAsUnpaid,
    /// It may stand in the batch before or behind; if it stands in none, what was booked for it is undone.
    SeekNeighbour,
}

impl Handling {
    /// Its name in files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TakeState => "take-state",
            Self::TakeAmount => "take-amount",
            Self::Debit => "debit",
            Self::UndoDebit => "undo-debit",
            Self::Credit => "credit",
            Self::UndoCredit => "undo-credit",
            Self::TreatAsPaid => "treat-as-paid",
            Self::TreatAsUnpaid => "treat-as-unpaid",
            Self::SeekNeighbour => "seek-neighbour",
        }
    }

    /// What a person is told.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::TakeState => "take the state of the statement; no money moves",
            Self::TakeAmount => "take the amount of the statement; dispute it (321) with evidence if it is wrong",
            Self::Debit => "debit the payer's account by the statement",
            Self::UndoDebit => "give the payer the money back: undo the debit by the statement",
            Self::Credit => "credit the payee by the statement",
            Self::UndoCredit => "take the credit back; if the money is gone, dispute it (321)",
            Self::TreatAsPaid => "treat the payment as paid",
            Self::TreatAsUnpaid => "treat the payment as not paid",
            Self::SeekNeighbour => "look for it in the batches beside this one; in none: undo what was booked for it",
        }
    }

    /// What makes a side's books say that the payment moved its money, or that it did not.
    const fn to_money(side: Side, moves: bool) -> Self {
        match (side, moves) {
            (Side::Initiator, true) => Self::TreatAsPaid,
            (Side::Initiator, false) => Self::TreatAsUnpaid,
            (Side::Debit, true) => Self::Debit,
            (Side::Debit, false) => Self::UndoDebit,
            (Side::Credit, true) => Self::Credit,
            (Side::Credit, false) => Self::UndoCredit,
        }
    }
}

/// One difference: what each side has; at least one has something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which kind.
    pub class: Class,
    /// The statement's row.
    pub ours: Option<ComparedRow>,
    /// The participant's row.
    pub theirs: Option<ComparedRow>,
}

impl Difference {
    /// The row that there is, ours before theirs.
    ///
    /// # Panics
    /// When there is none, which nobody makes.
    #[must_use]
    pub fn row(&self) -> ComparedRow {
        self.ours.or(self.theirs).expect("a difference is about a row")
    }

    /// Fen that the statement moves less fen that the participant moves.
    #[must_use]
    pub fn moved_fen(&self) -> i64 {
        let moved = |row: Option<ComparedRow>| {
            let row = row.filter(|row| moves_money(row.status()));
            row.map_or(0, |row| i64::try_from(row.amount_fen()).unwrap_or(i64::MAX))
        };
        moved(self.ours) - moved(self.theirs)
    }

    /// What is proposed.
    #[must_use]
    pub fn handling(&self) -> Handling {
        let moves = |row: ComparedRow| moves_money(row.status());
        match (self.ours, self.theirs) {
            (Some(ours), Some(theirs)) if moves(ours) != moves(theirs) => Handling::to_money(ours.side(), moves(ours)),
            (Some(ours), Some(theirs)) if moves(ours) && ours.amount_fen() != theirs.amount_fen() => {
                Handling::TakeAmount
            }
            (Some(ours), None) if moves(ours) => Handling::to_money(ours.side(), true),
            (None, Some(theirs)) if moves(theirs) => Handling::SeekNeighbour,
            _ => Handling::TakeState,
        }
    }
}

/// 00 and 03 do (business.md section 7).
const fn moves_money(status: TrxStatus) -> bool {
    matches!(status, TrxStatus::Success | TrxStatus::PresumedSuccess)
}

#[cfg(test)]
mod tests {
    use super::*;
    use TrxStatus::{Failure, PresumedFailure, PresumedSuccess, Success};

    fn row(side: Side, status: TrxStatus, amount_fen: u64) -> Option<ComparedRow> {
        Some(ComparedRow::new(1, false, side, status, amount_fen))
    }

    #[test]
    fn what_is_proposed_follows_money_and_side() {
        use Side::{Credit, Debit, Initiator};
        let proposed = |ours, theirs| Difference { class: Class::StateDiffers, ours, theirs }.handling();
        for (side, ours, theirs, handling) in [
            (Debit, Success, Failure, Handling::Debit),
            (Debit, PresumedFailure, Success, Handling::UndoDebit),
            (Credit, PresumedSuccess, PresumedFailure, Handling::Credit),
            (Credit, Failure, PresumedSuccess, Handling::UndoCredit),
            (Initiator, Success, Failure, Handling::TreatAsPaid),
            (Initiator, PresumedFailure, Success, Handling::TreatAsUnpaid),
            (Debit, Success, PresumedSuccess, Handling::TakeState),
            (Credit, Failure, PresumedFailure, Handling::TakeState),
        ] {
            assert_eq!(proposed(row(side, ours, 5), row(side, theirs, 5)), handling, "{side:?} {ours:?} {theirs:?}");
        }
        assert_eq!(proposed(row(Debit, Success, 5), row(Debit, Success, 6)), Handling::TakeAmount);
        assert_eq!(proposed(row(Debit, Failure, 5), row(Debit, Failure, 6)), Handling::TakeState);
        assert_eq!(proposed(row(Debit, Failure, 5), row(Debit, Success, 6)), Handling::UndoDebit);
        assert_eq!(proposed(row(Credit, Success, 5), None), Handling::Credit);
        assert_eq!(proposed(row(Credit, Failure, 5), None), Handling::TakeState);
        assert_eq!(proposed(None, row(Debit, Success, 5)), Handling::SeekNeighbour);
        assert_eq!(proposed(None, row(Debit, Failure, 5)), Handling::TakeState);
    }
}
