//! One thing that changes one payment, on its way through a wave of commits.

use bytes::Bytes;
use clearway_codec::Fields;

use super::admit::Admission;
use super::drafts::DraftId;
use super::flight::Flight;
use super::reply::PendingReply;
use crate::domain::link::LinkNumber;
use crate::domain::record::Role;
use crate::domain::register::Facts;
use crate::domain::transaction::{Effects, Event, Leg, Party, Payment};

/// Why a payment changes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cause {
    /// It begins.
    Accept(Admission),
    /// Something happened to it.
    Event(Event),
}

/// A message that is kept as evidence of the change.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    pub(crate) role: Role,
    pub(crate) party: Party,
    pub(crate) message: Bytes,
}

/// A change that is asked for.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) key: u128,
    pub(crate) cause: Cause,
    pub(crate) evidence: Option<Evidence>,
    /// The serial that the bank of a leg gave.
    pub(crate) serial: Option<(Leg, Bytes)>,
    /// The answer to leg 1 that the receipt repeats elements of. In a box, as the reply is: most changes have neither, and all are moved often.
    pub(crate) answer: Option<Box<(Bytes, Fields)>>,
    /// What the worker will keep of a payment that begins.
    pub(crate) flight: Option<Box<Flight>>,
    /// The link that the outcome came over; none where it came over no link of ours.
    pub(crate) link: LinkNumber,
    /// Why its legs go over their channels, where that was decided: kept in the record.
    pub(crate) route: Option<Box<Bytes>>,
    /// It was found out at the start of the node: it says nothing about anybody else.
    pub(crate) is_resumed: bool,
    /// What it changes beside its own payment was brought back from the shelves, if it was there.
    pub(crate) is_fetched: bool,
    /// How long the leg that follows is held back, microseconds, to keep its account cool.
    pub(crate) delay_us: u64,
    /// Who is answered once the change is known, or is known to change nothing.
    pub(crate) reply: Option<Box<PendingReply>>,
}

impl Change {
    pub(crate) const fn event(key: u128, event: Event) -> Self {
        Self {
            key,
            cause: Cause::Event(event),
            evidence: None,
            serial: None,
            answer: None,
            flight: None,
            link: LinkNumber::NONE,
            route: None,
            is_resumed: false,
            is_fetched: false,
            delay_us: 0,
            reply: None,
        }
    }

    /// What is found out about a payment that was under way when the node stopped.
    pub(crate) const fn resumed(key: u128, event: Event) -> Self {
        let mut change = Self::event(key, event);
        change.is_resumed = true;
        change
    }
}

/// A message that the change makes the switch send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing {
    pub(crate) role: Role,
    pub(crate) party: Party,
    pub(crate) draft: DraftId,
}

/// At most the final receipt and two notices, or one message of another kind.
pub(crate) const OUTGOING_MAX: usize = 4;

/// A change whose outcome is computed and whose messages are drafted; it waits for the signatures.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) change: Change,
    /// The after-image that this change builds on; none for a payment that begins.
    pub(crate) before: Option<Payment>,
    pub(crate) next: Payment,
    pub(crate) effects: Effects,
    /// What it brings to its register, when that may change.
    pub(crate) facts: Option<Box<Facts>>,
    pub(crate) outgoing: [Option<Outgoing>; OUTGOING_MAX],
}

impl Prepared {
    /// The draft of the message in `role` for `party`.
    pub(crate) fn draft(&self, role: Role, party: Party) -> Option<DraftId> {
        self.outgoing
            .iter()
            .flatten()
            .find(|outgoing| outgoing.role == role && outgoing.party == party)
            .map(|outgoing| outgoing.draft)
    }

    pub(crate) fn add(&mut self, outgoing: Outgoing) {
        let free = self.outgoing.iter_mut().find(|slot| slot.is_none());
        debug_assert!(free.is_some(), "a change sends at most {OUTGOING_MAX} messages");
        if let Some(free) = free {
            *free = Some(outgoing);
        }
    }
}
