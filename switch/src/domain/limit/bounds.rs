//! What may be spent, what has been, and why one more is too much.

use clearway_codec::value::Date;

/// What one layer allows. `None`: no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limit {
    /// Largest single payment, in fen.
    pub per_payment_fen: Option<u64>,
    /// Largest sum of a day's payments, in fen.
    pub day_amount_fen: Option<u64>,
    /// Most payments of a day.
    pub day_count: Option<u64>,
}

/// The limits that apply to one spend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The whole bank, for all institutions together.
    pub bank: Limit,
    /// One institution at this bank.
    pub institution: Limit,
    /// One card of this bank.
    pub card: Limit,
}

/// What was spent of a day, the payments in process included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Sum, in fen.
    pub amount_fen: u64,
    /// Payments.
    pub count: u64,
}

/// One payment as the limits see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spend {
    /// Index of the institution.
    pub institution: u16,
    /// Index of the bank whose limits apply.
    pub bank: u16,
    /// Keyed digest of the account, or of what stands for it (an agreement number); 0: none, so no card's limits apply.
    pub account: u64,
    /// Amount, in fen.
    pub amount_fen: u64,
    /// The day whose limits it uses up.
    pub day: Date,
}

/// Which layers counted a spend; kept with the payment, so that exactly those give it back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Layers(u8);

/// The bound that a spend would break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Breach {
    /// It is larger than one payment may be.
    PerPayment,
    /// The day's sum would be too large.
    DayAmount,
    /// The day has had its payments.
    DayCount,
}

impl Breach {
    /// The return code for it (wire.md section 4: 单笔限额, 当日累计限额, 当日次数超限).
    #[must_use]
    pub const fn code(self) -> [u8; 8] {
        match self {
            Self::PerPayment => *b"PB521023",
            Self::DayAmount => *b"PB521024",
            Self::DayCount => *b"PB521021",
        }
    }
}

impl Layers {
    /// No layer counted it.
    pub const NONE: Self = Self(0);
    /// The whole bank.
    pub const BANK: Self = Self(1);
    /// One institution at the bank.
    pub const INSTITUTION: Self = Self(2);
    /// One card.
    pub const CARD: Self = Self(4);

    /// All three: for who did not keep what counted it. Exact as long as no layer was set or unset since.
    pub const ALL: Self = Self(7);

    /// The set as a number below 8, for a record.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set with this number; bits that stand for no layer are dropped.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 7)
    }

    /// Whether every layer of `other` is in the set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether no layer is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn with(self, other: Self, wanted: bool) -> Self {
        if wanted { Self(self.0 | other.0) } else { self }
    }
}

impl Limit {
    /// Whether it bounds nothing.
    #[must_use]
    pub const fn is_unlimited(&self) -> bool {
        self.per_payment_fen.is_none() && !self.bounds_day()
    }

    /// Whether a day's payments have to be counted for it.
    #[must_use]
    pub const fn bounds_day(&self) -> bool {
        self.day_amount_fen.is_some() || self.day_count.is_some()
    }

    /// Whether one payment of `amount_fen` may follow `used`: the single payment first, then the day's sum, then the
    /// day's count.
    ///
    /// # Errors
    /// The first bound that it would break.
    pub fn admit(&self, used: Used, amount_fen: u64) -> Result<(), Breach> {
        if self.per_payment_fen.is_some_and(|most| amount_fen > most) {
            return Err(Breach::PerPayment);
        }
        let sum = used.amount_fen.checked_add(amount_fen);
        if self.day_amount_fen.is_some_and(|most| sum.is_none_or(|sum| sum > most)) {
            return Err(Breach::DayAmount);
        }
        if self.day_count.is_some_and(|most| used.count >= most) {
            return Err(Breach::DayCount);
        }
        Ok(())
    }
}

impl Limits {
    /// Whether no layer bounds anything.
    #[must_use]
    pub const fn is_unlimited(&self) -> bool {
        self.bank.is_unlimited() && self.institution.is_unlimited() && self.card.is_unlimited()
    }

    /// The limits for `spend`: without an account there is no card.
    #[must_use]
    pub fn of(self, spend: &Spend) -> Self {
        if spend.account == 0 { Self { card: Limit::default(), ..self } } else { self }
    }

    /// The layers that have to count.
    #[must_use]
    pub const fn counting(&self) -> Layers {
        Layers::NONE
            .with(Layers::BANK, self.bank.bounds_day())
            .with(Layers::INSTITUTION, self.institution.bounds_day())
            .with(Layers::CARD, self.card.bounds_day())
    }
}

impl Used {
    /// Counts one payment. A sum beyond `u64` stays at its end: no limit is as large, so it stays a breach.
    pub(super) fn add(&mut self, amount_fen: u64) {
        self.amount_fen = self.amount_fen.saturating_add(amount_fen);
        self.count = self.count.saturating_add(1);
    }

    /// Gives one payment back.
    pub(super) fn remove(&mut self, amount_fen: u64) {
        self.amount_fen = self.amount_fen.saturating_sub(amount_fen);
        self.count = self.count.saturating_sub(1);
    }

    /// Whether nothing is counted.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.count == 0
    }
}
