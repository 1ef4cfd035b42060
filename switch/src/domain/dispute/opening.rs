//! How a case opens: by itself, for everything that a person must look at.

use clearway_codec::value::TrxStatus;

use super::case::{Case, CaseState};
use crate::domain::transaction::CaseKind;

/// Why a case is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Reason {
    /// 03: the payee's side stayed unknown.
    PresumedSuccess = 0,
    /// 04: the payer's side stayed unknown.
    PresumedFailure = 1,
    /// A bank answered after the final state.
    LateAnswer = 2,
    /// A bank said what contradicts the final state.
    Contradiction = 3,
    /// A bank issued a number that is live for somebody else.
    NumberTaken = 4,
    /// A participant submitted it (321).
    Submitted = 5,
    /// A participant's file differs from ours.
    Comparison = 6,
    /// A refund of a payment of the old direct channel waits for a transfer.
    HeldRefund = 7,
}

impl Reason {
    /// All, in order of their bits.
    pub const ALL: [Self; 8] = [
        Self::PresumedSuccess,
        Self::PresumedFailure,
        Self::LateAnswer,
        Self::Contradiction,
        Self::NumberTaken,
        Self::Submitted,
        Self::Comparison,
        Self::HeldRefund,
    ];

    /// For people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PresumedSuccess => "presumed success",
            Self::PresumedFailure => "presumed failure",
            Self::LateAnswer => "late answer",
            Self::Contradiction => "contradiction",
            Self::NumberTaken => "number taken",
            Self::Submitted => "submitted",
            Self::Comparison => "comparison",
            Self::HeldRefund => "refund held for a transfer",
        }
    }
}

impl From<CaseKind> for Reason {
    fn from(kind: CaseKind) -> Self {
        match kind {
            CaseKind::Presumed03 => Self::PresumedSuccess,
            CaseKind::Presumed04 => Self::PresumedFailure,
            CaseKind::LateAnswer => Self::LateAnswer,
            CaseKind::LateAnswerContradicts => Self::Contradiction,
            CaseKind::HeldRefund => Self::HeldRefund,
        }
    }
}

/// A set of reasons: bit `reason as u8`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reasons(u8);

impl Reasons {
    /// One reason.
    pub const fn of(reason: Reason) -> Self {
        Self(1 << reason as u8)
    }

    /// The set with `reason` in it.
    #[must_use]
    pub const fn with(self, reason: Reason) -> Self {
        Self(self.0 | 1 << reason as u8)
    }

    /// Whether `reason` is in it.
    pub const fn contains(self, reason: Reason) -> bool {
        self.0 & 1 << reason as u8 != 0
    }

    /// The members, in order.
    pub fn iter(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.into_iter().filter(move |reason| self.contains(*reason))
    }

    /// The byte in a layout.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set of this byte; `None` when it is empty or a bit means nothing.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits != 0 && bits as usize >> Reason::ALL.len() == 0 { Some(Self(bits)) } else { None }
    }
}

/// What is known when a case opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Key of the transaction that it is about.
    pub trx_key: u128,
    /// Why.
    pub reason: Reason,
    /// Its final status.
    pub status: TrxStatus,
    /// Its business, as in a record.
    pub business: u8,
    /// Whether one of its legs is booked on the institution's reserve account.
    pub has_reserve: bool,
    /// Its amount, fen; 0 when no money is in it.
    pub amount_fen: u64,
    /// Participant index of its institution.
    pub institution: u16,
    /// Participant indexes of its banks.
    pub banks: [u16; 2],
    /// Its BizStsCd.
    pub code: [u8; 8],
    /// When, microseconds since 1970.
    pub at_us: u64,
}

/// The case after something gave reason for one: a new one, or the known one with one more reason. `None` when the known one
/// has that reason already.
pub fn open(before: Option<&Case>, opening: &Opening) -> Option<Case> {
    match before {
        Some(known) if known.reasons.contains(opening.reason) => None,
        Some(known) => Some(Case {
            reasons: known.reasons.with(opening.reason),
            version: known.version.saturating_add(1),
            changed_at_us: opening.at_us,
            ..known.clone()
        }),
        None => Some(Case {
            trx_key: opening.trx_key,
            reasons: Reasons::of(opening.reason),
            state: CaseState::Open,
            status: opening.status,
            business: opening.business,
            has_reserve: opening.has_reserve,
            amount_fen: opening.amount_fen,
            institution: opening.institution,
            banks: opening.banks,
            code: opening.code,
            asked: None,
            opened_at_us: opening.at_us,
            changed_at_us: opening.at_us,
            version: 1,
            adjustments: Vec::new(),
        }),
    }
}
