//! The list of messages. Invariant: every type has a schema of its own. A new message is one line
//! in `MessageType`, one arm here, and a file of rows.

use std::fmt;

use super::element::{Content, Element};
use super::{answer, link, notice, payment, query, receipt, refund};

/// A message type that this catalogue knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum MessageType {
    /// Agreement payment request.
    Epcc201,
    /// Refund request.
    Epcc205,
    /// Receipt of an agreement payment or a refund.
    Epcc206,
    /// Terminal notice: the final state of a transaction.
    Epcc207,
    /// Query of a transaction's status.
    Epcc301,
    /// Answer to a query.
    Epcc302,
    /// General answer.
    Epcc303,
    /// Link probe.
    Epcc991,
    /// Answer to a link probe.
    Epcc992,
}

impl MessageType {
    /// Every type, in the order of the codes.
    pub const ALL: &'static [Self] = &[
        Self::Epcc201,
        Self::Epcc205,
        Self::Epcc206,
        Self::Epcc207,
        Self::Epcc301,
        Self::Epcc302,
        Self::Epcc303,
        Self::Epcc991,
        Self::Epcc992,
    ];

    /// The fifteen characters of the wire, such as `epcc.201.001.01`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Epcc201 => "epcc.201.001.01",
            Self::Epcc205 => "epcc.205.001.01",
            Self::Epcc206 => "epcc.206.001.01",
            Self::Epcc207 => "epcc.207.001.01",
            Self::Epcc301 => "epcc.301.001.01",
            Self::Epcc302 => "epcc.302.001.01",
            Self::Epcc303 => "epcc.303.001.01",
            Self::Epcc991 => "epcc.991.001.01",
            Self::Epcc992 => "epcc.992.001.01",
        }
    }

    /// The type with this code, if the catalogue has it.
    #[must_use]
    pub fn from_code(code: &[u8]) -> Option<Self> {
        Self::ALL.iter().copied().find(|message_type| message_type.code().as_bytes() == code)
    }

    /// What the message carries.
    #[must_use]
    pub const fn schema(self) -> &'static MessageSchema {
        match self {
            Self::Epcc201 => &payment::EPCC_201,
            Self::Epcc205 => &refund::EPCC_205,
            Self::Epcc206 => &receipt::EPCC_206,
            Self::Epcc207 => &notice::EPCC_207,
            Self::Epcc301 => &query::EPCC_301,
            Self::Epcc302 => &query::EPCC_302,
            Self::Epcc303 => &answer::EPCC_303,
            Self::Epcc991 => &link::EPCC_991,
            Self::Epcc992 => &link::EPCC_992,
        }
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// What the messages of one type carry.
#[derive(Debug)]
pub struct MessageSchema {
    /// The type.
    pub message_type: MessageType,
    /// Name in the field's own words.
    pub chinese: &'static str,
    /// Name in English.
    pub english: &'static str,
    /// The element `MsgBody` with all that stands in it.
    pub body: Element,
}

impl MessageSchema {
    /// The children of `MsgBody`, in the order they must come in.
    #[must_use]
    pub const fn elements(&self) -> &'static [Element] {
        self.body.children()
    }

    /// Calls `visit` with the depth below `MsgBody` (from 1) and each element, parents before
    /// children, in the order of the wire. What generators of pages and samples use.
    pub fn walk(&self, visit: &mut dyn FnMut(usize, &'static Element)) {
        walk(self.elements(), 1, visit);
    }
}

fn walk(elements: &'static [Element], depth: usize, visit: &mut dyn FnMut(usize, &'static Element)) {
    for element in elements {
        visit(depth, element);
        if let Content::Block(block) = &element.content {
            walk(block.children, depth + 1, visit);
        }
    }
}

/// What the messages of `message_type` carry.
#[must_use]
pub const fn schema(message_type: MessageType) -> &'static MessageSchema {
    message_type.schema()
}
