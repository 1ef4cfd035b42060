//! Why a record was written, and what is attached to it; their numbers on disk.

use crate::domain::transaction::{Event, Leg, Party, UnknownCause};

/// Why a record was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// The payment was accepted; this is its first after-image.
    Accepted,
    /// An event changed it, or came too late to change it.
    Event(Event),
    /// Nothing changed: the attached messages belong to the payment.
    Evidence,
}

/// What an attached message was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Role {
    /// The institution's request, as received.
    Request = 1,
    /// A leg's request, as sent.
    LegRequest = 2,
    /// A bank's answer to a leg, as received.
    LegAnswer = 3,
    /// A query, as sent.
    Query = 4,
    /// A bank's answer to a query, as received.
    QueryAnswer = 5,
    /// A receipt to the institution, as sent; repeated byte for byte when it is the final one.
    Receipt = 6,
    /// A terminal notice, as sent.
    Notice = 7,
    /// The acknowledgement of a notice, as received.
    NoticeAnswer = 8,
    /// What a party said later, in a message of its own, about a transaction that rests; as received.
    Report = 9,
    /// Why legs go over the channels that they go over: not a message, but the decision as data, in JSON.
    Route = 10,
    /// What the statements say of a payment beside its after-image, in the record that makes it final: not a message.
    Particulars = 11,
}

impl Role {
    /// All, in order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Request,
        Self::LegRequest,
        Self::LegAnswer,
        Self::Query,
        Self::QueryAnswer,
        Self::Receipt,
        Self::Notice,
        Self::NoticeAnswer,
        Self::Report,
        Self::Route,
        Self::Particulars,
    ];

    /// Whether the switch sent it; otherwise it was received.
    pub const fn is_sent(self) -> bool {
        matches!(self, Self::LegRequest | Self::Query | Self::Receipt | Self::Notice)
    }

    /// Whether it is a signed document of the wire.
    pub const fn is_message(self) -> bool {
        !matches!(self, Self::Route | Self::Particulars)
    }

    /// The role with this number in a record.
    pub(super) fn from_code(code: u8) -> Option<Self> {
        usize::from(code).checked_sub(1).and_then(|at| Self::ALL.get(at).copied())
    }
}

/// One message kept as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attachment<'a> {
    /// What it was for.
    pub role: Role,
    /// Who sent it to the switch, or got it.
    pub party: Party,
    /// When, microseconds.
    pub at_us: u64,
    /// The whole document with its signature block, byte for byte.
    pub message: &'a [u8],
}

/// A record kind in its three places: event number, detail, argument.
pub(super) type KindCode = (u8, u8, [u8; 8]);

const NO_ARGUMENT: [u8; 8] = [0; 8];

impl RecordKind {
    pub(super) fn to_code(self) -> KindCode {
        match self {
            Self::Accepted => (0, 0, NO_ARGUMENT),
            Self::Evidence => (1, 0, NO_ARGUMENT),
            Self::Event(event) => event_to_code(event),
        }
    }

    /// `None` when the numbers mean no kind, or when a place that means nothing is not zero.
    pub(super) fn from_code(code: KindCode) -> Option<Self> {
        let kind = match code.0 {
            0 => Self::Accepted,
            1 => Self::Evidence,
            _ => Self::Event(event_from_code(code)?),
        };
        (kind.to_code() == code).then_some(kind)
    }
}

fn event_to_code(event: Event) -> KindCode {
    match event {
        Event::LegSucceeded(leg) => (2, leg.code(), NO_ARGUMENT),
        Event::LegRefused(leg, code) => (3, leg.code(), code),
        Event::LegUnknown(leg, cause) => (4, leg.code() | cause.code() << 1, NO_ARGUMENT),
        Event::LegNotSent(leg) => (5, leg.code(), NO_ARGUMENT),
        Event::QuerySucceeded(leg) => (6, leg.code(), NO_ARGUMENT),
        Event::QueryRefused(leg, code) => (7, leg.code(), code),
        Event::QueryNoSuchTransaction(leg) => (8, leg.code(), NO_ARGUMENT),
        Event::QueryUnanswered(leg) => (9, leg.code(), NO_ARGUMENT),
        Event::Due => (10, 0, NO_ARGUMENT),
        Event::ReceiptDue => (11, 0, NO_ARGUMENT),
        Event::ReceiptDelivered => (12, 0, NO_ARGUMENT),
        Event::ReceiptLost => (13, 0, NO_ARGUMENT),
        Event::NoticeAcknowledged(party) => (14, party.code(), NO_ARGUMENT),
        Event::RefundReserved(fen) => (15, 0, fen.to_le_bytes()),
        Event::RefundReleased(fen) => (16, 0, fen.to_le_bytes()),
        Event::LegDeferred(leg) => (17, leg.code(), NO_ARGUMENT),
        Event::Closed => (18, 0, NO_ARGUMENT),
        Event::LegMoved(leg, way) => (19, leg.code(), u64::from(way).to_le_bytes()),
    }
}

fn event_from_code((event, detail, argument): KindCode) -> Option<Event> {
    let leg = || Leg::from_code(detail);
    Some(match event {
        2 => Event::LegSucceeded(leg()?),
        3 => Event::LegRefused(leg()?, argument),
        4 => Event::LegUnknown(Leg::from_code(detail & 1)?, UnknownCause::from_code(detail >> 1)?),
        5 => Event::LegNotSent(leg()?),
        6 => Event::QuerySucceeded(leg()?),
        7 => Event::QueryRefused(leg()?, argument),
        8 => Event::QueryNoSuchTransaction(leg()?),
        9 => Event::QueryUnanswered(leg()?),
        10 => Event::Due,
        11 => Event::ReceiptDue,
        12 => Event::ReceiptDelivered,
        13 => Event::ReceiptLost,
        14 => Event::NoticeAcknowledged(Party::from_code(detail)?),
        15 => Event::RefundReserved(u64::from_le_bytes(argument)),
        16 => Event::RefundReleased(u64::from_le_bytes(argument)),
        17 => Event::LegDeferred(leg()?),
        18 => Event::Closed,
        19 => Event::LegMoved(leg()?, u8::try_from(u64::from_le_bytes(argument)).ok()?),
        _ => return None,
    })
}
