//! What a link can be, and why it came to be so.

use std::fmt;

use super::number::LinkNumber;
use super::takers::Takers;

/// What is known of one link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum State {
    /// It works, as far as anybody knows.
    Up = 0,
    /// There was trouble; it is being asked, and still takes messages.
    Suspect = 1,
    /// It does not work; it is left alone, then asked.
    Down = 2,
    /// It answers probes again, but not yet often enough.
    Recovering = 3,
    /// It answers probes; the next few real messages decide.
    Trial = 4,
}

impl State {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Up, Self::Suspect, Self::Down, Self::Recovering, Self::Trial];

    /// Whether it may take messages.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        matches!(self, Self::Up | Self::Suspect | Self::Trial)
    }

    /// Its name on pages and in metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Suspect => "suspect",
            Self::Down => "down",
            Self::Recovering => "recovering",
            Self::Trial => "trial",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Why a link, or who takes, changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// The node began, and nothing is known yet.
    Start,
    /// A connection was refused.
    Refused,
    /// No connection in time.
    ConnectTimedOut,
    /// TLS did not come about.
    Handshake,
    /// A connection broke with a request on it.
    Broken,
    /// A request had no answer for as long as a connection waits.
    TimedOut,
    /// An answer is out, and nothing came for too long.
    Silent,
    /// A probe had no answer in time.
    ProbeTimedOut,
    /// A probe's connection broke.
    ProbeBroken,
    /// A probe was answered with HTTP 500 or more, or with a signature that does not verify.
    ProbeErring,
    /// A long row of HTTP errors.
    HttpErrors,
    /// A long row of answers whose signature does not verify.
    BadSignatures,
    /// An answer came.
    Answered,
    /// A probe was answered.
    ProbeGood,
    /// Enough probes in a row were answered.
    ProbesGood,
    /// The hold-down is over, and nobody probes this participant.
    HoldDownOver,
    /// All messages of the trial did well.
    TrialPassed,
    /// The trial lasted long enough without a failure.
    TrialOver,
    /// A message of the trial did not do well.
    TrialFailed,
    /// The operator drained it.
    Drained,
    /// The operator took the drain back.
    Undrained,
    /// The operator switched.
    Switched,
    /// The operator switched back.
    SwitchedBack,
    /// What took messages does not work any more.
    FailedOver,
    /// A better link has been usable for long enough.
    Reclaimed,
    /// A link has come back.
    CameBack,
    /// A shared link is in doubt, and there are others.
    SetAside,
}

impl Why {
    /// In words, for the log and the pages.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Start => "the node began",
            Self::Refused => "connection refused",
            Self::ConnectTimedOut => "no connection in time",
            Self::Handshake => "TLS handshake failed",
            Self::Broken => "connection broke with a request on it",
            Self::TimedOut => "no answer for as long as a connection waits",
            Self::Silent => "an answer is out, and nothing came",
            Self::ProbeTimedOut => "no answer to a probe in time",
            Self::ProbeBroken => "connection of a probe broke",
            Self::ProbeErring => "probe answered with an error",
            Self::HttpErrors => "a long row of HTTP errors",
            Self::BadSignatures => "a long row of bad signatures",
            Self::Answered => "an answer came",
            Self::ProbeGood => "probe answered",
            Self::ProbesGood => "probes answered in a row",
            Self::HoldDownOver => "hold-down over, no probes configured",
            Self::TrialPassed => "all trial messages did well",
            Self::TrialOver => "trial over without a failure",
            Self::TrialFailed => "a trial message failed",
            Self::Drained => "drained by the operator",
            Self::Undrained => "undrained by the operator",
            Self::Switched => "switched by the operator",
            Self::SwitchedBack => "switched back by the operator",
            Self::FailedOver => "the link in use is not usable any more",
            Self::Reclaimed => "a better link is usable again for long enough",
            Self::CameBack => "a link is usable again",
            Self::SetAside => "a link in doubt is set aside",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}

/// One thing that changed, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A link's state.
    State {
        /// Which.
        link: LinkNumber,
        /// What it was.
        from: State,
        /// What it is.
        to: State,
        /// Why.
        why: Why,
    },
    /// Who takes new messages.
    Takers {
        /// Who took them.
        from: Takers,
        /// Who does.
        to: Takers,
        /// Why.
        why: Why,
    },
}
