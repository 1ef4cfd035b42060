//! What has come to a worker and waits for its next burst.
//!
//! Sockets push, the worker takes all at once: that is how messages that came together are decoded, verified and
//! committed together without anyone ever waiting for a fuller burst. The inbox is the worker's [`Gate`].

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;
use clearway_codec::Fields;
use tokio::sync::Notify;

use super::change::Change;
use super::fetch::{Errand, Failure};
use super::flight::Flight;
use super::known::Fetched;
use crate::domain::link::LinkNumber;
use crate::domain::transaction::{Leg, Party, Payment};
use crate::net::egress::Outbound;
use crate::net::{Answer, Delivery, Exchange, Gate, Reply, Sent};

/// Names one message that is out at a participant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    pub(crate) key: u128,
    /// Index of the participant that it was sent to.
    pub(crate) participant: u16,
    pub(crate) purpose: Purpose,
}

/// Why it was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Leg(Leg),
    Query(Leg),
    Notice(Party),
}

impl Purpose {
    /// Whether its payment waits for the answer.
    pub(crate) const fn is_awaited(self) -> bool {
        matches!(self, Self::Leg(_) | Self::Query(_))
    }
}

/// One thing that has come.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A request, from a socket or from an embedding program.
    Request { body: Bytes, exchange: Exchange },
    /// The outcome of a message of ours.
    Answer { ticket: Ticket, answer: Answer, sent: Sent, came: Instant, link: LinkNumber },
    /// A final receipt was written, or its exchange lost.
    Settled { key: u128, delivery: Option<Delivery> },
    /// A leg that was held back may leave.
    HeldBack { ticket: Ticket, message: Outbound },
    /// The flight of a payment was read back, for a change that needs it.
    Revived { change: Box<Change>, flight: Option<Box<Flight>> },
    /// What an errand needs was read from the shelves.
    Fetched { errand: Errand, fetched: Result<Fetched, Failure> },
    /// A stored receipt was read back for a repeated request of a payment, if it is there.
    Stored { exchange: Exchange, payment: Box<Payment>, request: Box<(Bytes, Fields)>, receipt: Option<Bytes> },
}

#[derive(Debug, Default)]
struct Queue {
    incoming: RefCell<Vec<Incoming>>,
    came: Notify,
    /// The refusal that every request gets while the node sheds load.
    shedding: RefCell<Option<Shed>>,
    shed: Cell<u64>,
}

#[derive(Debug)]
struct Shed {
    refusal: Reply,
    admit_more: u32,
}

/// The inbox of one worker; clones are the same inbox.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inbox(Rc<Queue>);

impl Inbox {
    pub(crate) fn push(&self, incoming: Incoming) {
        self.0.incoming.borrow_mut().push(incoming);
        self.0.came.notify_one();
    }

    /// Everything that has come, into `taken`, which must be empty; its room goes back to the inbox.
    pub(crate) fn take(&self, taken: &mut Vec<Incoming>) {
        debug_assert!(taken.is_empty());
        std::mem::swap(&mut *self.0.incoming.borrow_mut(), taken);
    }

    /// Ready when something has come since the last time.
    pub(crate) async fn came(&self) {
        self.0.came.notified().await;
    }

    /// Wakes the worker although nothing has come.
    pub(crate) fn wake(&self) {
        self.0.came.notify_one();
    }

    /// Until the next call, at most `admit_more` further requests get in; the others get `refusal`. None: all get in.
    pub(crate) fn shed(&self, limit: Option<(u32, Reply)>) {
        *self.0.shedding.borrow_mut() = limit.map(|(admit_more, refusal)| Shed { refusal, admit_more });
    }

    /// Requests refused early since the last call.
    pub(crate) fn take_shed(&self) -> u64 {
        self.0.shed.take()
    }
}

impl Gate for Inbox {
    type Ticket = Ticket;

    fn refuse_early(&self) -> Option<Reply> {
        let mut shedding = self.0.shedding.borrow_mut();
        let shed = shedding.as_mut()?;
        if let Some(left) = shed.admit_more.checked_sub(1) {
            shed.admit_more = left;
            return None;
        }
        self.0.shed.set(self.0.shed.get() + 1);
        let refusal = &shed.refusal;
        Some(Reply {
            status: refusal.status,
            message_type: refusal.message_type,
            body: refusal.body.clone(),
            receipt_of: 0,
            bank_wait_us: 0,
        })
    }

    fn requested(&self, body: Bytes, exchange: Exchange) {
        self.push(Incoming::Request { body, exchange });
    }

    fn settled(&self, receipt_of: u128, delivery: Option<Delivery>) {
        self.push(Incoming::Settled { key: receipt_of, delivery });
    }

    fn answered(&self, ticket: Ticket, answer: Answer, sent: Sent, link: LinkNumber) {
        self.push(Incoming::Answer { ticket, answer, sent, came: Instant::now(), link });
    }
}
