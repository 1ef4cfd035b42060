//! One correction of the money, beside the state that stays.

use clearway_codec::value::DisputeBatchId;

/// Whom an adjustment gives the money to (DsptTp; numbers ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Direction {
    /// 01: back to the payer.
    ToPayer = 1,
    /// 02: to the payee.
    ToPayee = 2,
}

impl Direction {
    /// The direction with this number.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::ToPayer),
            2 => Some(Self::ToPayee),
            _ => None,
        }
    }

    /// Reads `01` or `02`.
    pub const fn parse(text: &[u8]) -> Option<Self> {
        match text {
            b"01" => Some(Self::ToPayer),
            b"02" => Some(Self::ToPayee),
            _ => None,
        }
    }

    /// The two digits.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ToPayer => "01",
            Self::ToPayee => "02",
        }
    }
}

/// How far an adjustment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum AdjustmentState {
    /// Its 324 is under way; the amount is reserved.
    Running = 1,
    /// It counts.
    Made = 2,
    /// Its 324 failed; it counts for nothing.
    Failed = 3,
}

impl AdjustmentState {
    /// The state with this number.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Running),
            2 => Some(Self::Made),
            3 => Some(Self::Failed),
            _ => None,
        }
    }
}

/// One adjustment (324).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// Key of the transaction that makes it.
    pub trx_key: u128,
    /// Amount, fen, above 0.
    pub amount_fen: u64,
    /// The batch of the hour in which it is made.
    pub batch: DisputeBatchId,
    /// Whom it gives the money to.
    pub direction: Direction,
    /// How far it is.
    pub state: AdjustmentState,
}

impl Adjustment {
    /// Whether its amount is moved, or reserved to be.
    pub const fn counts(&self) -> bool {
        !matches!(self.state, AdjustmentState::Failed)
    }
}
