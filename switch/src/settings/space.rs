//! Which area a setting belongs to: the top byte of its key.

/// Bits of a key below its space.
const SPACE_SHIFT: u32 = 24;

/// An area with settings of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Space {
    /// What participants may do, limits, maintenance windows ([`crate::admission`]).
    Admission = 0,
    /// Links drained, switched, released.
    Links = 1,
    /// Tables of routes.
    Routes = 2,
    /// Keys and certificates that were loaded anew: nothing to restore, a note for the history.
    Keys = 3,
    /// Copies of the newest changes of all areas ([`crate::registrar::History`]).
    History = 4,
    /// Changes of registers by an operator: no settings, but there are copies of them.
    Registers = 5,
    /// Decisions of an operator about the books: no settings, but there are copies of them.
    Books = 6,
}

impl Space {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 7] =
        [Self::Admission, Self::Links, Self::Routes, Self::Keys, Self::History, Self::Registers, Self::Books];

    /// The space of a key; none for a number that this version does not know.
    #[must_use]
    pub fn of(key: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|space| *space as u32 == key >> SPACE_SHIFT)
    }

    /// The key of this space's `number`; none from 2^24 on.
    #[must_use]
    pub const fn key(self, number: u32) -> Option<u32> {
        if number >> SPACE_SHIFT == 0 { Some((self as u32) << SPACE_SHIFT | number) } else { None }
    }

    /// The key of its number 0.
    #[must_use]
    pub const fn first_key(self) -> u32 {
        (self as u32) << SPACE_SHIFT
    }

    /// Its name in lists and histories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admission => "admission",
            Self::Links => "links",
            Self::Routes => "routes",
            Self::Keys => "keys",
            Self::History => "history",
            Self::Registers => "registers",
            Self::Books => "books",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_whose_it_is() {
        for space in Space::ALL {
            for number in [0, 1, 0xff_ffff] {
                let key = space.key(number).unwrap();
                assert_eq!((Space::of(key), key & 0xff_ffff), (Some(space), number));
            }
            assert_eq!(space.key(0x100_0000), None);
        }
        assert_eq!(Space::of(0x0700_0000), None);
        assert_eq!(Space::Admission.key(7), Some(7), "journals of earlier versions hold these keys");
    }
}
