//! Sockets: the listening side ([`ingress`]), the lines to participants ([`egress`]), what both run over
//! ([`transport`]: plain TCP or TLS), and the clock on them ([`meter`]).
//!
//! Nothing here knows what a payment is. Bytes come in and go out; whoever owns a worker's burst implements
//! [`Gate`] and gets every event as a call that never blocks. All of it runs on one worker's thread, so nothing is
//! `Send` and nothing is locked.
//!
//! Invariants: a request is handed over whole or not at all; an exchange is answered at most once; [`egress`] never
//! sends the same bytes twice once a byte of them may have left.

pub mod egress;
#[cfg(test)]
mod egress_tests;
pub mod ingress;
mod line;
pub mod link;
pub mod meter;
mod pool;
mod sweep;
mod timed;
pub mod transport;

use std::time::{Duration, Instant};

use bytes::Bytes;
use clearway_codec::catalogue::MessageType;
use http::StatusCode;
use tokio::sync::oneshot;

use transport::Identity;

use crate::domain::link::LinkNumber;
use crate::metrics::Passage;

/// What goes back to a sender on its own exchange.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status: 200 for every message that was processed, also for refusals.
    pub status: StatusCode,
    /// The type of the message in `body`, for the `MsgTp` response header; none for plain HTTP errors.
    pub message_type: Option<MessageType>,
    /// The signed message, or a line of plain text for HTTP errors.
    pub body: Bytes,
    /// The payment whose final receipt this is: its delivery is reported through [`Gate::settled`]. 0 = none.
    pub receipt_of: u128,
    /// Microseconds this payment spent waiting for banks, to be taken off the in-platform time.
    pub bank_wait_us: u64,
    /// Where its time has gone so far; it comes back with the [`Delivery`].
    pub passage: Option<Passage>,
}

impl Reply {
    /// An HTTP fault: `status` with one line of text.
    #[must_use]
    pub const fn fault(status: StatusCode, text: &'static str) -> Self {
        Self {
            status,
            message_type: None,
            body: Bytes::from_static(text.as_bytes()),
            receipt_of: 0,
            bank_wait_us: 0,
            passage: None,
        }
    }

    /// A signed message that needs no report of its delivery.
    #[must_use]
    pub const fn message(message_type: MessageType, body: Bytes) -> Self {
        Self {
            status: StatusCode::OK,
            message_type: Some(message_type),
            body,
            receipt_of: 0,
            bank_wait_us: 0,
            passage: None,
        }
    }
}

/// The open half of one HTTP exchange: whoever holds it owes the sender a [`Reply`].
#[derive(Debug)]
pub struct Exchange {
    /// When the first byte of the request was read.
    pub first_byte: Instant,
    /// When all of it was there.
    pub whole: Instant,
    /// For whom the connection speaks on which the request came.
    pub identity: Identity,
    reply: oneshot::Sender<Reply>,
}

impl Exchange {
    /// A pair, now that the request is there: the half that answers and the half that waits.
    #[must_use]
    pub fn open(first_byte: Instant, identity: Identity) -> (Self, oneshot::Receiver<Reply>) {
        let (reply, waiting) = oneshot::channel();
        (Self { first_byte, whole: Instant::now(), identity, reply }, waiting)
    }

    /// Answers the sender. False if it has gone away.
    #[must_use]
    pub fn answer(self, reply: Reply) -> bool {
        self.reply.send(reply).is_ok()
    }

    /// Whether the sender has gone away.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.reply.is_closed()
    }
}

/// When one message left and its answer began to come; none of what did not happen or was not seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sent {
    /// The last byte of the message was written.
    pub written: Option<Instant>,
    /// The first byte of the answer was read.
    pub answered: Option<Instant>,
}

impl Sent {
    /// How long the participant took, in microseconds; 0 when it did not answer.
    #[must_use]
    pub fn wait_us(&self) -> u64 {
        let (Some(written), Some(answered)) = (self.written, self.answered) else { return 0 };
        u64::try_from(answered.saturating_duration_since(written).as_micros()).unwrap_or(u64::MAX)
    }
}

/// A final receipt that has been written to its last byte.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// When.
    pub at: Instant,
    /// Since the first byte of the request.
    pub whole: Duration,
    /// The same, in microseconds, less the banks' time.
    pub internal_us: u64,
    /// Where the payment's time had gone when the receipt was let go.
    pub passage: Option<Passage>,
}

impl Delivery {
    /// The receipt of a request whose first byte came at `first_byte`, for which banks were waited so many microseconds.
    #[must_use]
    pub fn new(first_byte: Instant, at: Instant, bank_wait_us: u64, passage: Option<Passage>) -> Self {
        let whole = at.saturating_duration_since(first_byte);
        Self { at, whole, internal_us: internal_us(whole, bank_wait_us), passage }
    }
}

/// Time in the platform, microseconds: all of it less the banks'.
fn internal_us(whole: Duration, bank_wait_us: u64) -> u64 {
    u64::try_from(whole.as_micros()).unwrap_or(u64::MAX).saturating_sub(bank_wait_us)
}

/// What came of one message sent to a participant.
#[derive(Debug)]
pub enum Answer {
    /// The whole body of an HTTP 200 answer.
    Message(Bytes),
    /// Not one byte of the request has left: it is certain that the participant never saw it.
    NotSent(Trouble),
    /// Bytes may have left and no readable answer came back: the outcome is unknown.
    Unknown(Trouble),
}

/// Why a participant gave no readable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No connection within the connect time, or refused.
    Connect,
    /// TLS did not come about.
    Handshake,
    /// The connections of the link, or what may be in flight over it, are used up.
    Full,
    /// The connection broke before or while the answer came.
    Broken,
    /// An HTTP status other than 200.
    Status(u16),
    /// An answer body over the size limit.
    TooLarge,
    /// No answer within the time that a connection is kept waiting.
    TimedOut,
    /// This participant has no line in the present configuration.
    NoLine,
    /// None of its links works, or those that do are drained.
    NoLink,
    /// It could not leave before its deadline.
    Late,
}

/// The owner of a worker's burst, as the sockets see it. No call may block.
pub trait Gate: Clone + 'static {
    /// Names one message that is out at a participant.
    type Ticket: Copy + 'static;

    /// Asked before a request's body is read: a ready refusal when the node must shed load, else none.
    fn refuse_early(&self) -> Option<Reply>;

    /// A whole request body has come.
    fn requested(&self, body: Bytes, exchange: Exchange);

    /// The receipt of a payment has been written to the last byte, or its exchange was lost.
    fn settled(&self, receipt_of: u128, delivery: Option<Delivery>);

    /// What came of a message that was sent with `ticket`, when it left and was answered, and over which link (none when it
    /// cannot be told).
    fn answered(&self, ticket: Self::Ticket, answer: Answer, sent: Sent, link: LinkNumber);
}
