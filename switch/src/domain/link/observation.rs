//! What is seen of a link, and what it says.

use super::state::Why;

/// One thing that traffic, the watch over it, or a probe showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Observation {
    /// A whole answer with HTTP 200.
    Answered,
    /// A whole answer with another status, or one that is too large.
    HttpError,
    /// An answer whose signature does not verify, or that is not the participant's.
    BadSignature,
    /// A connection was refused, or the address does not resolve.
    Refused,
    /// No connection in time.
    ConnectTimedOut,
    /// TLS did not come about.
    Handshake,
    /// A connection broke with a request on it.
    Broken,
    /// No answer for as long as a connection waits.
    TimedOut,
    /// Without 991: silence of [`silent_us`](super::LinkRules::silent_us) with an answer out.
    Silent,
    /// A probe was answered.
    ProbeGood,
    /// A probe was answered with HTTP 500 or more, or with a signature that does not verify.
    ProbeErring,
    /// A probe's connection was refused.
    ProbeRefused,
    /// A probe's TLS did not come about.
    ProbeHandshake,
    /// A probe's connection broke.
    ProbeBroken,
    /// No answer to a probe in time.
    ProbeTimedOut,
}

/// What an observation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It works.
    Good(Why),
    /// It lives, but what it says is of no use.
    Erring(Why),
    /// Perhaps it does not work.
    Doubt(Why),
    /// It does not work.
    Failure(Why),
}

impl Observation {
    /// What it says.
    #[must_use]
    pub const fn sign(self) -> Sign {
        match self {
            Self::Answered => Sign::Good(Why::Answered),
            Self::ProbeGood => Sign::Good(Why::ProbeGood),
            Self::HttpError => Sign::Erring(Why::HttpErrors),
            Self::BadSignature => Sign::Erring(Why::BadSignatures),
            Self::ProbeErring => Sign::Erring(Why::ProbeErring),
            Self::Broken => Sign::Doubt(Why::Broken),
            Self::TimedOut => Sign::Doubt(Why::TimedOut),
            Self::Refused | Self::ProbeRefused => Sign::Failure(Why::Refused),
            Self::ConnectTimedOut => Sign::Failure(Why::ConnectTimedOut),
            Self::Handshake | Self::ProbeHandshake => Sign::Failure(Why::Handshake),
            Self::Silent => Sign::Failure(Why::Silent),
            Self::ProbeBroken => Sign::Failure(Why::ProbeBroken),
            Self::ProbeTimedOut => Sign::Failure(Why::ProbeTimedOut),
        }
    }

    /// Whether a probe brought it.
    #[must_use]
    pub const fn is_probe(self) -> bool {
        matches!(
            self,
            Self::ProbeGood
                | Self::ProbeErring
                | Self::ProbeRefused
                | Self::ProbeHandshake
                | Self::ProbeBroken
                | Self::ProbeTimedOut
        )
    }
}
