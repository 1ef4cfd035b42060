//! What can happen to a line between the switch and a participant.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What one link does to connections and requests, probes (991) included.
///
/// | behaviour | new connection | open connection | request |
/// | --- | --- | --- | --- |
/// | `Open` | taken | kept | answered |
/// | `Slow` | taken | kept | answered later |
/// | `Silent` | taken | kept | read, and never answered |
/// | `Closes` | taken, and closed at once | closed | - |
/// | `Refuses` | refused | closed | - |
/// | `HalfOpen` | made by the system, read by nobody | read by nobody, closed by nobody | lost, or late |
/// | `BlackHole` | never made | as half open | lost, or late |
///
/// When a link opens again, what it was silent about stays without an answer and its connection is closed; what lay
/// unread in a half-open connection is read then, late, as after an outage of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum LinkBehaviour {
    /// As it should be.
    #[default]
    Open,
    /// Everything is answered this much later.
    Slow {
        /// Milliseconds.
        ms: u64,
    },
    /// Nothing is answered.
    Silent {
        /// Whether requests reach the participant: then a leg is executed, and only its answer is lost.
        hears: bool,
    },
    /// Connections are closed.
    Closes,
    /// Nobody listens.
    Refuses,
    /// The other end has gone without a word.
    HalfOpen,
    /// Packets vanish.
    BlackHole,
}

impl LinkBehaviour {
    /// Whether connections that are open end.
    pub(super) const fn ends_connections(self) -> bool {
        matches!(self, Self::Closes | Self::Refuses)
    }

    /// Whether connections that are open stand still.
    pub(super) const fn freezes_connections(self) -> bool {
        matches!(self, Self::HalfOpen | Self::BlackHole)
    }

    /// How much later an answer comes.
    pub(super) const fn delay(self) -> Duration {
        match self {
            Self::Slow { ms } => Duration::from_millis(ms),
            _ => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaviours_are_read_as_operators_write_them() {
        let table = [
            (r#"{"kind":"open"}"#, LinkBehaviour::Open),
            (r#"{"kind":"slow","ms":250}"#, LinkBehaviour::Slow { ms: 250 }),
            (r#"{"kind":"silent","hears":true}"#, LinkBehaviour::Silent { hears: true }),
            (r#"{"kind":"closes"}"#, LinkBehaviour::Closes),
            (r#"{"kind":"refuses"}"#, LinkBehaviour::Refuses),
            (r#"{"kind":"half_open"}"#, LinkBehaviour::HalfOpen),
            (r#"{"kind":"black_hole"}"#, LinkBehaviour::BlackHole),
        ];
        for (text, behaviour) in table {
            assert_eq!(serde_json::from_str::<LinkBehaviour>(text).unwrap(), behaviour);
            assert_eq!(serde_json::to_string(&behaviour).unwrap(), text);
        }
        for slip in [r#"{"kind":"slow"}"#, r#"{"kind":"slow","ms":-1}"#, r#"{"kind":"dead"}"#, "{}"] {
            assert!(serde_json::from_str::<LinkBehaviour>(slip).is_err(), "{slip}");
        }
    }
}
