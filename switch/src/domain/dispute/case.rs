//! One case: what it is about, what was asked, what was adjusted.

use clearway_codec::value::TrxStatus;

use super::adjustment::{Adjustment, AdjustmentState, Direction};
use super::opening::Reasons;

/// Most adjustments of one case, failed ones included (ours).
pub const ADJUSTMENTS_MAX: usize = 64;

/// How far a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum CaseState {
    /// Nobody has asked for anything.
    Open = 1,
    /// A participant asks for an adjustment (321), the other has not answered.
    Submitted = 2,
    /// The other agrees (322); the adjustment is due.
    Agreed = 3,
    /// The other refuses (322).
    Refused = 4,
    /// Everything that was agreed has been adjusted (324).
    Adjusted = 5,
}

impl CaseState {
    /// All, in order of their numbers.
    pub const ALL: [Self; 5] = [Self::Open, Self::Submitted, Self::Agreed, Self::Refused, Self::Adjusted];

    /// The state with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        usize::from(code).checked_sub(1).and_then(|at| Self::ALL.get(at).copied())
    }

    /// For people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Submitted => "submitted",
            Self::Agreed => "agreed",
            Self::Refused => "refused",
            Self::Adjusted => "adjusted",
        }
    }
}

/// What a participant asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whom the money shall go to.
    pub direction: Direction,
    /// Fen that are still to be adjusted, once agreed; fen asked for, before.
    pub amount_fen: u64,
    /// Participant index of who asks.
    pub by: u16,
    /// Participant index of who must answer.
    pub of: u16,
}

/// One case as it is after its latest change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Key of the transaction that it is about: its own key.
    pub trx_key: u128,
    /// Why it is there.
    pub reasons: Reasons,
    /// How far it is.
    pub state: CaseState,
    /// The transaction's final status.
    pub status: TrxStatus,
    /// The transaction's business, as in a record.
    pub business: u8,
    /// Whether one of the transaction's legs is booked on the institution's reserve account.
    pub has_reserve: bool,
    /// The transaction's amount, fen; 0 when no money is in it.
    pub amount_fen: u64,
    /// Participant index of the institution.
    pub institution: u16,
    /// Participant indexes of the banks.
    pub banks: [u16; 2],
    /// The transaction's BizStsCd.
    pub code: [u8; 8],
    /// What was asked last.
    pub asked: Option<Request>,
    /// When it opened, microseconds since 1970.
    pub opened_at_us: u64,
    /// When it changed last, microseconds since 1970.
    pub changed_at_us: u64,
    /// Number of changes, 1 for the first image.
    pub version: u32,
    /// All adjustments, in the order in which they began; at most [`ADJUSTMENTS_MAX`].
    pub adjustments: Vec<Adjustment>,
}

impl Case {
    /// Fen that the transaction has moved to the payee, by its status and every adjustment that counts.
    pub fn moved_fen(&self) -> u64 {
        let by_status = match self.status {
            TrxStatus::Success | TrxStatus::PresumedSuccess => self.amount_fen,
            TrxStatus::Failure | TrxStatus::PresumedFailure | TrxStatus::InProcess => 0,
        };
        self.adjustments.iter().filter(|adjustment| adjustment.counts()).fold(by_status, |moved, adjustment| {
            match adjustment.direction {
                Direction::ToPayer => moved.saturating_sub(adjustment.amount_fen),
                Direction::ToPayee => moved.saturating_add(adjustment.amount_fen),
            }
        })
    }

    /// Most fen that one more adjustment may move, when `refunded_fen` have gone back by refunds. What runs to the payer
    /// counts as gone, what runs to the payee does not count as there: so no order of outcomes breaks the bound.
    pub fn adjustable_fen(&self, direction: Direction, refunded_fen: u64) -> u64 {
        let running = |direction| self.running_fen(direction);
        match direction {
            Direction::ToPayer => {
                self.moved_fen().saturating_sub(running(Direction::ToPayee)).saturating_sub(refunded_fen)
            }
            Direction::ToPayee => {
                self.amount_fen.saturating_sub(self.moved_fen()).saturating_sub(running(Direction::ToPayer))
            }
        }
    }

    fn running_fen(&self, direction: Direction) -> u64 {
        let running = self.adjustments.iter().filter(|one| one.state == AdjustmentState::Running);
        running.filter(|one| one.direction == direction).fold(0, |sum, one| sum.saturating_add(one.amount_fen))
    }

    /// Whether it needs nobody's attention any more.
    pub const fn is_settled(&self) -> bool {
        matches!(self.state, CaseState::Adjusted)
    }
}
