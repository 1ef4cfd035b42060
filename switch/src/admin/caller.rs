//! Who calls, from where, and what he may.

use super::table::Right;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caller {
    /// A program on the machine of the node. He may change what he likes, and says who he is.
    Local,
}

impl Caller {
    /// What he may at most.
    pub(super) const fn right(&self) -> Right {
        match self {
            Self::Local => Right::Change,
        }
    }
}
