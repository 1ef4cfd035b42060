//! Who calls, from where, and what he may.

use super::table::Right;

/// Longest name of an operator, in characters.
const BY_CHARS_MAX: usize = 64;

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

/// A name that can stand in a log line: 1 to 64 characters, no control character, no space around it.
pub(super) fn is_name(by: &str) -> bool {
    let length = by.chars().count();
    (1..=BY_CHARS_MAX).contains(&length) && !by.chars().any(char::is_control) && by.trim() == by
}
