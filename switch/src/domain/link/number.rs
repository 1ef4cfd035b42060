//! Which link of a participant.

use std::fmt;

/// Links that one participant may have.
pub const LINKS_MAX: usize = 16;

/// The place of a link among those of its participant, from 1 to 16, as the configuration lists them; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkNumber(u8);

impl LinkNumber {
    /// No link: nothing was sent, or nobody knows over which.
    pub const NONE: Self = Self(0);

    /// The link with this number; none above 16.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number as usize <= LINKS_MAX { Some(Self(number)) } else { None }
    }

    /// The link at this place, counted from 0; no link from 16 on.
    #[must_use]
    pub fn at(place: usize) -> Self {
        u8::try_from(place + 1).ok().and_then(Self::new).unwrap_or(Self::NONE)
    }

    /// Its number, 0 for none.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Its place in a list, from 0; none for no link.
    #[must_use]
    pub const fn place(self) -> Option<usize> {
        (self.0 as usize).checked_sub(1)
    }
}

impl fmt::Display for LinkNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
