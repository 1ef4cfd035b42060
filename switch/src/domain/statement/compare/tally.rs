//! How many rows, and how much money, each class has.

use super::Class;
use crate::domain::clearing::add_fen;

/// What one class comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassTally {
    /// Rows, a pair counted once.
    pub rows: u64,
    /// Fen of the statement's rows.
    pub ours_fen: u64,
    /// Fen of the participant's rows.
    pub theirs_fen: u64,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    classes: [ClassTally; Class::ALL.len()],
}

impl Tally {
    /// Counts a row or a pair.
    pub(super) fn count(&mut self, class: Class, ours_fen: u64, theirs_fen: u64) {
        let one = ClassTally { rows: 1, ours_fen, theirs_fen };
        let own = &mut self.classes[class as usize];
        *own = own.plus(one);
    }

    /// Adds all of another's.
    pub fn absorb(&mut self, other: &Self) {
        self.classes.iter_mut().zip(other.classes).for_each(|(own, more)| *own = own.plus(more));
    }

    /// What a class comes to.
    #[must_use]
    pub const fn of(&self, class: Class) -> ClassTally {
        self.classes[class as usize]
    }

    /// Everything but what matched.
    #[must_use]
    pub fn differences(&self) -> u64 {
        Class::ALL.into_iter().filter(|class| *class != Class::Matched).map(|class| self.of(class).rows).sum()
    }
}

impl ClassTally {
    const fn plus(self, more: Self) -> Self {
        Self {
            rows: self.rows + more.rows,
            ours_fen: add_fen(self.ours_fen, more.ours_fen),
            theirs_fen: add_fen(self.theirs_fen, more.theirs_fen),
        }
    }
}
