//! Where an agreement stands, and who ended it.

/// What the registry has recorded of an agreement or a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum State {
    /// Signed; payments are let through.
    Live = 1,
    /// The institution has asked to end it, or it is not known whether the bank did: payments are refused.
    Ending = 2,
    /// Ended for good; only a new signing makes it live again.
    Ended = 3,
}

impl State {
    /// All, in order of their numbers.
    pub const ALL: [Self; 3] = [Self::Live, Self::Ending, Self::Ended];

    /// The state with this number in a layout.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Live),
            2 => Some(Self::Ending),
            3 => Some(Self::Ended),
            _ => None,
        }
    }
}

/// Who ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EndedBy {
    /// It has not ended.
    Nobody = 0,
    /// The institution (103, 115).
    Institution = 1,
    /// The bank (105, 117).
    Bank = 2,
}

impl EndedBy {
    /// The one with this number in a layout.
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Nobody),
            1 => Some(Self::Institution),
            2 => Some(Self::Bank),
            _ => None,
        }
    }
}

/// What an agreement or a mandate is good for at one instant: its state and its term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Payments are let through.
    Live,
    /// Its term has not begun.
    NotYet,
    /// Its term is over.
    Expired,
    /// It is being ended.
    Ending,
    /// It has been ended.
    Ended,
}

impl Standing {
    /// Of a recorded state and a term in whole seconds: from `starts_at_s` on, before `ends_at_s`; 0 = open.
    pub const fn of(state: State, starts_at_s: u32, ends_at_s: u32, at_us: u64) -> Self {
        let at_s = at_us / 1_000_000;
        match state {
            State::Ending => Self::Ending,
            State::Ended => Self::Ended,
            State::Live if at_s < starts_at_s as u64 => Self::NotYet,
            State::Live if ends_at_s != 0 && at_s >= ends_at_s as u64 => Self::Expired,
            State::Live => Self::Live,
        }
    }

    /// For people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::NotYet => "not yet",
            Self::Expired => "expired",
            Self::Ending => "ending",
            Self::Ended => "ended",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_term_matters_only_while_it_is_live() {
        let rows = [
            (State::Live, 0, 0, Standing::Live),
            (State::Live, 100, 200, Standing::Live),
            (State::Live, 101, 200, Standing::NotYet),
            (State::Live, 0, 100, Standing::Expired),
            (State::Live, 0, 101, Standing::Live),
            (State::Ending, 0, 1, Standing::Ending),
            (State::Ended, 999, 0, Standing::Ended),
        ];
        for (state, from, to, expected) in rows {
            assert_eq!(Standing::of(state, from, to, 100_999_999), expected, "{state:?} {from}..{to}");
        }
        assert!(State::ALL.iter().all(|state| State::from_code(*state as u8) == Some(*state)));
        assert_eq!((State::from_code(0), State::from_code(4), EndedBy::from_code(3)), (None, None, None));
    }
}
