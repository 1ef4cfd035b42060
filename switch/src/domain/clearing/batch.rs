//! The life of a batch once its hour is over and its last payment final.
//!
//! ```text
//!  Closed --agreed--> Sealed --archived--> Archived --stated--> Stated --retired--> Retired
//!    |                  ^
//!    '-disagreed-> Stopped   a person has looked: it is computed again
//! ```
//!
//! Invariant: nothing is archived, told, paid or forgotten of a batch whose positions have not been agreed on by both computations;
//! and no step is gone back.

use serde::{Deserialize, Serialize};

/// How far a batch is. In the order of time, but for `Stopped`, which stands beside `Closed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BatchPhase {
    /// Takes no payment any more; its positions stand in a file.
    Closed,
    /// The journal says something else than the live sums: a person must look.
    Stopped,
    /// The journal says the same: the positions count.
    Sealed,
    /// Its lines stand in the archive.
    Archived,
    /// Its statements are out.
    Stated,
    /// Its payments have left the memory.
    Retired,
}

/// What happens to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BatchEvent {
    /// Computed again from the journal, it comes to the same, to the fen.
    Agreed,
    /// It does not.
    Disagreed,
    /// Its archive is durable.
    Archived,
    /// Its statements are durable.
    Stated,
    /// Its shelf is durable, and its payments are out of the memory.
    Retired,
}

impl BatchPhase {
    /// All, in order.
    pub const ALL: [Self; 6] = [Self::Closed, Self::Stopped, Self::Sealed, Self::Archived, Self::Stated, Self::Retired];

    /// The phase after `event`; `None`: it cannot happen now.
    #[must_use]
    pub const fn after(self, event: BatchEvent) -> Option<Self> {
        match (self, event) {
            (Self::Closed | Self::Stopped, BatchEvent::Agreed) => Some(Self::Sealed),
            (Self::Closed | Self::Stopped, BatchEvent::Disagreed) => Some(Self::Stopped),
            (Self::Sealed, BatchEvent::Archived) => Some(Self::Archived),
            (Self::Archived, BatchEvent::Stated) => Some(Self::Stated),
            (Self::Stated, BatchEvent::Retired) => Some(Self::Retired),
            _ => None,
        }
    }

    /// Whether its positions count.
    #[must_use]
    pub const fn is_sealed(self) -> bool {
        !matches!(self, Self::Closed | Self::Stopped)
    }

    /// For people and files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Stopped => "stopped",
            Self::Sealed => "sealed",
            Self::Archived => "archived",
            Self::Stated => "stated",
            Self::Retired => "retired",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_and_event() {
        use BatchEvent as E;
        use BatchPhase as P;
        let events = [E::Agreed, E::Disagreed, E::Archived, E::Stated, E::Retired];
        let table = [
            (P::Closed, [Some(P::Sealed), Some(P::Stopped), None, None, None]),
            (P::Stopped, [Some(P::Sealed), Some(P::Stopped), None, None, None]),
            (P::Sealed, [None, None, Some(P::Archived), None, None]),
            (P::Archived, [None, None, None, Some(P::Stated), None]),
            (P::Stated, [None, None, None, None, Some(P::Retired)]),
            (P::Retired, [None; 5]),
        ];
        assert_eq!(table.map(|(phase, _)| phase), P::ALL);
        for (phase, expected) in table {
            for (event, after) in events.into_iter().zip(expected) {
                assert_eq!(phase.after(event), after, "{phase:?} {event:?}");
                assert!(after.is_none_or(|after| after >= phase && (!phase.is_sealed() || after.is_sealed())));
            }
        }
    }

    #[test]
    fn words_are_those_of_the_files() {
        for phase in BatchPhase::ALL {
            assert_eq!(serde_json::to_value(phase).expect("a word"), phase.word());
        }
    }
}
