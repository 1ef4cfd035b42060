//! How one request ended, and how outcomes are told apart in reports.

use crate::answer::{Answer, AnswerFault};
use crate::tracker::{Closed, has_moved};
use crate::wire::ExchangeFault;
use clearway_codec::{ReturnCode, TrxStatus};
use std::fmt;

/// How one request ended.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Outcome {
    Answered(Answer),
    /// The HTTP status that answered a bare request.
    Bare(u16),
    Unusable(AnswerFault),
    Failed(ExchangeFault),
}

impl Outcome {
    /// Whether it ends what was asked for: a final receipt, or a good answer to a bare request.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Answered(Answer::Receipt { status, .. }) => status.is_final(),
            Self::Bare(status) => is_good(*status),
            _ => false,
        }
    }

    pub(super) fn is_success(&self) -> bool {
        match self {
            Self::Answered(Answer::Receipt { status, .. }) => *status == TrxStatus::Success,
            Self::Bare(status) => is_good(*status),
            _ => false,
        }
    }

    /// Whether what was asked for is done.
    pub(super) fn has_moved(&self) -> bool {
        matches!(self, Self::Answered(Answer::Receipt { status, .. }) if has_moved(*status))
    }

    /// Whether it says how long an answer takes.
    pub(super) fn is_timed(&self) -> bool {
        match self {
            Self::Answered(Answer::Receipt { .. } | Answer::Reply { .. }) => true,
            Self::Bare(status) => is_good(*status),
            _ => false,
        }
    }

    /// Whether nothing usable came: what became of it is unknown to who asked.
    pub(super) const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unusable(_) | Self::Failed(_))
    }

    pub(super) fn is_refusal(&self) -> bool {
        match self {
            Self::Answered(Answer::Refusal(_)) => true,
            Self::Bare(status) => !is_good(*status),
            _ => false,
        }
    }

    /// As reports tell it apart.
    pub(super) const fn label(&self) -> Label {
        match self {
            Self::Answered(Answer::Receipt { status, .. } | Answer::Reply { status: Some(status), .. }) => {
                Label::Status(*status)
            }
            Self::Answered(Answer::Reply { status: None, code, .. } | Answer::Refusal(code)) => Label::Code(*code),
            Self::Answered(Answer::Close { closed: Closed::Done, .. }) => Label::Fault("closed"),
            Self::Answered(Answer::Close { closed: Closed::Paid, .. }) => Label::Fault("paid"),
            Self::Answered(Answer::Close { closed: Closed::Failed, .. }) => Label::Fault("failed"),
            Self::Answered(Answer::Close { closed: Closed::Unknown, .. }) => Label::Fault("unknown_order"),
            Self::Answered(Answer::Numbers | Answer::Taken) => Label::Fault("answered"),
            Self::Bare(status) | Self::Unusable(AnswerFault::Status(status)) => Label::Http(*status),
            Self::Unusable(AnswerFault::Invalid(fault)) => Label::Fault(fault.name()),
            Self::Unusable(AnswerFault::Unasked) => Label::Fault("wrong_answer"),
            Self::Failed(fault) => Label::Fault(fault.name()),
        }
    }
}

const fn is_good(http_status: u16) -> bool {
    matches!(http_status, 200..=299)
}

/// How outcomes are told apart in reports. Copied on every answer, spelt once at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Label {
    Status(TrxStatus),
    Code(ReturnCode),
    Http(u16),
    /// A fault, or an answer that has no state.
    Fault(&'static str),
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => f.write_str(status.code()),
            Self::Code(code) => f.write_str(code.as_str()),
            Self::Http(status) => write!(f, "http_{status}"),
            Self::Fault(name) => f.write_str(name),
        }
    }
}
