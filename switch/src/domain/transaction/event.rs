//! What can happen to a transaction.

use super::party::{Leg, Party};

/// One thing that happened, as the pipeline saw it. Return codes are the eight ASCII characters of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The bank answered the leg with success.
    LegSucceeded(Leg),
    /// The bank answered the leg with a business "no" of this code.
    LegRefused(Leg, [u8; 8]),
    /// The bank took the leg, and its outcome will come later: somebody has yet to act.
    LegDeferred(Leg),
    /// The leg may have reached the bank, but there is no answer that could be used.
    LegUnknown(Leg, UnknownCause),
    /// No byte of the leg can have reached the bank.
    LegNotSent(Leg),
    /// No byte of the leg can have left, and it takes another channel: the one with this number.
    LegMoved(Leg, u8),
    /// The bank's 302 says that the leg succeeded.
    QuerySucceeded(Leg),
    /// The bank's 302 says that the leg was refused, with this code.
    QueryRefused(Leg, [u8; 8]),
    /// The bank's 302 says that it does not know the transaction.
    QueryNoSuchTransaction(Leg),
    /// The query brought nothing that could be used, or "in process".
    QueryUnanswered(Leg),
    /// The payment's `due_at_us` has come: leg deadline, next query, presumption or next notice.
    Due,
    /// The institution must be answered now: its own deadline, or the node drains.
    ReceiptDue,
    /// The final receipt (or an answer to a query with the final state) was written to the institution's socket.
    ReceiptDelivered,
    /// The institution's exchange is gone; no receipt can be written on it.
    ReceiptLost,
    /// The party acknowledged the terminal notice.
    NoticeAcknowledged(Party),
    /// The initiator closed the order while its customer had not paid (317).
    Closed,
    /// A refund of this many fen asks for its part of this payment.
    RefundReserved(u64),
    /// A refund of this many fen ended without moving money.
    RefundReleased(u64),
}

impl Event {
    /// The leg that it is about.
    pub const fn leg(self) -> Option<Leg> {
        match self {
            Self::LegSucceeded(leg)
            | Self::LegRefused(leg, _)
            | Self::LegDeferred(leg)
            | Self::LegUnknown(leg, _)
            | Self::LegNotSent(leg)
            | Self::LegMoved(leg, _)
            | Self::QuerySucceeded(leg)
            | Self::QueryRefused(leg, _)
            | Self::QueryNoSuchTransaction(leg)
            | Self::QueryUnanswered(leg) => Some(leg),
            Self::Due
            | Self::ReceiptDue
            | Self::ReceiptDelivered
            | Self::ReceiptLost
            | Self::NoticeAcknowledged(_)
            | Self::Closed
            | Self::RefundReserved(_)
            | Self::RefundReleased(_) => None,
        }
    }
}

/// Why a leg is unknown; kept in the record for whoever looks into the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum UnknownCause {
    /// No answer within the leg's deadline.
    TimedOut = 0,
    /// The connection broke after a byte may have left.
    Broken = 1,
    /// An HTTP status other than 200.
    HttpStatus = 2,
    /// The answer could not be read, or is not of the receipt's type.
    Unreadable = 3,
    /// The answer's signature does not verify.
    BadSignature = 4,
    /// The answer is about another transaction.
    OtherTransaction = 5,
    /// The bank itself says that it does not know yet.
    InProcess = 6,
}

impl UnknownCause {
    /// All, in order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::TimedOut,
        Self::Broken,
        Self::HttpStatus,
        Self::Unreadable,
        Self::BadSignature,
        Self::OtherTransaction,
        Self::InProcess,
    ];

    /// Its number in a record.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The cause with this number in a record.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}
