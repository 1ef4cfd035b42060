//! Legs, and the parties of one transaction.

use std::fmt;

/// One of the two halves of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Leg {
    /// Leg 1: takes the money from the payer's side.
    One = 0,
    /// Leg 2: gives it to the payee's side.
    Two = 1,
}

impl Leg {
    /// Both, in order.
    pub const ALL: [Self; 2] = [Self::One, Self::Two];

    /// 0 or 1, for arrays that hold one thing a leg.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The bank that the leg goes to.
    pub const fn bank(self) -> Party {
        match self {
            Self::One => Party::Bank1,
            Self::Two => Party::Bank2,
        }
    }

    /// 0 or 1 in a record.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The leg with this number in a record.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::One),
            1 => Some(Self::Two),
            _ => None,
        }
    }
}

/// Who takes part in one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Party {
    /// The payment institution that asked for it.
    Institution = 0,
    /// The bank of leg 1.
    Bank1 = 1,
    /// The bank of leg 2.
    Bank2 = 2,
}

impl Party {
    /// All, in order.
    pub const ALL: [Self; 3] = [Self::Institution, Self::Bank1, Self::Bank2];

    /// 0, 1 or 2 in a record.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The party with this number in a record.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Institution),
            1 => Some(Self::Bank1),
            2 => Some(Self::Bank2),
            _ => None,
        }
    }

    /// The leg that the party carries out; `None` for the institution.
    pub const fn leg(self) -> Option<Leg> {
        match self {
            Self::Institution => None,
            Self::Bank1 => Some(Leg::One),
            Self::Bank2 => Some(Leg::Two),
        }
    }
}

/// A set of parties in one byte: bit `party as u8`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Parties(u8);

impl Parties {
    /// Nobody.
    pub const NONE: Self = Self(0);
    /// The institution alone.
    pub const INSTITUTION: Self = Self(1);
    /// The bank of leg 1 alone.
    pub const BANK1: Self = Self(2);
    /// Both banks.
    pub const BANKS: Self = Self(6);

    /// The set with `party` in it.
    #[must_use]
    pub const fn with(self, party: Party) -> Self {
        Self(self.0 | 1 << party as u8)
    }

    /// The set without `party`.
    #[must_use]
    pub const fn without(self, party: Party) -> Self {
        Self(self.0 & !(1 << party as u8))
    }

    /// Whether `party` is in it.
    pub const fn contains(self, party: Party) -> bool {
        self.0 & 1 << party as u8 != 0
    }

    /// Whether nobody is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The members, in order.
    pub fn iter(self) -> impl Iterator<Item = Party> {
        Party::ALL.into_iter().filter(move |party| self.contains(*party))
    }

    /// The byte in a record.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set of this byte; `None` when bits are set that mean no party.
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits < 8 { Some(Self(bits)) } else { None }
    }
}

impl fmt::Debug for Parties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
